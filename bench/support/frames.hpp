// SPDX-License-Identifier: BSD-3-Clause
// bench/support: the frames of a case, as its gateway receives them, and the addresses in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "culvert/net/address.hpp"
#include "culvert/net/endian.hpp"

#include "support/cases.hpp"

namespace culvert::bench {

using Bytes = std::vector<std::byte>;

inline constexpr MacAddress gateway_mac{{2, 0, 0, 0, 0, 1}};
inline constexpr MacAddress peer_mac{{2, 0, 0, 0, 0, 2}};

/// Tunnels: from here, to the remote endpoint of that number, with its key.
inline constexpr Ipv4Address local = Ipv4Address::from_host(0x0a000001);
[[nodiscard]] Ipv4Address remote(std::uint32_t number);
[[nodiscard]] be32 key(std::uint32_t number);

/// Destinations, each with a route of its own (/24 or /64), which leads into the tunnel of that
/// number if there are any.
[[nodiscard]] Ipv4Address host(std::uint32_t number);
[[nodiscard]] Ipv6Address host6(std::uint32_t number);
/// Where packets go that come out of tunnels.
inline constexpr Ipv4Address behind = Ipv4Address::from_host(0x1e000001);
inline constexpr Ipv6Address behind6{{0x20, 0x02}};

/// At least 4096, of 64 bytes each or as small as they can be; at random over what the case has.
[[nodiscard]] std::vector<Bytes> frames_of(const Case& one);

}  // namespace culvert::bench
