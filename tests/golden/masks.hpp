// SPDX-License-Identifier: BSD-3-Clause
// tests/golden: what the comparison with the captures leaves out, each with its reason. All of it
// stands in masks.cpp; everything else must be the same, bit by bit.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "golden/captures.hpp"

namespace culvert::test {

/// Bits of expected frames.
struct Mask {
  std::string_view capture;  ///< its name, or a part of it from the start; empty: all
  Direction direction;
  bool (*when)(const Bytes& expected);  ///< frames that it is about; null: all
  std::size_t offset;                   ///< in the frame
  std::size_t length;
  std::byte bits;  ///< of each of these bytes
  std::string_view reason;
};
[[nodiscard]] std::span<const Mask> masks();

/// Whole frames.
struct Omission {
  enum class List { received, expected };
  std::string_view capture;
  std::string_view node;  ///< its outer address
  Direction direction;
  List list;
  std::vector<std::size_t> frames;  ///< from 0, rising; empty: all
  std::string_view reason;
};
[[nodiscard]] std::span<const Omission> omissions();

[[nodiscard]] bool applies(const Mask& mask, const Capture& capture, Direction direction,
                           const Bytes& expected);
[[nodiscard]] bool applies(const Omission& omission, const Capture& capture, Direction direction);

/// The bits of each byte that count.
[[nodiscard]] Bytes counting_bits(const Capture& capture, Direction direction,
                                  const Bytes& expected);
/// The comparison.
[[nodiscard]] bool same(const Bytes& actual, const Bytes& expected, const Bytes& counting);

/// The flow without what is omitted.
[[nodiscard]] Flow without_omissions(const Capture& capture, Direction direction, const Flow& flow);

}  // namespace culvert::test
