// SPDX-License-Identifier: BSD-3-Clause
// dataplane, stage 4 of 6 (the third is the lookup): what the next hop says is to become of the
// packet. Nothing is written to a packet before every reason to refuse it has been looked at, so
// that an error quotes it as it came.
#pragma once

#include "culvert/dataplane/decapsulate.hpp"
#include "culvert/dataplane/derive.hpp"
#include "culvert/dataplane/options.hpp"
#include "culvert/dataplane/oversize.hpp"

namespace culvert {

/// To the slow path, which tells the sender and counts the drop.
[[nodiscard]] inline Verdict report(Lane& lane, const Packet& packet, Entry entry, Drop reason,
                                    std::uint16_t mtu = 0) noexcept {
  lane.punt(packet.mbuf, {.punt = Punt::error,
                          .drop = reason,
                          .entry = entry,
                          .port = packet.port,
                          .mtu = mtu,
                          .l2 = packet.l2});
  return Verdict::taken();
}

[[nodiscard]] inline Verdict to_slow_path(Lane& lane, const Packet& packet, Entry entry,
                                          Punt punt) noexcept {
  lane.punt(packet.mbuf, {.punt = punt, .entry = entry, .port = packet.port, .l2 = packet.l2});
  return Verdict::taken();
}

/// For us, but for none of our tunnels to decapsulate: its sender may be told of that alone. What
/// answers a keepalive is the slow path's.
[[nodiscard]] inline Verdict refuse_tunnel_packet(Lane& lane, const Packet& packet,
                                                  Entry entry) noexcept {
  if (const Tunnel* const asking = find_keepalive(lane, packet); asking != nullptr) {
    set_ingress_tunnel(packet.mbuf, asking->index);
    return to_slow_path(lane, packet, entry, Punt::local);
  }
  const Drop reason = undeliverable(lane, packet);
  return reason == Drop::no_tunnel ? report(lane, packet, entry, reason) : Verdict{reason};
}

/// Destinations that no route table is asked about.
[[nodiscard]] inline Verdict route_special(Lane& lane, const Packet& packet, Entry entry) noexcept {
  if (packet.is_ipv4()) {
    const Ipv4Address destination = packet.ipv4().destination;
    if (destination.is_multicast()) [[unlikely]] {
      return Drop::multicast;
    }
    if (destination.is_limited_broadcast()) [[unlikely]] {
      return Drop::broadcast;
    }
    return packet.l2_group ? Verdict{Drop::l2_broadcast} : Verdict::go();
  }
  const Ipv6Header& header = packet.ipv6();
  if (header.destination.is_multicast()) [[unlikely]] {
    // Neighbour discovery comes this way (RFC 4861); nothing else that we take part in does.
    return header.next_header == ip_protocol::icmpv6 && packet.l2 != 0
               ? to_slow_path(lane, packet, entry, Punt::local)
               : Verdict{Drop::multicast};
  }
  if (header.destination.is_link_local()) [[unlikely]] {
    return to_slow_path(lane, packet, entry, Punt::local);
  }
  return packet.l2_group ? Verdict{Drop::l2_broadcast} : Verdict::go();
}

/// Every kind of next hop that does not send the packet on.
[[nodiscard]] inline Verdict route_other(Lane& lane, const Packet& packet, const NextHop& next_hop,
                                         Entry entry) noexcept {
  switch (next_hop.kind) {
    case NextHop::Kind::local:
      if (is_tunnel_packet(packet)) {
        return refuse_tunnel_packet(lane, packet, entry);
      }
      return to_slow_path(lane, packet, entry, Punt::local);
    case NextHop::Kind::connected:
      return to_slow_path(lane, packet, entry, Punt::resolve);
    case NextHop::Kind::broadcast:
      return Drop::broadcast;
    case NextHop::Kind::unreachable:
      return report(lane, packet, entry, Drop::unreachable);
    case NextHop::Kind::prohibited:
      return report(lane, packet, entry, Drop::prohibited);
    case NextHop::Kind::blackhole:
      return Drop::blackhole;
    case NextHop::Kind::no_outer_route: {
      TunnelCounters& counters = lane.counters.tunnels[next_hop.tunnel];
      counters.tx_errors.add(1);
      counters.tx_no_route.add(1);
      return report(lane, packet, entry, Drop::no_outer_route);
    }
    case NextHop::Kind::dead_loop: {
      TunnelCounters& counters = lane.counters.tunnels[next_hop.tunnel];
      counters.tx_errors.add(1);
      counters.tx_dead_loop.add(1);
      return Drop::dead_loop;
    }
    case NextHop::Kind::no_remote:
      lane.counters.tunnels[next_hop.tunnel].tx_errors.add(1);
      return report(lane, packet, entry, Drop::no_remote);
    case NextHop::Kind::derived:
      return send_derived(lane, packet, next_hop, entry);
    case NextHop::Kind::none:
    case NextHop::Kind::forward:
    case NextHop::Kind::tunnel:
      break;
  }
  return report(lane, packet, entry, Drop::no_route);
}

[[nodiscard]] inline bool is_sent_on(const NextHop& next_hop) noexcept {
  return next_hop.kind == NextHop::Kind::forward || next_hop.kind == NextHop::Kind::tunnel;
}

/// The MAC is known; an idle neighbour is marked as used (see Reachability).
[[nodiscard]] inline bool is_resolved(Neighbour& neighbour) noexcept {
  std::uint64_t word = neighbour.destination.load(std::memory_order_relaxed);
  const auto state = static_cast<Reachability>(MacWord{word}.extra());
  if (state == Reachability::idle) [[unlikely]] {
    const MacWord ready{MacWord{word}.mac(), static_cast<std::uint16_t>(Reachability::ready)};
    neighbour.destination.compare_exchange_strong(word, ready.word(), std::memory_order_relaxed);
  }
  return state != Reachability::unresolved;
}

/// The worker that has to send the packet: where its numbers are counted, if it gets one.
[[nodiscard]] inline std::uint16_t owner_of_numbers(const Lane& lane,
                                                    const NextHop& next_hop) noexcept {
  const bool numbered = (next_hop.outer.fields & gre_field::sequence) != 0;
  return numbered ? owner_of(next_hop.tunnel, lane.workers()) : lane.worker();
}

/// RFC 1812 section 5.2.1: TTL, then size, then (ours) whether the next hop can be reached at all.
[[nodiscard]] inline Verdict route(Lane& lane, const Packet& packet, const NextHop& next_hop,
                                   Entry entry) noexcept {
  if (!is_sent_on(next_hop)) [[unlikely]] {
    return route_other(lane, packet, next_hop, entry);
  }
  if (next_hop.outer.fields != 0) [[unlikely]] {
    const auto owner = owner_of_numbers(lane, next_hop);
    if (owner != lane.worker()) {
      return hand_over(lane, packet, owner, entry);
    }
  }
  const bool forwarded = entry == Entry::forward;
  if (packet.is_ipv4()) {
    if (forwarded && packet.ipv4().ttl <= 1) [[unlikely]] {
      return report(lane, packet, entry, Drop::ttl_exceeded);
    }
  } else {
    const Ipv6Header& header = packet.ipv6();
    // RFC 4291 sections 2.5.2 and 2.5.6: not forwarded.
    if (forwarded && (header.source.is_link_local() || header.source.is_any())) [[unlikely]] {
      return Drop::link_local;
    }
    if (forwarded && header.hop_limit <= 1) [[unlikely]] {
      return report(lane, packet, entry, Drop::ttl_exceeded);
    }
  }
  if (packet.mbuf->pkt_len > next_hop.mtu) [[unlikely]] {
    if (const Verdict verdict = check_size(lane, packet, next_hop, entry); !verdict.continues()) {
      return verdict;
    }
  }
  if (next_hop.neighbour != nullptr && !is_resolved(*next_hop.neighbour)) [[unlikely]] {
    return to_slow_path(lane, packet, entry, Punt::resolve);
  }
  if (forwarded) {
    if (packet.is_ipv4()) {
      if (has_options(packet)) [[unlikely]] {
        stamp_options(lane, packet, next_hop);
      }
      decrement_ttl(packet.ipv4());
    } else {
      --packet.ipv6().hop_limit;
    }
  }
  return Verdict::go();
}

}  // namespace culvert
