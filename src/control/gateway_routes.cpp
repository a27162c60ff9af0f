// SPDX-License-Identifier: BSD-3-Clause
// `route add|replace|del|get`.
#include <algorithm>
#include <system_error>

#include <nlohmann/json.hpp>

#include "culvert/control/gateway.hpp"
#include "culvert/control/show.hpp"

namespace culvert {
namespace {

constexpr std::uint32_t default_ipv6_metric = 1024;  // as Linux's

[[noreturn]] void refuse(const std::string& message) {
  throw CommandError(2, message);
}

template <typename Address>
std::optional<Address> address_of(const std::optional<IpAddress>& address) {
  if (!address) {
    return std::nullopt;
  }
  if (!std::holds_alternative<Address>(*address)) {
    refuse("Error: a next hop of another address family is not supported.");
  }
  return std::get<Address>(*address);
}

template <typename Address>
bool fits(const Route<Address>& route, const RouteSpec& spec, const Link* dev) {
  return (!spec.dev || (dev != nullptr && route.dev == dev->index)) &&
         (!spec.metric || route.metric == *spec.metric) &&
         (!spec.via || route.gateway == std::get<Address>(*spec.via)) &&
         (spec.type == RouteType::unicast || route.type == spec.type);
}

/// The route that packets to `gateway` would take, if that is one without a gateway of its own.
template <typename Address>
const Route<Address>* connected_route(const Rib<Address>& rib, const Address& gateway, int dev) {
  const auto connects = [dev](const Route<Address>& route) {
    return route.type == RouteType::unicast && !route.gateway && (dev == 0 || route.dev == dev);
  };
  const auto* const entry = rib.match(gateway, Address::bits, [&](const RibNode<Address>& node) {
    return std::ranges::any_of(node.routes, connects);
  });
  return entry == nullptr ? nullptr : &*std::ranges::find_if(entry->second.routes, connects);
}

/// What no gateway can be, in Linux's words.
void check_gateway(Ipv4Address gateway, Ownership ownership, int, bool onlink) {
  // An address of our own passes, without onlink; packets then find nobody there.
  if (gateway.is_any() || gateway.is_multicast() || ownership == Ownership::broadcast ||
      (onlink && ownership == Ownership::local)) {
    refuse("Error: Nexthop has invalid gateway.");
  }
}
void check_gateway(const Ipv6Address& gateway, Ownership ownership, int dev, bool) {
  if (gateway.is_any() || gateway.is_multicast()) {
    refuse("Error: Invalid gateway address.");
  }
  if (ownership == Ownership::local) {
    refuse("Error: Gateway can not be a local address.");
  }
  if (gateway.is_link_local() && dev == 0) {
    refuse("Error: Egress device not specified.");
  }
}

}  // namespace

Listing Gateway::run(const RouteAdd& command) {
  std::visit([&](const auto& prefix) { add_route(prefix, command.spec, false); },
             command.spec.prefix);
  refresh_customer_edges();
  return {};
}

Listing Gateway::run(const RouteReplace& command) {
  std::visit([&](const auto& prefix) { add_route(prefix, command.spec, true); },
             command.spec.prefix);
  refresh_customer_edges();
  return {};
}

Listing Gateway::run(const RouteDel& command) {
  std::visit([&](const auto& prefix) { del_route(prefix, command.spec); }, command.spec.prefix);
  refresh_customer_edges();
  return {};
}

template <typename Address>
int Gateway::gateway_device(const Address& gateway, int dev, bool onlink) {
  const auto* const own = resolver_.rib<Address>().find(Prefix<Address>::host(gateway));
  check_gateway(gateway, own != nullptr ? own->ownership() : Ownership::none, dev, onlink);
  if constexpr (std::is_same_v<Address, Ipv6Address>) {
    if (gateway.is_link_local()) {
      return dev;
    }
  }
  if (onlink) {
    if (dev == 0) {
      refuse("Error: Nexthop device required for onlink.");
    }
    return dev;
  }
  const auto* const route = connected_route(resolver_.rib<Address>(), gateway, dev);
  if (route == nullptr) {
    refuse(std::is_same_v<Address, Ipv4Address> ? "Error: Nexthop has invalid gateway."
                                                : "RTNETLINK answers: No route to host");
  }
  return route->dev;
}

template <typename Address>
Route<Address> Gateway::checked_route(const RouteSpec& spec) {
  Route<Address> route;
  route.type = spec.type;
  route.protocol = spec.protocol;
  route.onlink = spec.onlink;
  route.metric =
      spec.metric.value_or(std::is_same_v<Address, Ipv4Address> ? 0U : default_ipv6_metric);
  if (spec.type != RouteType::unicast) {
    return route;
  }
  const Link* dev = spec.dev ? &link_named(*spec.dev) : nullptr;
  if (dev != nullptr && !dev->up) {
    const char* const down =
        spec.via ? "Error: Nexthop has invalid gateway." : "Error: Device for nexthop is not up.";
    refuse(std::is_same_v<Address, Ipv4Address> ? down : "Error: Nexthop device is not up.");
  }
  route.gateway = address_of<Address>(spec.via);
  if (route.gateway) {
    route.dev = gateway_device(*route.gateway, dev == nullptr ? 0 : dev->index, spec.onlink);
  } else if (dev == nullptr) {
    refuse("RTNETLINK answers: No such device");
  } else {
    route.dev = dev->index;
  }
  route.source = address_of<Address>(spec.source);
  if (route.source) {
    const auto own = resolver_.find_route(*route.source);
    if (!own || own->ownership != Ownership::local) {
      refuse(std::is_same_v<Address, Ipv4Address> ? "Error: Invalid prefsrc address."
                                                  : "Error: Invalid source address.");
    }
  }
  return route;
}

template <typename Address>
void Gateway::add_route(const Prefix<Address>& prefix, const RouteSpec& spec, bool replace) {
  const Route<Address> route = checked_route<Address>(spec);
  auto& rib = resolver_.rib<Address>();
  auto& routes = rib.at(prefix).routes;
  const auto before = routes;
  const auto position = std::ranges::lower_bound(routes, route.metric, {}, &Route<Address>::metric);
  const bool exists = position != routes.end() && position->metric == route.metric;
  if (exists && !replace) {
    refuse("RTNETLINK answers: File exists");
  }
  if (exists) {
    *position = route;
  } else {
    routes.insert(position, route);
  }
  try {
    resolver_.prefix_changed(prefix);
  } catch (const std::system_error& error) {
    routes = before;
    rib.remove_if_empty(prefix);
    refuse("RTNETLINK answers: " + error.code().message());
  }
}

template <typename Address>
void Gateway::del_route(const Prefix<Address>& prefix, const RouteSpec& spec) {
  const Link* const dev = spec.dev ? &link_named(*spec.dev) : nullptr;
  RibNode<Address>* const node = resolver_.rib<Address>().find(prefix);
  if (node != nullptr) {
    const auto position = std::ranges::find_if(
        node->routes, [&](const auto& route) { return fits(route, spec, dev); });
    if (position != node->routes.end()) {
      node->routes.erase(position);
      resolver_.prefix_changed(prefix);
      return;
    }
  }
  refuse("RTNETLINK answers: No such process");
}

template <typename Address>
void Gateway::flush_routes(const Link& link) {
  std::vector<Prefix<Address>> prefixes;
  for (const auto& [prefix, node] : resolver_.rib<Address>().nodes()) {
    if (std::ranges::any_of(node.routes, [&](const auto& r) { return r.dev == link.index; })) {
      prefixes.push_back(prefix);
    }
  }
  for (const auto& prefix : prefixes) {
    std::erase_if(resolver_.rib<Address>().find(prefix)->routes,
                  [&](const auto& route) { return route.dev == link.index; });
    resolver_.prefix_changed(prefix);
  }
  refresh_customer_edges();
}

template void Gateway::flush_routes<Ipv4Address>(const Link&);
template void Gateway::flush_routes<Ipv6Address>(const Link&);

Listing Gateway::run(const RouteGet& command) {
  return std::visit(
      [&](const auto& destination) {
        using Address = std::decay_t<decltype(destination)>;
        const auto found = resolver_.find_route(destination);
        if (!found || (found->route != nullptr && found->route->type == RouteType::unreachable)) {
          refuse(!found ? "RTNETLINK answers: Network is unreachable"
                        : "RTNETLINK answers: No route to host");
        }
        if (found->route != nullptr && found->route->type != RouteType::unicast) {
          refuse(found->route->type == RouteType::prohibit ? "RTNETLINK answers: Permission denied"
                                                           : "RTNETLINK answers: Invalid argument");
        }
        // A broadcast goes out by the subnet that it belongs to.
        const Route<Address>* const by =
            found->ownership == Ownership::broadcast
                ? connected_route(resolver_.rib<Address>(), destination, 0)
                : found->route;
        const Link* dev = nullptr;
        std::optional<Address> source;
        if (by != nullptr) {
          dev = links_.find(by->dev);
          source = resolver_.source_address(*by, destination);
        }
        Json element = show_route_get(destination, found->ownership, found->route, dev, source,
                                      command_options_);
        if constexpr (std::is_same_v<Address, Ipv4Address>) {
          if (const auto learned =
                  slow_path_.outer_errors().path_mtus().find(destination, Clock::now())) {
            element["expires"] = learned->left.count();
            element["metrics"] = Json::array({{{"mtu", learned->mtu}}});
          }
        }
        return single(std::move(element));
      },
      command.address);
}

Listing Gateway::run(const RouteFlush& command) {
  if (command.family != Family::ipv6) {  // what is learned is about outer packets, which are IPv4
    slow_path_.outer_errors().path_mtus().clear();
    resolver_.paths_changed(Ipv4Address{}, Ipv4Address{}.filled(0));
  }
  return {};
}

}  // namespace culvert
