// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/way_back.hpp"

#include "culvert/dataplane/derive.hpp"

namespace culvert {
namespace {

/// Whether it stood in a frame; else a tunnel brought it.
bool came_by_port(rte_mbuf* m) noexcept {
  return facts_of(m).l2 != 0;
}

std::optional<WayBack> by_port(const Surroundings& around, rte_mbuf* m) {
  const PacketFacts facts = facts_of(m);
  const auto view = around.host.port(facts.port);
  if (!view || facts.l2 != sizeof(EthernetHeader)) {
    return std::nullopt;
  }
  const MacAddress from = header_at<EthernetHeader>(data_of(m) - facts.l2).source;
  if (from.is_group()) {
    return std::nullopt;
  }
  return WayBack{WayBack::ByPort{facts.port, {from, view->mac, be16{ether_type::ipv6}}},
                 view->link_local};
}

std::optional<WayBack> by_tunnel(const Surroundings& around, rte_mbuf* m) {
  const std::uint32_t tunnel = ingress_tunnel(m);
  auto next_hop = around.host.tunnel_hop(tunnel, ether_type::ipv6);
  if (!next_hop) {
    return std::nullopt;
  }
  if (next_hop->kind == NextHop::Kind::derived) {
    next_hop = derive(around.forwarding, *next_hop, header_at<Ipv6Header>(data_of(m)).source);
  }
  // Where the outer packet goes is the worker's to find out.
  if (next_hop->kind != NextHop::Kind::tunnel && next_hop->kind != NextHop::Kind::connected) {
    return std::nullopt;
  }
  return WayBack{*next_hop, around.host.tunnel_link_local(tunnel)};
}

}  // namespace

std::optional<Ipv6Address> link_local_towards(const Surroundings& around, rte_mbuf* m) {
  if (!came_by_port(m)) {
    return around.host.tunnel_link_local(ingress_tunnel(m));
  }
  const auto view = around.host.port(facts_of(m).port);
  return view ? view->link_local : std::nullopt;
}

std::optional<WayBack> way_back(const Surroundings& around, rte_mbuf* m) {
  return came_by_port(m) ? by_port(around, m) : by_tunnel(around, m);
}

void send_back(const Surroundings& around, rte_mbuf* m, std::uint8_t worker, const WayBack& way) {
  if (const auto* const next_hop = std::get_if<NextHop>(&way.by)) {
    around.outbox.send_through(m, *next_hop, worker);
    return;
  }
  if (m->data_off < sizeof(EthernetHeader)) {
    around.outbox.drop(m, Drop::no_headroom);
    return;
  }
  const auto& link = std::get<WayBack::ByPort>(way.by);
  prepend(m, sizeof(EthernetHeader));
  header_at<EthernetHeader>(data_of(m)) = link.header;
  around.outbox.transmit(m, link.port, worker);
}

}  // namespace culvert
