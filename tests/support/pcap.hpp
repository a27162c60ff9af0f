// SPDX-License-Identifier: BSD-3-Clause
// tests/support: the frames of a capture file.
#pragma once

#include <string>
#include <vector>

#include "support/bytes.hpp"

namespace culvert::test {

/// The frames of golden/captures/NAME.pcap (microseconds, little endian, Ethernet), in order; tests
/// run in the folder tests. Throws std::runtime_error if the file cannot be read to its end.
[[nodiscard]] std::vector<Bytes> read_golden(const std::string& name);

}  // namespace culvert::test
