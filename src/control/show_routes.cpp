// SPDX-License-Identifier: BSD-3-Clause
// `route show`, `route get`, `neigh show`: elements.
#include "culvert/control/show.hpp"

namespace culvert {
namespace {

/// As `ip` writes a route's destination.
template <typename Address>
std::string destination_text(const Prefix<Address>& prefix) {
  if (prefix.length == 0) {
    return "default";
  }
  return prefix.length == Address::bits ? to_string(prefix.address) : to_string(prefix);
}

const char* type_name(RouteType type) {
  switch (type) {
    case RouteType::unreachable:
      return "unreachable";
    case RouteType::prohibit:
      return "prohibit";
    case RouteType::blackhole:
      return "blackhole";
    case RouteType::unicast:
      break;
  }
  return "unicast";
}

const char* protocol_name(RouteProtocol protocol) {
  switch (protocol) {
    case RouteProtocol::kernel:
      return "kernel";
    case RouteProtocol::fixed:
      return "static";
    case RouteProtocol::boot:
      break;
  }
  return "boot";
}

const char* state_name(NeighbourState state) {
  switch (state) {
    case NeighbourState::reachable:
      return "REACHABLE";
    case NeighbourState::stale:
      return "STALE";
    case NeighbourState::delay:
      return "DELAY";
    case NeighbourState::probe:
      return "PROBE";
    case NeighbourState::failed:
      return "FAILED";
    case NeighbourState::permanent:
      return "PERMANENT";
    case NeighbourState::none:
    case NeighbourState::incomplete:
      break;
  }
  return "INCOMPLETE";
}

template <typename Address>
Json flags_of(const Route<Address>& route, const Links& links) {
  Json flags = Json::array();
  if (route.onlink) {
    flags.push_back("onlink");
  }
  if (const Link* const dev = links.find(route.dev); dev != nullptr && !dev->has_carrier()) {
    flags.push_back("linkdown");
  }
  return flags;
}

template <typename Address>
void add_scope(Json& object, const Route<Address>& route, bool details) {
  if constexpr (std::is_same_v<Address, Ipv4Address>) {
    const bool refuses = route.type != RouteType::unicast;
    if (!route.gateway && !refuses) {
      object["scope"] = "link";
    } else if (details) {
      object["scope"] = "global";
    }
  } else if (details) {
    object["scope"] = "global";
  }
}

}  // namespace

template <typename Address>
Json show_route(const Prefix<Address>& prefix, const Route<Address>& route, const Links& links,
                const RouteShow& command, const CommandOptions& options) {
  constexpr bool ipv6 = std::is_same_v<Address, Ipv6Address>;
  Json object = Json::object();
  if (route.type != RouteType::unicast || options.details) {
    object["type"] = type_name(route.type);
  }
  object["dst"] = destination_text(prefix);
  if (route.gateway && !command.via) {
    object["gateway"] = to_string(*route.gateway);
  }
  if (const Link* const dev = links.find(route.dev); dev != nullptr && !command.dev) {
    object["dev"] = dev->name;
  } else if (ipv6 && dev == nullptr) {
    object["dev"] = "lo";
  }
  if (route.protocol != RouteProtocol::boot || options.details) {
    object["protocol"] = protocol_name(route.protocol);
  }
  add_scope(object, route, options.details);
  if (route.source) {
    object["prefsrc"] = to_string(*route.source);
  }
  if (ipv6 || route.metric != 0) {
    object["metric"] = route.metric;
  }
  object["flags"] = flags_of(route, links);
  if (ipv6) {
    object["pref"] = "medium";
  }
  return object;
}

template Json show_route(const Ipv4Prefix&, const Route<Ipv4Address>&, const Links&,
                         const RouteShow&, const CommandOptions&);
template Json show_route(const Ipv6Prefix&, const Route<Ipv6Address>&, const Links&,
                         const RouteShow&, const CommandOptions&);

template <typename Address>
Json show_route_get(const Address& destination, Ownership ownership, const Route<Address>* route,
                    const Link* dev, const std::optional<Address>& source,
                    const CommandOptions& options) {
  constexpr bool ipv6 = std::is_same_v<Address, Ipv6Address>;
  const bool local = route == nullptr;
  Json object = Json::object();
  if (local) {
    object["type"] = ownership == Ownership::local ? "local" : "broadcast";
  } else if (options.details) {
    object["type"] = "unicast";
  }
  object["dst"] = to_string(destination);
  if (ipv6) {
    object["from"] = "::";
  }
  if (!local && route->gateway) {
    object["gateway"] = to_string(*route->gateway);
  }
  object["dev"] = dev == nullptr ? "lo" : dev->name;
  if (ipv6) {
    if (local || options.details) {
      object["table"] = local ? "local" : "main";
    }
    const RouteProtocol protocol = local ? RouteProtocol::kernel : route->protocol;
    if (protocol != RouteProtocol::boot || options.details) {
      object["protocol"] = protocol_name(protocol);
    }
    if (options.details) {
      object["scope"] = "global";
    }
  } else if (options.details) {
    object["table"] = "main";  // whichever it was, `ip` says so
  }
  if (local || source) {
    object["prefsrc"] = to_string(source.value_or(destination));
  }
  if (ipv6) {
    object["metric"] = local ? 0 : route->metric;
  }
  object["flags"] = Json::array();
  if (ipv6) {
    object["pref"] = "medium";
  } else {
    object["uid"] = 0;
    object["cache"] = local ? Json::array({"local"}) : Json::array();
    if (local && ownership == Ownership::broadcast) {
      object["cache"].push_back("brd");
    }
  }
  return object;
}

template Json show_route_get(const Ipv4Address&, Ownership, const Route<Ipv4Address>*, const Link*,
                             const std::optional<Ipv4Address>&, const CommandOptions&);
template Json show_route_get(const Ipv6Address&, Ownership, const Route<Ipv6Address>*, const Link*,
                             const std::optional<Ipv6Address>&, const CommandOptions&);

Json show_neighbour(const NeighbourEntry& entry, const Link& link, const NeighbourShow& command,
                    const CommandOptions& options, Time now) {
  Json object = Json::object();
  object["dst"] = to_string(entry.address);
  if (!command.dev) {
    object["dev"] = link.name;
  }
  if (entry.has_mac()) {
    object["lladdr"] = to_string(entry.mac);
  }
  if (entry.router) {
    object["router"] = nullptr;
  }
  if (options.statistics) {
    const auto ago = [now](Time then) {
      return std::chrono::duration_cast<std::chrono::seconds>(now - then).count();
    };
    object["used"] = ago(entry.used);
    object["confirmed"] = ago(entry.confirmed);
    object["updated"] = ago(entry.updated);
    object["probes"] = entry.probes;
  }
  object["state"] = Json::array({state_name(entry.state)});
  return object;
}

}  // namespace culvert
