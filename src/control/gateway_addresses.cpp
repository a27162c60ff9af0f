// SPDX-License-Identifier: BSD-3-Clause
// `addr add|del`: addresses of ours, and the connected routes and broadcasts that they bring.
#include <algorithm>
#include <iterator>

#include "culvert/control/gateway.hpp"

namespace culvert {
namespace {

constexpr std::uint32_t connected_ipv6_metric = 256;  // as Linux's

template <typename Address>
InterfaceAddress<Address> interface_address(const AddressSpec& spec) {
  return {std::get<Address>(spec.local), std::get<Address>(spec.peer), spec.length,
          spec.broadcast.has_value()};
}

template <typename Address>
bool same(const InterfaceAddress<Address>& a, const InterfaceAddress<Address>& b) {
  return a.local == b.local && a.prefix() == b.prefix();
}

/// The prefixes that an address connects: IPv4, as Linux has it, none for an address alone; IPv6
/// that of the address and that of its peer.
std::vector<Ipv4Prefix> connected_prefixes(const InterfaceAddress<Ipv4Address>& address) {
  if (address.length == Ipv4Address::bits && address.peer == address.local) {
    return {};
  }
  return {address.prefix()};
}
std::vector<Ipv6Prefix> connected_prefixes(const InterfaceAddress<Ipv6Address>& address) {
  const auto own = Ipv6Prefix::of(address.local, address.length);
  return own == address.prefix() ? std::vector{own} : std::vector{own, address.prefix()};
}

template <typename Address>
bool connects(const InterfaceAddress<Address>& address, const Prefix<Address>& prefix) {
  const auto prefixes = connected_prefixes(address);
  return std::ranges::find(prefixes, prefix) != prefixes.end();
}

/// An IPv4 address of the subnet of an earlier one on the link.
bool is_secondary(const std::vector<InterfaceAddress<Ipv4Address>>& addresses,
                  const InterfaceAddress<Ipv4Address>& address) {
  for (const auto& other : addresses) {
    if (same(other, address)) {
      return false;
    }
    if (other.prefix() == address.prefix()) {
      return true;
    }
  }
  return false;
}

/// Linux's order: IPv4 as they come; IPv6 the newest first, link-local ones last.
void enter(std::vector<InterfaceAddress<Ipv4Address>>& addresses,
           const InterfaceAddress<Ipv4Address>& address) {
  addresses.push_back(address);
}
void enter(std::vector<InterfaceAddress<Ipv6Address>>& addresses,
           const InterfaceAddress<Ipv6Address>& address) {
  const auto position = std::ranges::find_if(addresses, [&](const auto& other) {
    return !address.local.is_link_local() || other.local.is_link_local();
  });
  addresses.insert(position, address);
}

void check_new(const std::vector<InterfaceAddress<Ipv4Address>>& addresses,
               const InterfaceAddress<Ipv4Address>& address) {
  if (std::ranges::any_of(addresses, [&](const auto& other) { return same(other, address); })) {
    throw CommandError(2, "RTNETLINK answers: File exists");
  }
  if (address.local.is_multicast() || address.local.is_any()) {
    throw CommandError(2, "Error: ipv4: Invalid scope value.");
  }
}
void check_new(const std::vector<InterfaceAddress<Ipv6Address>>& addresses,
               const InterfaceAddress<Ipv6Address>& address) {
  if (std::ranges::find(addresses, address.local, &InterfaceAddress<Ipv6Address>::local) !=
      addresses.end()) {
    throw CommandError(2, "RTNETLINK answers: File exists");
  }
  if (address.local.is_multicast() || address.local.is_any()) {
    throw CommandError(2, "RTNETLINK answers: Cannot assign requested address");
  }
}

}  // namespace

Listing Gateway::run(const AddressAdd& command) {
  Link& link = link_named(command.spec.dev);
  if (std::holds_alternative<Ipv4Address>(command.spec.local)) {
    add_address(link, interface_address<Ipv4Address>(command.spec));
  } else {
    add_address(link, interface_address<Ipv6Address>(command.spec));
  }
  return {};
}

Listing Gateway::run(const AddressDel& command) {
  Link& link = link_named(command.spec.dev);
  if (std::holds_alternative<Ipv6Address>(command.spec.local)) {
    remove_address(link, interface_address<Ipv6Address>(command.spec));
    return {};
  }
  auto address = interface_address<Ipv4Address>(command.spec);
  if (command.any_length) {
    const auto found =
        std::ranges::find(link.ipv4, address.local, &InterfaceAddress<Ipv4Address>::local);
    address = found == link.ipv4.end() ? address : *found;
  }
  remove_address(link, address);
  return {};
}

template <typename Address>
void Gateway::add_address(Link& link, const InterfaceAddress<Address>& address) {
  auto& addresses = link.addresses<Address>();
  check_new(addresses, address);
  enter(addresses, address);
  own(address, 1U);
  if (link.up) {
    for (const auto& prefix : connected_prefixes(address)) {
      connect(link, prefix);
    }
  }
  if constexpr (std::is_same_v<Address, Ipv4Address>) {
    terminations_changed(address.local);
    resolver_.link_changed(link);  // its next hops name an address of ours on it
    resolver_.all_changed();       // tunnels without a local address may take this one
  } else {
    refresh_sit(link);
  }
}

template <typename Address>
void Gateway::remove_address(Link& link, const InterfaceAddress<Address>& address) {
  auto& addresses = link.addresses<Address>();
  const auto position =
      std::ranges::find_if(addresses, [&](const auto& other) { return same(other, address); });
  if (position == addresses.end()) {
    throw CommandError(2, "RTNETLINK answers: Cannot assign requested address");
  }
  std::vector<InterfaceAddress<Address>> gone{*position};
  if constexpr (std::is_same_v<Address, Ipv4Address>) {
    // Secondary addresses go with the primary one of their subnet, as on Linux.
    if (!is_secondary(addresses, address)) {
      std::ranges::copy_if(addresses, std::back_inserter(gone), [&](const auto& other) {
        return other.prefix() == address.prefix() && !same(other, address);
      });
    }
  }
  for (const auto& each : gone) {
    std::erase_if(addresses, [&](const auto& other) { return same(other, each); });
    own(each, ~0U);  // minus one
    for (const auto& prefix : connected_prefixes(each)) {
      if (std::ranges::none_of(addresses, [&](const auto& a) { return connects(a, prefix); })) {
        disconnect(link, prefix);
      }
    }
  }
  if constexpr (std::is_same_v<Address, Ipv4Address>) {
    if (addresses.empty()) {
      flush_routes<Ipv4Address>(link);  // as Linux: IPv4 ends on this link
    }
    terminations_changed(address.local);
    resolver_.link_changed(link);
    resolver_.all_changed();
  } else {
    refresh_sit(link);
  }
}

template <typename Address>
void Gateway::own(const InterfaceAddress<Address>& address, unsigned change) {
  const auto prefix = Prefix<Address>::host(address.local);
  if constexpr (std::is_same_v<Address, Ipv4Address>) {
    if (address.length < 31) {
      const auto broadcast = Prefix<Address>::host(address.prefix().last());
      resolver_.rib<Address>().at(broadcast).broadcast += change;
      resolver_.prefix_changed(broadcast);
    }
  } else if (address.local.is_link_local()) {
    return;  // told apart by port, on the slow path
  }
  resolver_.rib<Address>().at(prefix).local += change;
  resolver_.prefix_changed(prefix);
}

void Gateway::connect_all(Link& link) {
  for (const auto& address : link.ipv4) {
    for (const auto& prefix : connected_prefixes(address)) {
      connect(link, prefix);
    }
  }
  for (const auto& address : link.ipv6) {
    for (const auto& prefix : connected_prefixes(address)) {
      connect(link, prefix);
    }
  }
}

template <typename Address>
void Gateway::connect(Link& link, const Prefix<Address>& prefix) {
  Route<Address> route;
  route.protocol = RouteProtocol::kernel;
  route.dev = link.index;
  if constexpr (std::is_same_v<Address, Ipv4Address>) {
    route.source = std::ranges::find_if(link.ipv4, [&](const auto& address) {
                     return connects(address, prefix);
                   })->local;
  } else {
    route.metric = connected_ipv6_metric;
  }
  auto& routes = resolver_.rib<Address>().at(prefix).routes;
  if (std::ranges::any_of(routes, [&](const auto& other) {
        return other.protocol == RouteProtocol::kernel && other.dev == link.index;
      })) {
    return;
  }
  // Behind equal ones: the first of two equal connected routes wins, as on Linux.
  const auto behind = std::ranges::upper_bound(routes, route.metric, {}, &Route<Address>::metric);
  routes.insert(behind, route);
  resolver_.prefix_changed(prefix);
}

template <typename Address>
void Gateway::disconnect(Link& link, const Prefix<Address>& prefix) {
  RibNode<Address>* const node = resolver_.rib<Address>().find(prefix);
  if (node != nullptr) {
    std::erase_if(node->routes, [&](const auto& route) {
      return route.protocol == RouteProtocol::kernel && route.dev == link.index;
    });
    resolver_.prefix_changed(prefix);
  }
}

template void Gateway::add_address(Link&, const InterfaceAddress<Ipv4Address>&);
template void Gateway::add_address(Link&, const InterfaceAddress<Ipv6Address>&);
template void Gateway::remove_address(Link&, const InterfaceAddress<Ipv4Address>&);
template void Gateway::remove_address(Link&, const InterfaceAddress<Ipv6Address>&);

}  // namespace culvert
