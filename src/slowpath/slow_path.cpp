// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/slow_path.hpp"

#include <algorithm>
#include <array>

#include "culvert/dataplane/derive.hpp"
#include "culvert/slowpath/way_back.hpp"

namespace culvert {
namespace {

bool is_ipv4(const rte_mbuf* m) noexcept {
  return header_at<Ipv4Header>(data_of(m)).version() == 4;
}

IpAddress destination_of(const rte_mbuf* m) noexcept {
  if (is_ipv4(m)) {
    return header_at<Ipv4Header>(data_of(m)).destination;
  }
  return header_at<Ipv6Header>(data_of(m)).destination;
}

/// A solicitation or an advertisement (RFC 4861), well-formed or not.
bool is_discovery(rte_mbuf* m) noexcept {
  const auto& ip = header_at<Ipv6Header>(data_of(m));
  if (ip.next_header != ip_protocol::icmpv6 || m->pkt_len == sizeof(Ipv6Header)) {
    return false;
  }
  const std::uint8_t type = header_at<std::uint8_t>(data_of(m) + sizeof(Ipv6Header));
  return type == icmpv6::neighbour_solicitation || type == icmpv6::neighbour_advertisement;
}

}  // namespace

SlowPath::SlowPath(Forwarding& forwarding, Neighbours& neighbours, Host& host, Counters& counters,
                   rte_mempool* pool, std::span<Exchange* const> exchanges,
                   const IcmpLimits& limits)
    : exchanges_(exchanges),
      outbox_(counters, pool, exchanges),
      around_{forwarding, neighbours, host, outbox_},
      arp_(around_),
      discovery_(around_),
      icmp_(around_, limits),
      outer_errors_(forwarding, around_, icmp_),
      keepalives_(around_) {
  neighbours.set_output(this);
}

SlowPath::~SlowPath() {
  around_.neighbours.set_output(nullptr);
}

std::size_t SlowPath::poll(Time now) {
  now_ = now;
  std::array<rte_mbuf*, punts_per_poll> punts;
  // Another worker's turn each time, so that none that is flooded can starve the rest.
  next_worker_ = (next_worker_ + 1) % exchanges_.size();
  unsigned count = 0;
  for (std::size_t i = 0; i < exchanges_.size(); ++i) {
    Exchange& exchange = *exchanges_[(next_worker_ + i) % exchanges_.size()];
    count += exchange.take_punts(punts.data() + count, punts_per_poll - count);
  }
  std::for_each_n(punts.begin(), count, [this](rte_mbuf* m) { handle(m); });
  return count;
}

void SlowPath::tick(Time now) {
  now_ = now;
  around_.neighbours.tick(now);
  outer_errors_.tick(now);
  keepalives_.tick(now);
}

void SlowPath::handle(rte_mbuf* m) {
  switch (facts_of(m).punt) {
    case Punt::arp:
      arp_.receive(m, now_);
      break;
    case Punt::local:
      receive(m);
      break;
    case Punt::resolve:
      resolve(m);
      break;
    case Punt::error:
      icmp_.report(m, facts_of(m).drop, now_);
      break;
    case Punt::pending_error:
      outer_errors_.tell_pending(m, now_);
      break;
  }
}

NextHop SlowPath::route_of(rte_mbuf* m) const noexcept {
  const IpAddress destination = destination_of(m);
  const NextHop& next_hop = std::visit(
      [this](const auto& address) -> const NextHop& { return around_.forwarding.route(address); },
      destination);
  return next_hop.kind == NextHop::Kind::derived
             ? derive(around_.forwarding, next_hop, std::get<Ipv6Address>(destination))
             : next_hop;
}

/// The tables may have changed since the worker looked, so they are asked again. What no longer
/// waits for a MAC goes back: the worker then says what becomes of it.
void SlowPath::resolve(rte_mbuf* m) {
  const NextHop next_hop = route_of(m);
  if (next_hop.kind == NextHop::Kind::connected) {
    const bool derived = next_hop.sit != nullptr;
    const IpAddress destination = derived ? IpAddress{remote_of(next_hop)} : destination_of(m);
    NeighbourEntry* const neighbour =
        around_.neighbours.find_or_learn(next_hop.port, destination, now_);
    if (neighbour == nullptr) {
      outbox_.drop(m, Drop::neighbour_limit);
      return;
    }
    // Entering it should have made a route of its own. Without one (the table is full), a packet
    // sent back would only come again.
    if (neighbour->has_mac() && route_of(m).kind == NextHop::Kind::connected) {
      outbox_.drop(m, Drop::neighbour_limit);
      return;
    }
    hold(*neighbour, m);
    return;
  }
  const bool sent_on =
      next_hop.kind == NextHop::Kind::forward || next_hop.kind == NextHop::Kind::tunnel;
  if (sent_on && next_hop.neighbour != nullptr) {
    hold(static_cast<NeighbourEntry&>(*next_hop.neighbour), m);
  } else {
    outbox_.resume(m);
  }
}

void SlowPath::hold(NeighbourEntry& neighbour, rte_mbuf* m) {
  if (neighbour.has_mac()) {
    outbox_.resume(m);
  } else {
    around_.neighbours.hold(neighbour, m, now_);
  }
}

void SlowPath::receive(rte_mbuf* m) {
  const PacketFacts facts = facts_of(m);
  if (facts.entry != Entry::forward) {
    outbox_.drop(m, Drop::not_handled);  // we talk to ourselves
    return;
  }
  if (!is_ipv4(m)) {
    const Ipv6Address& destination = header_at<Ipv6Header>(data_of(m)).destination;
    if (destination.is_link_local()) {
      if (destination != link_local_towards(around_, m)) {
        outbox_.drop(m, Drop::link_local);
        return;
      }
    }
    if (is_discovery(m)) {
      if (facts.l2 == sizeof(EthernetHeader)) {
        discovery_.receive(m, now_);
      } else {
        discovery_.receive_by_tunnel(m);
      }
      return;
    }
  }
  if (is_ipv4(m) && header_at<Ipv4Header>(data_of(m)).protocol == ip_protocol::gre) {
    keepalives_.receive(m);
    return;
  }
  if (is_outer_error(m)) {
    outer_errors_.receive(m, now_);
    return;
  }
  icmp_.receive(m, now_);
}

void SlowPath::solicit(const NeighbourEntry& neighbour) {
  if (std::holds_alternative<Ipv4Address>(neighbour.address)) {
    arp_.solicit(neighbour);
  } else {
    discovery_.solicit(neighbour);
  }
}

void SlowPath::resume(rte_mbuf* m) {
  outbox_.resume(m);
}

void SlowPath::discard(rte_mbuf* m, Drop reason) {
  icmp_.report(m, reason, now_);
}

}  // namespace culvert
