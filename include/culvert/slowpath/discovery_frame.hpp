// SPDX-License-Identifier: BSD-3-Clause
// slowpath: neighbour solicitations and advertisements (RFC 4861) as bytes: no state, no mbufs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "culvert/net/headers.hpp"

namespace culvert {

/// What a solicitation or an advertisement says.
struct DiscoveryMessage {
  bool is_solicitation = false;
  bool router = false;
  bool solicited = false;
  bool replace = false;  ///< the override flag
  Ipv6Address source;
  Ipv6Address destination;
  Ipv6Address target;
  std::optional<MacAddress> mac;  ///< from the link-layer address option
};

/// One that we send: always with its link-layer address option.
struct DiscoveryFrame {
  EthernetHeader ethernet;
  Ipv6Header ip;
  NeighbourMessage message;
  LinkLayerOption option;
};
static_assert(sizeof(DiscoveryFrame) == 86 && alignof(DiscoveryFrame) == 1);

/// RFC 4291 section 2.7.1.
[[nodiscard]] Ipv6Address solicited_node(const Ipv6Address& address) noexcept;
/// RFC 2464 section 7: the group MAC of a multicast address.
[[nodiscard]] MacAddress multicast_mac(const Ipv6Address& group) noexcept;

/// `packet` is one IPv6 packet, whole. Empty unless it is one of the two and passes every check of
/// RFC 4861 sections 7.1.1 and 7.1.2.
[[nodiscard]] std::optional<DiscoveryMessage> parse_discovery(
    std::span<const std::byte> packet) noexcept;

/// An advertisement where there are no link-layer addresses.
struct TunnelAdvertisement {
  Ipv6Header ip;
  NeighbourMessage message;
};
static_assert(sizeof(TunnelAdvertisement) == 64 && alignof(TunnelAdvertisement) == 1);

/// Asks `to` for `target`, or, without `to`, everybody who may have it.
[[nodiscard]] DiscoveryFrame make_solicitation(const MacAddress& mac, const Ipv6Address& source,
                                               const Ipv6Address& target,
                                               const std::optional<MacAddress>& to) noexcept;
/// That what `solicitation` asks for is at `mac`, a router; to `to`, unless its source is
/// unspecified: then to all nodes (RFC 4861 section 7.2.4).
[[nodiscard]] DiscoveryFrame make_advertisement(const DiscoveryMessage& solicitation,
                                                const MacAddress& mac,
                                                const MacAddress& to) noexcept;
/// To whoever `solicitation`, which names its source, came from through a tunnel.
[[nodiscard]] TunnelAdvertisement make_tunnel_advertisement(
    const DiscoveryMessage& solicitation) noexcept;

}  // namespace culvert
