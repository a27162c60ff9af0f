// SPDX-License-Identifier: BSD-3-Clause
// slowpath: what an ICMP error shows of an outer packet: no state, no mbufs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "culvert/codec/mode.hpp"
#include "culvert/net/address.hpp"

namespace culvert {

/// An outer packet that is said to have come from here, as far as it is quoted.
struct TunnelQuote {
  Ipv4Address local;   ///< its source
  Ipv4Address remote;  ///< its destination
  TunnelMode mode{};
  std::uint16_t length = 0;          ///< bytes, as its IPv4 header claims
  std::uint16_t payload = 0;         ///< EtherType of the inner packet
  std::uint16_t gre_flags = 0;       ///< host byte order
  std::optional<std::uint32_t> key;  ///< host byte order; empty too where it is not quoted
  std::uint16_t inner = 0;           ///< offset of the inner packet; it may lie beyond the quote

  /// It has a key, which stands behind what is quoted.
  [[nodiscard]] bool lacks_key() const noexcept;
};

/// `quote` is what follows the ICMP header. Empty if that is no start of a tunnel's packet: at
/// least the IPv4 header and 8 bytes (RFC 792), the first of its fragments.
[[nodiscard]] std::optional<TunnelQuote> read_tunnel_quote(
    std::span<const std::byte> quote) noexcept;

/// The quote of an ICMP error that may be followed by something else (RFC 4884): `rest` is the
/// second word of the ICMP header, in host byte order.
[[nodiscard]] std::span<const std::byte> quote_of(std::span<const std::byte> behind_header,
                                                  std::uint32_t rest) noexcept;

/// An inner packet that is quoted far enough to tell its sender of it: its IP header and 8 bytes,
/// or all of it.
[[nodiscard]] bool is_quoted_enough(std::span<const std::byte> inner,
                                    std::uint16_t payload) noexcept;

}  // namespace culvert
