// SPDX-License-Identifier: BSD-3-Clause
// net: explicit congestion notification across tunnels, RFC 6040 in normal mode. No DPDK.
#pragma once

#include <array>
#include <cstdint>

namespace culvert {

/// RFC 3168 section 5: the two low bits of TOS and traffic class.
namespace ecn {
inline constexpr std::uint8_t mask = 0x03;
inline constexpr std::uint8_t not_ect = 0;
inline constexpr std::uint8_t ect1 = 1;
inline constexpr std::uint8_t ect0 = 2;
inline constexpr std::uint8_t ce = 3;
/// What decapsulate() answers where the packet must be dropped.
inline constexpr std::uint8_t drop = 0xff;

/// RFC 6040 section 4.1, normal mode: the outer field is a copy of the inner one, CE too.
[[nodiscard]] constexpr std::uint8_t encapsulate(std::uint8_t dscp, std::uint8_t inner) noexcept {
  return static_cast<std::uint8_t>((dscp & ~mask) | (inner & mask));
}

/// RFC 6040 section 4.2, figure 4: the inner field after decapsulation, or `drop`. Both arguments
/// are TOS bytes of which only the ECN bits count.
[[nodiscard]] constexpr std::uint8_t decapsulate(std::uint8_t outer, std::uint8_t inner) noexcept {
  constexpr std::array<std::uint8_t, 16> table{
      // inner: Not-ECT, ECT(1), ECT(0), CE
      not_ect, ect1, ect0, ce,  // outer Not-ECT
      not_ect, ect1, ect1, ce,  // outer ECT(1)
      not_ect, ect1, ect0, ce,  // outer ECT(0)
      drop,    ce,   ce,   ce,  // outer CE
  };
  return table[static_cast<std::size_t>((outer & mask) * 4U + (inner & mask))];
}
}  // namespace ecn

}  // namespace culvert
