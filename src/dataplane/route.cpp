// SPDX-License-Identifier: BSD-3-Clause
// dataplane: the part of stage 4 that a packet in transit has nothing to do with.
#include "culvert/dataplane/route.hpp"

#include "culvert/dataplane/derive.hpp"

namespace culvert {
namespace {

/// For us, but for none of our tunnels to decapsulate: its sender may be told of that alone. What
/// answers a keepalive is the slow path's.
Verdict refuse_tunnel_packet(Lane& lane, Packet packet, Entry entry) noexcept {
  if (const Tunnel* const asking = find_keepalive(lane, packet); asking != nullptr) {
    set_ingress_tunnel(packet.mbuf, asking->index);
    return to_slow_path(lane, packet, entry, Punt::local);
  }
  const Drop reason = undeliverable(lane, packet);
  return reason == Drop::no_tunnel ? report(lane, packet, entry, reason) : Verdict{reason};
}

}  // namespace

Verdict report(Lane& lane, Packet packet, Entry entry, Drop reason, std::uint16_t mtu) noexcept {
  lane.punt(packet.mbuf, {.punt = Punt::error,
                          .drop = reason,
                          .entry = entry,
                          .port = packet.port,
                          .mtu = mtu,
                          .l2 = packet.l2});
  return Verdict::taken();
}

Verdict to_slow_path(Lane& lane, Packet packet, Entry entry, Punt punt) noexcept {
  lane.punt(packet.mbuf, {.punt = punt, .entry = entry, .port = packet.port, .l2 = packet.l2});
  return Verdict::taken();
}

Verdict route_special(Lane& lane, Packet packet, Entry entry) noexcept {
  if (packet.is_ipv4()) {
    const Ipv4Address destination = packet.ipv4().destination;
    if (destination.is_multicast()) {
      return Drop::multicast;
    }
    if (destination.is_limited_broadcast()) {
      return Drop::broadcast;
    }
    return packet.l2_group ? Verdict{Drop::l2_broadcast} : Verdict::go();
  }
  const Ipv6Header& header = packet.ipv6();
  if (header.destination.is_multicast()) {
    // Neighbour discovery comes this way (RFC 4861); nothing else that we take part in does.
    return header.next_header == ip_protocol::icmpv6 && packet.l2 != 0
               ? to_slow_path(lane, packet, entry, Punt::local)
               : Verdict{Drop::multicast};
  }
  if (header.destination.is_link_local()) {
    return to_slow_path(lane, packet, entry, Punt::local);
  }
  return packet.l2_group ? Verdict{Drop::l2_broadcast} : Verdict::go();
}

Verdict route_other(Lane& lane, Packet packet, const NextHop& next_hop, Entry entry) noexcept {
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

bool take_into_use(Neighbour& neighbour) noexcept {
  std::uint64_t word = neighbour.destination.load(std::memory_order_relaxed);
  const auto state = static_cast<Reachability>(MacWord{word}.extra());
  if (state == Reachability::idle) {
    const MacWord ready{MacWord{word}.mac(), static_cast<std::uint16_t>(Reachability::ready)};
    neighbour.destination.compare_exchange_strong(word, ready.word(), std::memory_order_relaxed);
  }
  return state != Reachability::unresolved;
}

}  // namespace culvert
