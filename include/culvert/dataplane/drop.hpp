// SPDX-License-Identifier: BSD-3-Clause
// dataplane: why a packet was dropped. One enumerator gives the counter, the name that is shown and
// the row in the documentation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "culvert/codec/layer.hpp"

namespace culvert {

enum class Drop : std::uint8_t {
  none,
  // received frames
  runt,
  other_host,
  ether_type,
  l2_broadcast,
  ip_version,
  ip_header_length,
  ip_total_length,
  ip_checksum,
  martian_source,
  martian_destination,
  ip_options,
  source_route,
  // reassembly
  fragment_length,
  fragment_size,
  fragment_duplicate,
  fragment_overlap,
  fragment_end,
  fragment_count,
  fragment_ecn,
  fragment_displaced,
  fragment_timeout,
  // decapsulation
  no_tunnel,
  truncated,
  gre_version,
  gre_routing,
  gre_reserved,
  gre_checksum,
  gre_checksum_missing,
  gre_sequence,
  gre_sequence_missing,
  gre_protocol,
  payload_protocol,
  spoofed_source,
  foreign_destination,
  ecn,
  nesting,
  // forwarding
  ttl_exceeded,
  no_route,
  unreachable,
  prohibited,
  blackhole,
  multicast,
  broadcast,
  link_local,
  too_big,
  // encapsulation
  no_remote,
  no_outer_route,
  dead_loop,
  no_headroom,
  // neighbours
  held_overflow,
  neighbour_failed,
  neighbour_limit,
  // slow path and resources
  slowpath_full,
  worker_full,
  not_handled,
  foreign_quote,
  no_mbuf,
  tx_full,
  port_down,
  count_,
};

inline constexpr std::size_t drop_count = static_cast<std::size_t>(Drop::count_);

struct DropText {
  std::string_view name;
  std::string_view description;
};

/// Indexed by Drop.
inline constexpr std::array<DropText, drop_count> drop_texts{{
    {"none", "not a drop"},
    {"runt", "frame shorter than its headers"},
    {"other_host", "frame for another MAC address"},
    {"ether_type", "neither IPv4, IPv6 nor ARP"},
    {"l2_broadcast", "unicast packet in a broadcast or multicast frame"},
    {"ip_version", "IP version differs from what the frame or outer header announces"},
    {"ip_header_length", "IPv4 header length below 20 bytes or beyond the packet"},
    {"ip_total_length", "IP length below the header's or beyond what was received"},
    {"ip_checksum", "wrong IPv4 header checksum"},
    {"martian_source", "source address that cannot be one, or is ours"},
    {"martian_destination", "destination address that cannot be one"},
    {"ip_options", "IPv4 option that cannot be right"},
    {"source_route", "source route, which is not followed"},
    {"fragment_length", "fragment whose length is no multiple of 8, or 0"},
    {"fragment_size", "fragment of a packet longer than IPv4 allows"},
    {"fragment_duplicate", "fragment that had come before"},
    {"fragment_overlap", "fragment of a packet whose fragments overlap"},
    {"fragment_end", "fragment of a packet whose fragments disagree where it ends"},
    {"fragment_count", "fragment of a packet in too many fragments"},
    {"fragment_ecn", "fragment of a packet whose ECN fields forbid to join them (RFC 3168)"},
    {"fragment_displaced", "fragment held the longest, displaced by newer ones"},
    {"fragment_timeout", "fragment of a packet of which not all came in time"},
    {"no_tunnel", "tunnel packet for us that no tunnel takes"},
    {"truncated", "tunnel header beyond the packet"},
    {"gre_version", "GRE version other than 0"},
    {"gre_routing", "GRE with the routing bit"},
    {"gre_reserved", "GRE with a reserved bit that forbids to go on"},
    {"gre_checksum", "wrong GRE checksum"},
    {"gre_checksum_missing", "GRE without the checksum that its tunnel asks for"},
    {"gre_sequence", "GRE sequence number that is not behind the last one"},
    {"gre_sequence_missing", "GRE without the sequence number that its tunnel asks for"},
    {"gre_protocol", "GRE payload other than IPv4 and IPv6"},
    {"payload_protocol", "payload that the tunnel's mode does not carry"},
    {"spoofed_source", "inner source that does not belong to the outer one (6rd, 6to4, ISATAP)"},
    {"foreign_destination", "inner destination that does not belong to the outer one (6rd, 6to4)"},
    {"ecn", "congestion marked on a packet that does not support it (RFC 6040)"},
    {"nesting", "tunnels nested too deeply"},
    {"ttl_exceeded", "TTL or hop limit used up"},
    {"no_route", "no route to the destination"},
    {"unreachable", "unreachable route"},
    {"prohibited", "prohibit route"},
    {"blackhole", "blackhole route"},
    {"multicast", "multicast, which is not forwarded"},
    {"broadcast", "broadcast, which is not forwarded"},
    {"link_local", "link-local packet that is not for us"},
    {"too_big", "does not fit the MTU"},
    {"no_remote", "neither next hop nor destination names the tunnel's remote endpoint"},
    {"no_outer_route", "no route to the tunnel's remote endpoint"},
    {"dead_loop", "tunnel routed into itself"},
    {"no_headroom", "no room before the packet for its outer header"},
    {"held_overflow", "oldest packet held for a neighbour, displaced by a newer one"},
    {"neighbour_failed", "neighbour did not answer"},
    {"neighbour_limit", "too many neighbours being resolved"},
    {"slowpath_full", "queue to the control thread full"},
    {"worker_full", "queue to the worker that the packet has to go by full"},
    {"not_handled", "for this gateway itself, which has no use for it"},
    {"foreign_quote", "ICMP error that quotes no tunnel packet of ours"},
    {"no_mbuf", "packet buffers used up"},
    {"tx_full", "transmit queue full"},
    {"port_down", "port down or removed"},
}};
static_assert(!drop_texts.back().name.empty());

[[nodiscard]] constexpr std::string_view name_of(Drop drop) noexcept {
  return drop_texts[static_cast<std::size_t>(drop)].name;
}

[[nodiscard]] constexpr Drop to_drop(Malformed malformed) noexcept {
  switch (malformed) {
    case Malformed::none:
      return Drop::none;
    case Malformed::truncated:
      return Drop::truncated;
    case Malformed::gre_version:
      return Drop::gre_version;
    case Malformed::gre_routing:
      return Drop::gre_routing;
    case Malformed::gre_reserved:
      return Drop::gre_reserved;
    case Malformed::gre_protocol:
      return Drop::gre_protocol;
  }
  return Drop::none;
}

}  // namespace culvert
