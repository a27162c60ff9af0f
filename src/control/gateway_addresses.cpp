// SPDX-License-Identifier: BSD-3-Clause
// `addr add|del`: addresses of ours, and the connected routes and broadcasts that they bring.
#include <algorithm>

#include "culvert/control/gateway.hpp"

namespace culvert {
namespace {

constexpr std::uint32_t connected_ipv6_metric = 256;  // as Linux's

template <typename Address>
InterfaceAddress<Address> interface_address(const AddressSpec& spec) {
  return {std::get<Address>(spec.local), std::get<Address>(spec.peer), spec.length};
}

template <typename Address>
bool has_connected(const Link& link, const Prefix<Address>& prefix) {
  return std::ranges::any_of(link.addresses<Address>(),
                             [&](const auto& address) { return address.prefix() == prefix; });
}

/// An address without a subnet connects nothing.
template <typename Address>
bool connects(const InterfaceAddress<Address>& address) {
  return address.length < Address::bits || address.peer != address.local;
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
  if (std::holds_alternative<Ipv4Address>(command.spec.local)) {
    remove_address(link, interface_address<Ipv4Address>(command.spec));
  } else {
    remove_address(link, interface_address<Ipv6Address>(command.spec));
  }
  return {};
}

template <typename Address>
void Gateway::add_address(Link& link, const InterfaceAddress<Address>& address) {
  auto& addresses = link.addresses<Address>();
  if (std::ranges::any_of(addresses, [&](const auto& other) {
        return other.local == address.local && other.prefix() == address.prefix();
      })) {
    throw CommandError(2, "RTNETLINK answers: File exists");
  }
  if (address.local.is_multicast() || address.local.is_any()) {
    throw CommandError(2, std::is_same_v<Address, Ipv4Address>
                              ? "Error: ipv4: Invalid scope value."
                              : "RTNETLINK answers: Cannot assign requested address");
  }
  const bool first_of_subnet = !has_connected(link, address.prefix());
  addresses.push_back(address);
  own(address, 1U);
  if (link.up && first_of_subnet && connects(address)) {
    connect(link, address.prefix());
  }
  if constexpr (std::is_same_v<Address, Ipv4Address>) {
    terminations_changed(address.local);
    resolver_.all_changed();  // tunnels without a local address may take this one
  }
}

template <typename Address>
void Gateway::remove_address(Link& link, const InterfaceAddress<Address>& address) {
  auto& addresses = link.addresses<Address>();
  const auto position = std::ranges::find_if(addresses, [&](const auto& other) {
    return other.local == address.local && other.prefix() == address.prefix();
  });
  if (position == addresses.end()) {
    throw CommandError(2, "RTNETLINK answers: Cannot assign requested address");
  }
  const InterfaceAddress<Address> gone = *position;
  addresses.erase(position);
  own(gone, ~0U);  // minus one
  if (link.up && connects(gone)) {
    disconnect(link, gone.prefix());
    if (has_connected(link, gone.prefix())) {
      connect(link, gone.prefix());
    }
  }
  if constexpr (std::is_same_v<Address, Ipv4Address>) {
    terminations_changed(gone.local);
    resolver_.all_changed();
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

template <typename Address>
void Gateway::connect(Link& link, const Prefix<Address>& prefix) {
  Route<Address> route;
  route.protocol = RouteProtocol::kernel;
  route.dev = link.index;
  if constexpr (std::is_same_v<Address, Ipv4Address>) {
    for (const auto& address : link.ipv4) {
      if (address.prefix() == prefix && connects(address)) {
        route.source = address.local;
        break;
      }
    }
    if (!route.source) {
      return;
    }
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
template void Gateway::connect(Link&, const Prefix<Ipv4Address>&);
template void Gateway::connect(Link&, const Prefix<Ipv6Address>&);

}  // namespace culvert
