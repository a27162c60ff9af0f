// SPDX-License-Identifier: BSD-3-Clause
// tests/golden: THE table of differences between Linux and Culvert in the captures, each with its
// reason. What is not in it is the same to the byte.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "golden/replay.hpp"

namespace culvert::test {

/// Where a difference applies. Empty members match everything.
struct Where {
  std::string_view captures{};  ///< first characters of their names
  char node = 0;
  Side side = Side::outer;
  bool (*when)(const Bytes& frame) = nullptr;  ///< the frame as Linux, or for additions we, sent it
};

/// Bits that may differ, in an IP header of the frame. The header's checksum must be right for
/// them.
struct Mask {
  Where where;
  std::size_t (*header)(const Bytes& frame);  ///< one of layers.hpp
  std::size_t offset;                         ///< in that header, even
  std::vector<std::uint8_t> bits;             ///< from there on
  std::string_view reason;
};

/// Frames that only Linux sends, or only we.
struct Exception {
  enum class Sender { linux, us };
  Sender sender;
  Where where;
  std::string_view reason;
  std::vector<std::size_t> which{};  ///< of the frames that match, from 0; empty: all
};

[[nodiscard]] std::span<const Mask> masks();
[[nodiscard]] std::span<const Exception> exceptions();

[[nodiscard]] bool applies(const Where& where, const Scene& scene, Side side, const Bytes& frame);

/// `sent` without what `exceptions()` excepts of this sender.
[[nodiscard]] std::vector<Bytes> without_exceptions(Exception::Sender sender, const Scene& scene,
                                                    Side side, const std::vector<Bytes>& sent);

/// `actual` with what the mask covers taken from `expected`, and the checksum adjusted to it.
/// Frames of different lengths, or without that header, are returned as they are.
[[nodiscard]] Bytes masked(const Mask& mask, const Bytes& actual, const Bytes& expected);

/// The same with every mask that applies.
[[nodiscard]] Bytes masked(const Scene& scene, Side side, const Bytes& actual,
                           const Bytes& expected);

/// Of an expected frame, the bits that may differ and that no checksum covers: those in IPv6
/// headers that nothing quotes.
[[nodiscard]] Bytes free_bits(const Scene& scene, Side side, const Bytes& expected);

}  // namespace culvert::test
