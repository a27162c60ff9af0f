// SPDX-License-Identifier: BSD-3-Clause
// dataplane, stage 5 of 6: the outer header, from the next hop's template.
#pragma once

#include <cstring>

#include "culvert/dataplane/route.hpp"

namespace culvert {

[[nodiscard]] inline InnerFacts inner_facts(const Packet& packet) noexcept {
  const auto length = static_cast<std::uint16_t>(packet.length);
  if (packet.is_ipv4()) {
    const Ipv4Header& header = packet.ipv4();
    return {length, header.fragment.host(), header.tos, header.ttl};
  }
  const Ipv6Header& header = packet.ipv6();
  return {length, 0, header.traffic_class(), header.hop_limit};
}

/// InnerFacts::sum of a packet. An IPv4 header adds nothing to it: with its checksum it sums to
/// zero.
[[nodiscard]] inline std::uint64_t sum_of(const Packet& packet) noexcept {
  return packet.sum_behind(packet.is_ipv4() ? packet.ipv4().header_length() : 0);
}

/// Where packets of this tunnel failed on their way and no sender could be told: this one's is, as
/// on Linux, although the packet goes on (see PendingErrors).
[[gnu::cold]] void tell_of_pending_error(Lane& lane, Packet packet, std::uint32_t tunnel) noexcept;

/// Puts the next hop's outer header before the packet, whose facts `inner` are. `id`: IPv4
/// identification of the outer packet.
template <bool usual = false>
[[nodiscard]] inline Verdict add_outer_header(TunnelCounters& counters, Packet& packet,
                                              const NextHop& next_hop, InnerFacts inner,
                                              std::uint16_t id) noexcept {
  // The template is copied whole, so there must be room for all of it, and for Ethernet.
  if (packet.mbuf->data_off < RenderedHeader::capacity + sizeof(EthernetHeader)) [[unlikely]] {
    counters.tx_errors.add(1);
    return Drop::no_headroom;
  }
  const RenderedHeader& outer = next_hop.outer;
  std::byte* const data = packet.start;
  std::memcpy(data - RenderedHeader::capacity, outer.bytes.data(), RenderedHeader::capacity);
  const unsigned fields = usual ? outer.fields & gre_field::checksum : outer.fields;
  visit_stack(next_hop.mode, static_cast<std::uint8_t>(fields), [&](auto stack) {
    if constexpr (stack.sums_payload) {
      inner.sum = sum_of(packet);
    }
    stack.fixup(data - outer.length, outer, inner, id);
  });
  packet.prepend(outer.length);
  packet.type = ether_type::ipv4;
  counters.tx_packets.add(1);
  counters.tx_bytes.add(inner.length);
  return Verdict::go();
}

/// One outer header. The packet is no longer than the next hop's whole_mtu().
template <bool usual = false>
[[nodiscard]] inline Verdict encapsulate_once(Lane& lane, Packet& packet,
                                              const NextHop& next_hop) noexcept {
  if (lane.forwarding.pending_errors.any()) [[unlikely]] {
    tell_of_pending_error(lane, packet, next_hop.tunnel);
  }
  InnerFacts inner = inner_facts(packet);
  if constexpr (!usual) {
    if (next_hop.tcp_mss != 0) {
      clamp_entering(packet, next_hop);
    }
    if ((next_hop.outer.fields & gre_field::sequence) != 0) {
      inner.sequence = lane.counters.sequences[next_hop.tunnel].take_next();
    }
  }
  return add_outer_header<usual>(lane.counters.tunnels[next_hop.tunnel], packet, next_hop, inner,
                                 lane.next_id());
}

/// Through `next_hop` if that is a tunnel, and through every tunnel that its outer packet enters;
/// on return `next_hop` is the one whose neighbour gets the frame.
template <bool usual = false>
[[nodiscard]] inline Verdict encapsulate(Lane& lane, Packet& packet,
                                         const NextHop*& next_hop) noexcept {
  for (unsigned depth = 0;; ++depth) {
    if (packet.length > next_hop->mtu) [[unlikely]] {
      return send_in_pieces(lane, packet, *next_hop, depth);
    }
    if (next_hop->kind != NextHop::Kind::tunnel) {
      return Verdict::go();
    }
    if (depth == max_nesting) {
      return Drop::nesting;
    }
    const Verdict verdict = encapsulate_once<usual>(lane, packet, *next_hop);
    if (usual || !verdict.continues() || next_hop->neighbour != nullptr) {
      return verdict;
    }
    // A tunnel in a tunnel: the outer packet is now the inner one, and a packet that we send.
    packet.l2 = 0;
    next_hop = &lane.forwarding.next_hops[next_hop->next];
    if (const Verdict routed = route(lane, packet, *next_hop, Entry::output); !routed.continues()) {
      return routed;
    }
  }
}

}  // namespace culvert
