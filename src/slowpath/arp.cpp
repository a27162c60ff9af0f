// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/arp.hpp"

#include <algorithm>

namespace culvert {
namespace {

// Of several answers that follow one another, the first one counts (Linux's locktime): the others
// are proxies, or worse.
constexpr std::chrono::seconds lock_time{1};

std::uint16_t egress(const Neighbour& neighbour) noexcept {
  return MacWord{neighbour.source.load(std::memory_order_relaxed)}.extra();
}

/// Packets that this next hop takes leave by another port than `port`.
bool leaves_elsewhere(const NextHop& next_hop, std::uint16_t port) noexcept {
  switch (next_hop.kind) {
    case NextHop::Kind::forward:
      return egress(*next_hop.neighbour) != port;
    case NextHop::Kind::connected:
      return next_hop.port != port;
    case NextHop::Kind::tunnel:
    case NextHop::Kind::no_outer_route:
    case NextHop::Kind::dead_loop:
    case NextHop::Kind::no_remote:
    case NextHop::Kind::derived:
      return true;  // a tunnel is an interface of its own, also while it leads nowhere
    case NextHop::Kind::none:
    case NextHop::Kind::local:
    case NextHop::Kind::broadcast:
    case NextHop::Kind::unreachable:
    case NextHop::Kind::prohibited:
    case NextHop::Kind::blackhole:
      break;
  }
  return false;
}

}  // namespace

void Arp::receive(rte_mbuf* m, Time now) {
  std::array<std::byte, sizeof(ArpFrame)> copy;
  const std::size_t length = std::min<std::size_t>(m->pkt_len, copy.size());
  const auto* const bytes = static_cast<const std::byte*>(
      rte_pktmbuf_read(m, 0, static_cast<std::uint32_t>(length), copy.data()));
  const std::uint16_t port = facts_of(m).port;
  const auto view = around_.host.port(port);
  if (!view) {
    around_.outbox.drop(m, Drop::port_down);
    return;
  }
  const auto frame = parse_arp({bytes, length});
  around_.outbox.conclude(m, frame ? handle(*frame, port, *view, now) : Drop::not_handled);
}

Drop Arp::handle(const ArpFrame& frame, std::uint16_t port, const PortView& view, Time now) {
  if (frame.arp.sender_mac == view.mac || frame.ethernet.source == view.mac) {
    return Drop::not_handled;  // our own, looped back
  }
  if (!frame.is_probe() && !is_host(frame.arp.sender)) {
    return Drop::not_handled;  // above all: somebody else has an address of ours
  }
  if (frame.is_probe()) {  // not about what we stand proxy for
    return around_.forwarding.is_own(frame.arp.target) ? answer(frame, port, view)
                                                       : Drop::not_handled;
  }
  if (frame.is_request() && !frame.is_gratuitous() && answers_for(frame.arp.target, port, view)) {
    // RFC 826: who asks will be sent to. A full table is no reason to be silent.
    NeighbourEntry* const neighbour = around_.neighbours.find_or_learn(port, frame.arp.sender, now);
    if (neighbour != nullptr) {
      around_.neighbours.update(*neighbour, {.mac = frame.arp.sender_mac}, now);
    }
    return answer(frame, port, view);
  }
  return learn(frame, port, now);
}

Drop Arp::answer(const ArpFrame& request, std::uint16_t port, const PortView& view) {
  const ArpFrame reply = make_arp_reply(request, view.mac);
  return around_.outbox.transmit(std::as_bytes(std::span{&reply, 1}), port) ? Drop::none
                                                                            : Drop::no_mbuf;
}

/// What was not asked of us changes only what is there already.
Drop Arp::learn(const ArpFrame& frame, std::uint16_t port, Time now) {
  NeighbourEntry* const neighbour = around_.neighbours.find(port, frame.arp.sender);
  if (neighbour == nullptr) {
    return Drop::not_handled;
  }
  const bool to_us = !frame.ethernet.destination.is_group();
  around_.neighbours.update(
      *neighbour,
      {.mac = frame.arp.sender_mac,
       .reachable = !frame.is_request() && to_us,
       .replace = frame.is_gratuitous() || now - neighbour->updated > lock_time},
      now);
  return Drop::none;
}

bool Arp::is_host(Ipv4Address sender) const noexcept {
  const NextHop::Kind kind = around_.forwarding.route(sender).kind;
  return kind != NextHop::Kind::local && kind != NextHop::Kind::broadcast;
}

bool Arp::answers_for(Ipv4Address target, std::uint16_t port, const PortView& view) const noexcept {
  const NextHop& next_hop = around_.forwarding.route(target);
  return next_hop.kind == NextHop::Kind::local ||
         (view.proxy_arp && leaves_elsewhere(next_hop, port));
}

void Arp::solicit(const NeighbourEntry& neighbour) {
  const auto target = std::get<Ipv4Address>(neighbour.address);
  const auto view = around_.host.port(neighbour.port);
  const auto source = around_.host.source_on(neighbour.port, target);
  if (!view || !source) {
    return;  // the entry fails in its time
  }
  const MacAddress to = neighbour.has_mac() ? neighbour.mac : broadcast_mac;
  const ArpFrame request = make_arp_request(view->mac, *source, to, target);
  (void)around_.outbox.transmit(std::as_bytes(std::span{&request, 1}), neighbour.port);
}

}  // namespace culvert
