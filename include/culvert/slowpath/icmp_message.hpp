// SPDX-License-Identifier: BSD-3-Clause
// slowpath: ICMP errors of both families (RFC 792, 1122, 1812, 4443) as bytes: no state, no mbufs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "culvert/dataplane/drop.hpp"
#include "culvert/net/headers.hpp"

namespace culvert {

/// RFC 1812 section 4.3.2.3, and RFC 4443 section 2.4 c: bytes of a whole error packet.
inline constexpr std::size_t icmp_error_size = 576;
inline constexpr std::size_t icmpv6_error_size = Ipv6Header::minimum_mtu;

struct IcmpError {
  std::uint8_t type;
  std::uint8_t code;
  std::uint32_t rest = 0;  ///< the MTU, or a pointer into the packet

  /// RFC 1191 and RFC 8201: how senders learn of the path's MTU.
  [[nodiscard]] bool is_ipv4_too_big() const noexcept {
    return type == icmp::unreachable && code == icmp::code_fragmentation_needed;
  }
  [[nodiscard]] bool is_ipv6_too_big() const noexcept { return type == icmpv6::packet_too_big; }
  friend bool operator==(const IcmpError&, const IcmpError&) = default;
};

/// What the sender of an IPv4 or IPv6 packet is told about its drop; empty: nothing. `mtu` in
/// bytes; with Drop::ip_options, the offset of the wrong one.
[[nodiscard]] std::optional<IcmpError> icmp_error_for(Drop drop, std::uint16_t mtu) noexcept;
[[nodiscard]] std::optional<IcmpError> icmpv6_error_for(Drop drop, std::uint16_t mtu) noexcept;

/// The packet, of which `start` are the first bytes, is one of those about which an error may be
/// sent at all: RFC 1122 section 3.2.2, RFC 4443 section 2.4 e.
[[nodiscard]] bool may_be_reported(std::span<const std::byte> start) noexcept;

/// The whole IP packet of an error, from `source` to the source of the packet whose first bytes are
/// `original`; quotes as much of them as is allowed and fits. `out` takes the headers at least.
/// Returns its length.
[[nodiscard]] std::size_t write_icmp_error(std::span<std::byte> out, const IcmpError& error,
                                           Ipv4Address source, std::uint16_t id,
                                           std::span<const std::byte> original) noexcept;
[[nodiscard]] std::size_t write_icmpv6_error(std::span<std::byte> out, const IcmpError& error,
                                             const Ipv6Address& source,
                                             std::span<const std::byte> original) noexcept;

}  // namespace culvert
