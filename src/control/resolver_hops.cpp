// SPDX-License-Identifier: BSD-3-Clause
// What routes point at, rendered; resolver.cpp enters it into the tables.
#include <algorithm>
#include <vector>

#include "culvert/codec/modes.hpp"
#include "culvert/control/resolver.hpp"

namespace culvert {
namespace {

std::uint16_t to_mtu(unsigned bytes) noexcept {
  return static_cast<std::uint16_t>(std::min(bytes, 65535U));
}

OuterParameters outer_parameters(const TunnelParameters& tunnel, Family payload) {
  OuterParameters outer;
  outer.local = tunnel.local;
  outer.remote = tunnel.remote;
  outer.ttl = tunnel.ttl;
  outer.tos = tunnel.tos;
  outer.inherit_tos = (tunnel.tos & 1U) != 0;
  outer.pmtudisc = tunnel.pmtudisc;
  if (tunnel.output_key) {
    outer.key = be32{*tunnel.output_key};
  }
  outer.fields = tunnel.output_fields;
  outer.payload = payload == Family::ipv4 ? ether_type::ipv4 : ether_type::ipv6;
  return outer;
}

/// What a SYN may announce: segments of that many bytes fit, behind headers without options.
std::uint16_t mss_limit(std::uint16_t option, std::uint16_t mtu, Family payload) {
  if (option != tcp_mss_option::pmtu) {
    return option;
  }
  const std::size_t headers =
      sizeof(TcpHeader) + (payload == Family::ipv4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header));
  return mtu > headers ? static_cast<std::uint16_t>(mtu - headers) : std::uint16_t{0};
}

RenderedHeader render_header(TunnelMode mode, const OuterParameters& outer) {
  return visit_mode(mode, [&](auto m) { return decltype(m)::Stack::render(outer); });
}

}  // namespace

unsigned tunnel_overhead(const TunnelParameters& tunnel) {
  const OuterParameters outer = outer_parameters(tunnel, Family::ipv4);
  return visit_mode(tunnel.mode,
                    [&](auto m) { return static_cast<unsigned>(decltype(m)::Stack::size(outer)); });
}

Hop& Resolver::acquire(const HopKey& key) {
  const auto [position, fresh] = hops_.try_emplace(key);
  Hop& hop = position->second;
  ++hop.users;
  if (fresh) {
    hop.key = &position->first;
    try {
      // The number first: rendering may come back here for the same next hop.
      hop.id = forwarding_.next_hops.create(NextHop{});
      by_id_[hop.id] = &hop;
      forwarding_.next_hops.replace(hop.id, render(hop));
    } catch (...) {
      release(hop);
      throw;
    }
  }
  return hop;
}

void Resolver::release(Hop& hop) {
  if (--hop.users != 0) {
    return;
  }
  set_end(hop, std::nullopt);
  set_dependence(hop, nullptr, nullptr);
  if (hop.id != no_next_hop) {
    by_id_.erase(hop.id);
    forwarding_.next_hops.destroy(hop.id);
  }
  hops_.erase(*hop.key);
}

void Resolver::set_end(Hop& hop, const std::optional<OuterEnd>& end) {
  if (hop.end == end) {
    return;
  }
  if (hop.end) {
    by_end_.erase({*hop.end, *hop.key});
  }
  hop.end = end;
  if (end) {
    by_end_.emplace(*end, *hop.key);
  }
}

void Resolver::set_dependence(Hop& hop, NeighbourEntry* neighbour, Hop* next) {
  // The new ones are held already.
  NeighbourEntry* const old_neighbour = std::exchange(hop.neighbour, neighbour);
  Hop* const old_next = std::exchange(hop.next, next);
  if (old_next != nullptr) {
    old_next->inner.erase(hop.key);
    release(*old_next);
  }
  if (next != nullptr) {
    next->inner.insert(hop.key);
  }
  if (old_neighbour != nullptr) {
    neighbours_.release(*old_neighbour);
  }
}

void Resolver::render_again(Hop& hop) {
  forwarding_.next_hops.replace(hop.id, render(hop));
  // What is sent through it depends on its MTU and on whether it leads anywhere. A loop of tunnels
  // ends here, since it is rendered as a dead loop, which depends on nothing.
  const std::vector<const HopKey*> inner(hop.inner.begin(), hop.inner.end());
  for (const HopKey* key : inner) {
    if (const auto other = hops_.find(*key); other != hops_.end()) {
      render_again(other->second);
    }
  }
}

NextHop Resolver::render(Hop& hop) {
  const Link& link = *links_.find(hop.key->dev);
  NextHop result = link.is_port() ? render_port(hop, link) : render_tunnel(hop, link);
  // RFC 1812 section 4.2.2.2; without one on this link another one stands for the router.
  const auto* const near =
      hop.key->gateway ? std::get_if<Ipv4Address>(&*hop.key->gateway) : nullptr;
  result.own = address_on<Ipv4Address>(&link, near == nullptr ? Ipv4Address{} : *near)
                   .value_or(Ipv4Address{});
  return result;
}

NextHop Resolver::render_port(Hop& hop, const Link& link) {
  NextHop result;
  result.port = link.port->index();
  result.mtu = to_mtu(link.mtu);
  if (!hop.key->gateway) {
    result.kind = NextHop::Kind::connected;
    return result;
  }
  result.kind = NextHop::Kind::forward;
  if (hop.key->adjacent) {
    result.neighbour = neighbours_.find(result.port, *hop.key->gateway);
  } else {
    NeighbourEntry& neighbour = neighbours_.acquire(result.port, *hop.key->gateway);
    result.neighbour = &neighbour;
    set_dependence(hop, &neighbour, nullptr);
  }
  return result;
}

std::optional<Ipv4Address> Resolver::remote_of(const Link& link, const HopKey& key) {
  const auto* const v6 = key.gateway ? std::get_if<Ipv6Address>(&*key.gateway) : nullptr;
  if (link.tunnel.isatap) {  // as on Linux, also where it has a remote
    return v6 == nullptr ? std::nullopt : isatap_endpoint(*v6);
  }
  if (!link.tunnel.remote.is_any()) {
    return link.tunnel.remote;
  }
  if (!key.gateway) {
    return std::nullopt;
  }
  if (const auto outer = link.outer_neighbours.find(*key.gateway);
      outer != link.outer_neighbours.end()) {
    return outer->second;
  }
  return v6 == nullptr ? std::get<Ipv4Address>(*key.gateway) : compatible_endpoint(*v6);
}

std::vector<Ipv4Address> Resolver::relays(const Link& tunnel) const {
  std::vector<Ipv4Address> result;
  const HopKey first{tunnel.index, Family::any, std::nullopt, false};
  for (auto hop = hops_.lower_bound(first); hop != hops_.end() && hop->first.dev == tunnel.index;
       ++hop) {
    const auto& gateway = hop->first.gateway;
    if (const auto* const v6 = gateway ? std::get_if<Ipv6Address>(&*gateway) : nullptr) {
      if (const auto relay = compatible_endpoint(*v6)) {
        result.push_back(*relay);
      }
    }
  }
  return result;  // in order, as the keys are
}

Resolver::Outer Resolver::resolve_outer(Ipv4Address remote, int dev) const {
  Outer outer;
  const auto found = find_route(remote, dev);
  if (!found) {
    return outer;
  }
  if (found->route == nullptr) {
    outer.kind = NextHop::Kind::dead_loop;  // to ourselves
    return outer;
  }
  if (found->route->type == RouteType::unicast) {
    outer.kind = NextHop::Kind::tunnel;
    outer.route = found->route;
    outer.link = links_.find(found->route->dev);
    outer.next = found->route->gateway.value_or(remote);
  }
  return outer;
}

std::optional<unsigned> Resolver::outer_mtu(Ipv4Address remote, int dev) const {
  if (!remote.is_any()) {
    if (const Outer outer = resolve_outer(remote, dev); outer.link != nullptr) {
      return outer.link->mtu;
    }
  }
  const Link* const bound = links_.find(dev);
  return bound == nullptr ? std::nullopt : std::optional{bound->mtu};
}

NextHop Resolver::hop_of(const Link& tunnel, Family payload) {
  Hop& hop = acquire({tunnel.index, payload, std::nullopt, false});
  const NextHop result = forwarding_.next_hops[hop.id];
  release(hop);
  return result;
}

/// Where inner addresses name outer ones, what the next hop says is but for the other packets, and
/// an isatap tunnel looks at nothing else than the next hop, which is the packet's destination
/// where there is no gateway.
NextHop Resolver::render_tunnel(Hop& hop, const Link& link) {
  NextHop result = render_endpoint(hop, link);
  const bool has_gateway = hop.key->gateway.has_value();
  if (link.sit == nullptr || hop.key->payload != Family::ipv6 ||
      (link.sit->isatap && has_gateway)) {
    return result;
  }
  if (result.kind != NextHop::Kind::tunnel) {
    result.outer = render_header(link.tunnel.mode, outer_parameters(link.tunnel, Family::ipv6));
  }
  if (!hop.end) {
    set_end(hop, OuterEnd{derived_remote, link.tunnel.mode, std::nullopt});
  }
  result.otherwise = has_gateway ? result.kind : NextHop::Kind::derived;
  result.kind = NextHop::Kind::derived;
  result.tunnel_mtu = to_mtu(link.mtu);
  result.tcp_mss = mss_limit(link.tunnel.tcp_mss, result.tunnel_mtu, Family::ipv6);
  result.sit = link.sit.get();
  return result;
}

NextHop Resolver::render_endpoint(Hop& hop, const Link& link) {
  NextHop result;
  result.tunnel = link.tunnel_index;
  result.mode = link.tunnel.mode;
  const auto remote = remote_of(link, *hop.key);
  set_end(hop, remote ? std::optional{OuterEnd{*remote, result.mode, link.tunnel.output_key}}
                      : std::nullopt);
  if (!remote) {
    // As Linux: the outer destination would be the inner one, which is routed back into the tunnel.
    set_dependence(hop, nullptr, nullptr);
    result.kind =
        link.tunnel.mode == TunnelMode::sit ? NextHop::Kind::no_remote : NextHop::Kind::dead_loop;
    return result;
  }
  const Outer path = resolve_outer(*remote, link.tunnel.dev);
  result.kind = path.kind;
  if (path.kind != NextHop::Kind::tunnel) {
    set_dependence(hop, nullptr, nullptr);
    return result;
  }
  OuterParameters outer = outer_parameters(link.tunnel, hop.key->payload);
  outer.remote = *remote;
  if (outer.local.is_any()) {
    outer.local = source_address(*path.route, *remote).value_or(Ipv4Address{});
  }
  result.outer = render_header(link.tunnel.mode, outer);
  unsigned path_mtu = path.link->mtu;
  if (path.link->is_port()) {
    NeighbourEntry& neighbour = neighbours_.acquire(path.link->port->index(), path.next);
    result.neighbour = &neighbour;
    set_dependence(hop, &neighbour, nullptr);
  } else {
    std::optional<IpAddress> gateway;
    if (path.route->gateway) {
      gateway = *path.route->gateway;
    }
    Hop& next = acquire({path.link->index, Family::ipv4, gateway, false});
    for (const Hop* at = &next; at != nullptr; at = at->next) {
      if (at == &hop) {
        set_dependence(hop, nullptr, nullptr);
        release(next);
        result.kind = NextHop::Kind::dead_loop;
        return result;
      }
    }
    set_dependence(hop, nullptr, &next);
    result.next = next.id;
    path_mtu = forwarding_.next_hops[next.id].mtu;
  }
  path_mtu = std::min<unsigned>(path_mtu, forwarding_.path_mtus.lookup(*remote));
  set_limits(result, link.mtu, path_mtu, hop.key->payload == Family::ipv6);
  result.tcp_mss = mss_limit(link.tunnel.tcp_mss, result.mtu, hop.key->payload);
  return result;
}

void Resolver::link_changed(const Link& link) {
  const HopKey first{link.index, Family::any, std::nullopt, false};
  std::vector<HopKey> keys;
  for (auto hop = hops_.lower_bound(first); hop != hops_.end() && hop->first.dev == link.index;
       ++hop) {
    keys.push_back(hop->first);
  }
  for (const HopKey& key : keys) {
    if (const auto hop = hops_.find(key); hop != hops_.end()) {
      render_again(hop->second);
    }
  }
}

Tunnel Resolver::termination(const Link& link) const {
  const TunnelParameters& parameters = link.tunnel;
  Tunnel tunnel;
  tunnel.local = parameters.local;
  tunnel.remote = parameters.remote;
  tunnel.mode = parameters.mode;
  tunnel.keyed = parameters.input_key.has_value();
  tunnel.key = be32{parameters.input_key.value_or(0)};
  if (const Link* const bound = links_.find(parameters.dev); bound != nullptr) {
    tunnel.bound_port = bound->port->index();
  }
  tunnel.fields = parameters.input_fields;
  tunnel.keepalive = parameters.keepalive.is_on();
  tunnel.clamps_mss = parameters.tcp_mss != tcp_mss_option::none;
  tunnel.index = link.tunnel_index;
  tunnel.up = link.up;
  tunnel.sit = link.sit.get();
  const auto own = find_route(parameters.local);
  tunnel.local_is_ours = own && own->ownership == Ownership::local;
  return tunnel;
}

}  // namespace culvert
