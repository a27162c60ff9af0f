// SPDX-License-Identifier: BSD-3-Clause
// tests/support: the frames of a capture file.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "support/bytes.hpp"

namespace culvert::test {

struct CapturedFrame {
  std::chrono::microseconds time{};  ///< since 1970
  Bytes bytes{};
};

/// The frames of golden/captures/NAME.pcap (microseconds, little endian, Ethernet), in order; tests
/// run in the folder tests. Throws std::runtime_error if the file cannot be read to its end.
[[nodiscard]] std::vector<CapturedFrame> read_capture(const std::string& name);
/// The same without the times.
[[nodiscard]] std::vector<Bytes> read_golden(const std::string& name);

}  // namespace culvert::test
