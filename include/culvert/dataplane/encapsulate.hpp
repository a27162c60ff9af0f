// SPDX-License-Identifier: BSD-3-Clause
// dataplane, stage 5 of 6: the outer header, from the next hop's template.
#pragma once

#include <cstring>

#include "culvert/dataplane/route.hpp"

namespace culvert {

[[nodiscard]] inline InnerFacts inner_facts(const Packet& packet) noexcept {
  const auto length = static_cast<std::uint16_t>(packet.mbuf->pkt_len);
  if (packet.is_ipv4()) {
    const Ipv4Header& header = packet.ipv4();
    return {length, header.fragment.host(), header.tos, header.ttl};
  }
  const Ipv6Header& header = packet.ipv6();
  return {length, 0, header.traffic_class(), header.hop_limit};
}

/// Where packets of this tunnel failed on their way and no sender could be told: this one's is, as
/// on Linux, although the packet goes on (see PendingErrors).
void tell_of_pending_error(Lane& lane, const Packet& packet, std::uint32_t tunnel) noexcept;

/// One outer header. The packet fits: route() has compared it with the next hop's MTU.
[[nodiscard]] inline Verdict encapsulate_once(Lane& lane, Packet& packet,
                                              const NextHop& next_hop) noexcept {
  TunnelCounters& counters = lane.counters.tunnels[next_hop.tunnel];
  // The template is copied whole, so there must be room for all of it, and for Ethernet.
  if (packet.mbuf->data_off < RenderedHeader::capacity + sizeof(EthernetHeader)) [[unlikely]] {
    counters.tx_errors.add(1);
    return Drop::no_headroom;
  }
  if (lane.forwarding.pending_errors.any()) [[unlikely]] {
    tell_of_pending_error(lane, packet, next_hop.tunnel);
  }
  InnerFacts inner = inner_facts(packet);
  const RenderedHeader& outer = next_hop.outer;
  std::byte* const data = packet.data();
  std::memcpy(data - RenderedHeader::capacity, outer.bytes.data(), RenderedHeader::capacity);
  if ((outer.fields & gre_field::checksum) != 0) [[unlikely]] {
    inner.sum = sum_behind(packet.mbuf, 0);
  }
  if ((outer.fields & gre_field::sequence) != 0) [[unlikely]] {
    inner.sequence = lane.counters.sequences[next_hop.tunnel].take_next();
  }
  visit_stack(next_hop.mode, outer.fields, [&](auto stack) {
    decltype(stack)::fixup(data - outer.length, outer, inner, lane.next_id());
  });
  (void)prepend(packet.mbuf, outer.length);
  packet.type = ether_type::ipv4;
  counters.tx_packets.add(1);
  counters.tx_bytes.add(inner.length);
  return Verdict::go();
}

/// Through `next_hop` if that is a tunnel, and through every tunnel that its outer packet enters;
/// on return `next_hop` is the one whose neighbour gets the frame.
[[nodiscard]] inline Verdict encapsulate(Lane& lane, Packet& packet,
                                         const NextHop*& next_hop) noexcept {
  for (unsigned depth = 0; next_hop->kind == NextHop::Kind::tunnel; ++depth) {
    if (depth == max_nesting) [[unlikely]] {
      return Drop::nesting;
    }
    if (const Verdict verdict = encapsulate_once(lane, packet, *next_hop); !verdict.continues())
        [[unlikely]] {
      return verdict;
    }
    if (next_hop->neighbour != nullptr) [[likely]] {
      return Verdict::go();
    }
    // A tunnel in a tunnel: the outer packet is now the inner one, and a packet that we send.
    packet.l2 = 0;
    next_hop = &lane.forwarding.next_hops[next_hop->next];
    if (const Verdict verdict = route(lane, packet, *next_hop, Entry::output); !verdict.continues())
        [[unlikely]] {
      return verdict;
    }
  }
  return Verdict::go();
}

}  // namespace culvert
