// SPDX-License-Identifier: BSD-3-Clause
// Routes, addresses and neighbours into the route tables; resolver_hops.cpp makes the next hops,
// resolver_lines.cpp says which routes lead anywhere.
#include "culvert/control/resolver.hpp"

#include <algorithm>

namespace culvert {
namespace {

/// The address behind `address`; empty behind the last one.
template <typename Address>
std::optional<Address> successor(Address address) noexcept {
  auto bytes = std::bit_cast<std::array<std::uint8_t, sizeof(Address)>>(address);
  for (std::size_t i = bytes.size(); i-- > 0;) {
    if (++bytes[i] != 0) {
      return std::bit_cast<Address>(bytes);
    }
  }
  return std::nullopt;
}

/// As a source for packets towards `near`: the higher the better, 0 never.
unsigned suitability(const InterfaceAddress<Ipv4Address>& address, Ipv4Address near) noexcept {
  return address.prefix().contains(near) ? 2 : 1;
}
/// Of RFC 6724 section 5 the rules 2, 6 (the label of ::a.b.c.d) and, for what is on link, 8.
unsigned suitability(const InterfaceAddress<Ipv6Address>& address,
                     const Ipv6Address& near) noexcept {
  if (address.local.is_link_local()) {
    return 0;
  }
  if (compatible_endpoint(address.local).has_value() != compatible_endpoint(near).has_value()) {
    return 1;
  }
  return address.prefix().contains(near) ? 3 : 2;
}

/// Moves a queued range on behind `done`, or drops it.
template <typename Queue, typename Address>
void move_behind(Queue& queue, const Address& done) {
  const auto next = successor(done);
  if (next && *next <= queue.front().last) {
    queue.front().next = *next;
  } else {
    queue.pop_front();
  }
}

}  // namespace

Resolver::Resolver(Forwarding& forwarding, Links& links, Neighbours& neighbours)
    : forwarding_(forwarding), links_(links), neighbours_(neighbours) {
  const auto constant = [this](NextHop::Kind kind) {
    NextHop next_hop;
    next_hop.kind = kind;
    return forwarding_.next_hops.create(next_hop);
  };
  local_ = constant(NextHop::Kind::local);
  broadcast_ = constant(NextHop::Kind::broadcast);
  unreachable_ = constant(NextHop::Kind::unreachable);
  prohibited_ = constant(NextHop::Kind::prohibited);
  blackhole_ = constant(NextHop::Kind::blackhole);
}

Resolver::~Resolver() {
  for (auto& [key, hop] : hops_) {
    set_dependence(hop, nullptr, nullptr);
  }
}

template <typename Address>
NextHopId Resolver::wanted(const Prefix<Address>& prefix, const RibNode<Address>& node) {
  if (node.ownership() != Ownership::none) {
    return node.ownership() == Ownership::local ? local_ : broadcast_;
  }
  if (!node.neighbours.empty()) {
    const auto found = find_route(prefix.address);
    if (found && found->route != nullptr && found->route->type == RouteType::unicast &&
        !found->route->gateway &&
        std::ranges::find(node.neighbours, found->route->dev) != node.neighbours.end()) {
      return acquire({found->route->dev, family_of<Address>, prefix.address, true}).id;
    }
  }
  const Route<Address>* const route = best_route(node);
  if (route == nullptr) {
    return no_next_hop;
  }
  switch (route->type) {
    case RouteType::unreachable:
      return unreachable_;
    case RouteType::prohibit:
      return prohibited_;
    case RouteType::blackhole:
      return blackhole_;
    case RouteType::unicast:
      break;
  }
  std::optional<IpAddress> gateway;
  if (route->gateway) {
    gateway = *route->gateway;
  }
  return acquire({route->dev, family_of<Address>, gateway, false}).id;
}

template <typename Address>
void Resolver::owned(const Prefix<Address>& prefix, NextHopId before, NextHopId now) noexcept {
  if ((before == local_) != (now == local_)) {
    if (now == local_) {
      forwarding_.own.add(prefix.address);
    } else {
      forwarding_.own.remove(prefix.address);
    }
  }
}

template <typename Address>
void Resolver::install(const Prefix<Address>& prefix) {
  auto& routes = rib<Address>();
  RibNode<Address>* const node = routes.find(prefix);
  if (node == nullptr) {
    return;
  }
  const NextHopId now = wanted(prefix, *node);  // held by us from here on
  const NextHopId before = node->installed;
  const auto drop = [this](NextHopId id) {
    if (const auto hop = by_id_.find(id); hop != by_id_.end()) {
      release(*hop->second);
    }
  };
  if (now == before) {
    drop(now);
  } else if (now != no_next_hop) {
    try {
      table<Address>().set(prefix, now);
    } catch (...) {
      drop(now);
      throw;
    }
    node->installed = now;
    owned(prefix, before, now);
    drop(before);
  } else {
    std::optional<Cover> cover;
    if (prefix.length != 0) {
      const auto* const covering =
          routes.match(prefix.address, prefix.length - 1,
                       [](const auto& other) { return other.installed != no_next_hop; });
      if (covering != nullptr) {
        cover = Cover{covering->first.length, covering->second.installed};
      }
    }
    table<Address>().clear(prefix, cover);
    node->installed = no_next_hop;
    owned(prefix, before, now);
    drop(before);
  }
  if (node->is_empty()) {
    routes.remove_if_empty(prefix);
  }
}

template <typename Address>
void Resolver::prefix_changed(const Prefix<Address>& prefix) {
  install(prefix);
  family<Address>().changed.push_back({prefix.address, prefix.last()});
  if constexpr (std::is_same_v<Address, Ipv4Address>) {
    paths_changed(prefix.address, prefix.last());
  }
}

void Resolver::all_changed() {
  ipv4_.changed.push_back({Ipv4Address{}, Ipv4Address{}.filled(0)});
  ipv6_.changed.push_back({Ipv6Address{}, Ipv6Address{}.filled(0)});
  paths_changed(Ipv4Address{}, Ipv4Address{}.filled(0));
}

template <typename Address>
void Resolver::reinstall_neighbours(unsigned& budget) {
  auto& own = family<Address>();
  while (!own.changed.empty() && budget != 0) {
    const auto position = own.neighbours.lower_bound(own.changed.front().next);
    if (position == own.neighbours.end() || own.changed.front().last < *position) {
      own.changed.pop_front();
      continue;
    }
    const Address address = *position;
    move_behind(own.changed, address);
    install(Prefix<Address>::host(address));
    --budget;
  }
}

void Resolver::paths_changed(Ipv4Address first, Ipv4Address last) {
  // The same again, before it was its turn, is no more to do.
  if (!changed_remotes_.empty()) {
    const RemoteRange& range = changed_remotes_.back();
    if (range.first == first && range.last == last && !range.done) {
      return;
    }
  }
  changed_remotes_.push_back({first, last, std::nullopt});
}

void Resolver::resolve_remotes(unsigned& budget) {
  while (!changed_remotes_.empty() && budget != 0) {
    RemoteRange& range = changed_remotes_.front();
    const auto position = range.done ? by_end_.upper_bound(*range.done)
                                     : by_end_.lower_bound({OuterEnd{range.first, {}, {}}, {}});
    if (position == by_end_.end() || range.last < position->first.remote) {
      changed_remotes_.pop_front();
      continue;
    }
    // Rendering may change the set: by value from here on.
    range.done = *position;
    if (const auto hop = hops_.find(range.done->second); hop != hops_.end()) {
      render_again(hop->second);
    }
    --budget;
  }
}

bool Resolver::work(unsigned budget) {
  reinstall_lines<Ipv4Address>(budget);
  reinstall_lines<Ipv6Address>(budget);
  reinstall_neighbours<Ipv4Address>(budget);
  reinstall_neighbours<Ipv6Address>(budget);
  resolve_remotes(budget);
  const auto has_more = [](const auto& family) {
    return !family.changed.empty() || !family.lines.empty() || !family.waiting.empty();
  };
  return has_more(ipv4_) || has_more(ipv6_) || !changed_remotes_.empty();
}

template <typename Address>
void Resolver::entered(const Prefix<Address>& prefix, int dev, bool present) {
  auto& node = rib<Address>().at(prefix);
  std::erase(node.neighbours, dev);
  if (present) {
    node.neighbours.push_back(dev);
    family<Address>().neighbours.insert(prefix.address);
  } else if (node.neighbours.empty()) {
    family<Address>().neighbours.erase(prefix.address);
  }
  install(prefix);
}

void Resolver::neighbour_added(int dev, const IpAddress& address) {
  std::visit([&](const auto& a) { entered(Prefix<std::decay_t<decltype(a)>>::host(a), dev, true); },
             address);
}

void Resolver::neighbour_removed(int dev, const IpAddress& address) {
  std::visit(
      [&](const auto& a) { entered(Prefix<std::decay_t<decltype(a)>>::host(a), dev, false); },
      address);
}

template <typename Address>
std::optional<Resolver::Found<Address>> Resolver::find_route(const Address& address,
                                                             int dev) const {
  const auto* const entry = family<Address>().rib.match(
      address, Address::bits, [this, dev](const RibNode<Address>& node) {
        return node.ownership() != Ownership::none || best_route(node, dev) != nullptr;
      });
  if (entry == nullptr) {
    return std::nullopt;
  }
  const auto& [prefix, node] = *entry;
  const bool owned = node.ownership() != Ownership::none;
  return Found<Address>{&prefix, node.ownership(), owned ? nullptr : best_route(node, dev)};
}

template <typename Address>
std::optional<Address> Resolver::address_on(const Link* link, const Address& near) const {
  std::optional<Address> best;
  unsigned best_suits = 0;
  const auto look = [&](const Link& at) {
    for (const auto& address : at.addresses<Address>()) {
      if (const unsigned suits = suitability(address, near); suits > best_suits) {
        best = address.local;
        best_suits = suits;
      }
    }
    return best.has_value();
  };
  if (link != nullptr && look(*link)) {
    return best;
  }
  for (const auto& [index, other] : links_.by_index()) {
    if (other->up && look(*other)) {
      return best;
    }
  }
  return std::nullopt;
}

/// An IPv4 source is one of the gateway's subnet, if there is one; an IPv6 source is chosen by the
/// destination.
template <typename Address>
std::optional<Address> Resolver::source_address(const Route<Address>& route,
                                                const Address& destination) const {
  if (route.source) {
    return route.source;
  }
  const Link* const link = links_.find(route.dev);
  if constexpr (std::is_same_v<Address, Ipv6Address>) {
    return address_on<Address>(link, destination);
  } else {
    return address_on<Address>(link, route.gateway.value_or(destination));
  }
}

template void Resolver::prefix_changed(const Ipv4Prefix&);
template void Resolver::prefix_changed(const Ipv6Prefix&);
template std::optional<Resolver::Found<Ipv4Address>> Resolver::find_route(const Ipv4Address&,
                                                                          int) const;
template std::optional<Resolver::Found<Ipv6Address>> Resolver::find_route(const Ipv6Address&,
                                                                          int) const;
template std::optional<Ipv4Address> Resolver::source_address(const Route<Ipv4Address>&,
                                                             const Ipv4Address&) const;
template std::optional<Ipv6Address> Resolver::source_address(const Route<Ipv6Address>&,
                                                             const Ipv6Address&) const;
template std::optional<Ipv4Address> Resolver::address_on(const Link*, const Ipv4Address&) const;
template std::optional<Ipv6Address> Resolver::address_on(const Link*, const Ipv6Address&) const;

}  // namespace culvert
