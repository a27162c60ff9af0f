// SPDX-License-Identifier: BSD-3-Clause
// Every `show`: which elements, in which order. A listing keeps its place by key, so that what is
// configured may change while it is being written.
#include <algorithm>

#include "culvert/control/show.hpp"

namespace culvert {
namespace {

/// All of `elements`, made beforehand: for what there is never much of.
Listing all(std::vector<Json> elements) {
  auto shared = std::make_shared<std::vector<Json>>(std::move(elements));
  return Listing{[shared, next = std::size_t{0}](Json& element) mutable {
    if (next == shared->size()) {
      return false;
    }
    element = std::move((*shared)[next++]);
    return true;
  }};
}

/// Links in the order of their indices, those that `show` makes something of.
template <typename Show>
Listing links_listing(const Links& links, Show show) {
  return Listing{[&links, show, last = 0](Json& element) mutable {
    const auto& map = links.by_index();
    for (auto link = map.upper_bound(last); link != map.end(); ++link) {
      last = link->first;
      if (show(*link->second, element)) {
        return true;
      }
    }
    return false;
  }};
}

template <typename Address>
bool matches(const RouteShow& command, const Prefix<Address>& prefix) {
  if (!command.prefix) {
    return true;
  }
  const auto* const wanted = std::get_if<Prefix<Address>>(&*command.prefix);
  if (wanted == nullptr) {
    return false;
  }
  switch (command.match) {
    case RouteShow::Match::exact:
      return prefix == *wanted;
    case RouteShow::Match::root:
      return prefix.length >= wanted->length && wanted->contains(prefix.address);
    case RouteShow::Match::match:
      return prefix.length <= wanted->length && prefix.contains(wanted->address);
    case RouteShow::Match::all:
      break;
  }
  return true;
}

template <typename Address>
bool matches(const RouteShow& command, const Route<Address>& route, const Link* dev) {
  if (command.dev && (dev == nullptr || route.dev != dev->index)) {
    return false;
  }
  return !command.via || (std::holds_alternative<Address>(*command.via) &&
                          route.gateway == std::get<Address>(*command.via));
}

template <typename Address>
Listing routes_listing(Resolver& resolver, const Links& links, const RouteShow& command,
                       const CommandOptions& options) {
  // The place: a prefix, and how many of its routes have been shown.
  std::optional<Prefix<Address>> at;
  std::size_t shown = 0;
  return Listing{[&resolver, &links, command, options, at, shown](Json& element) mutable {
    const auto& nodes = resolver.rib<Address>().nodes();
    const Link* const dev = command.dev ? links.find(*command.dev) : nullptr;
    for (auto node = at ? nodes.lower_bound(*at) : nodes.begin(); node != nodes.end(); ++node) {
      if (!at || *at != node->first) {
        at = node->first;
        shown = 0;
      }
      if (!matches(command, node->first)) {
        continue;
      }
      while (shown < node->second.routes.size()) {
        const Route<Address>& route = node->second.routes[shown++];
        if (matches(command, route, dev)) {
          element = show_route(node->first, route, links, command, options);
          return true;
        }
      }
    }
    return false;
  }};
}

bool is_wanted(Family family, const std::optional<IpPrefix>& prefix, const IpAddress& address) {
  const bool ipv4 = std::holds_alternative<Ipv4Address>(address);
  if ((family == Family::ipv4 && !ipv4) || (family == Family::ipv6 && ipv4)) {
    return false;
  }
  return !prefix || std::visit(
                        [&](const auto& p) {
                          const auto* const a =
                              std::get_if<std::decay_t<decltype(p.address)>>(&address);
                          return a != nullptr && p.contains(*a);
                        },
                        *prefix);
}

}  // namespace

Listing single(Json element) {
  std::vector<Json> elements;
  elements.push_back(std::move(element));
  return all(std::move(elements));
}

Listing Gateway::run(const LinkShow& command) {
  if (command.name) {
    return single(show_link(shown_link(*command.name), links_, engine_, command_options_, true));
  }
  return links_listing(
      links_, [this, command, options = command_options_](const Link& link, Json& element) {
        if (command.up_only && !link.up) {
          return false;
        }
        element = show_link(link, links_, engine_, options, true);
        return true;
      });
}

Listing Gateway::run(const AddressShow& command) {
  if (command.dev) {
    (void)shown_link(*command.dev);
  }
  return links_listing(
      links_, [this, command, options = command_options_](const Link& link, Json& element) {
        if ((command.dev && link.name != *command.dev) || (command.up_only && !link.up)) {
          return false;
        }
        if (options.family != Family::any && show_addresses(link, options.family).empty()) {
          return false;
        }
        element = show_link(link, links_, engine_, options, false);
        return true;
      });
}

Listing Gateway::run(const TunnelShow& command) {
  const TunnelSpec& filter = command.filter;
  if (filter.dev) {
    (void)link_named(*filter.dev);
  }
  return links_listing(
      links_, [this, filter, options = command_options_](const Link& link, Json& element) {
        const TunnelParameters& tunnel = link.tunnel;
        const Link* const dev = links_.find(tunnel.dev);
        if (!link.is_tunnel() || (!filter.name.empty() && filter.name != link.name) ||
            (filter.mode && *filter.mode != tunnel.mode) ||
            (filter.remote && *filter.remote != tunnel.remote) ||
            (filter.local && *filter.local != tunnel.local) ||
            (filter.input_key && filter.input_key != tunnel.input_key) ||
            (filter.dev && (dev == nullptr || dev->name != *filter.dev))) {
          return false;
        }
        element = show_tunnel(link, links_, engine_, slow_path_.keepalives(), options);
        return true;
      });
}

Listing Gateway::run(const RouteShow& command) {
  if (command.dev) {
    (void)link_named(*command.dev);
  }
  return command.family == Family::ipv6
             ? routes_listing<Ipv6Address>(resolver_, links_, command, command_options_)
             : routes_listing<Ipv4Address>(resolver_, links_, command, command_options_);
}

Listing Gateway::run(const NeighbourShow& command) {
  const Link* const dev = command.dev ? &link_named(*command.dev) : nullptr;
  std::vector<Json> elements;
  const Time now = Clock::now();
  neighbours_.for_each([&](const NeighbourEntry& entry) {
    const Link& link = *links_.find_port(entry.port);
    if (entry.state != NeighbourState::none && (dev == nullptr || dev == &link) &&
        is_wanted(command.family, command.prefix, entry.address)) {
      elements.push_back(show_neighbour(entry, link, command, command_options_, now));
    }
  });
  for (const auto& [index, link] : links_.by_index()) {
    for (const auto& [address, outer] : link->outer_neighbours) {
      if ((dev == nullptr || dev == link.get()) &&
          is_wanted(command.family, command.prefix, address)) {
        Json element{{"dst", to_string(address)}};
        if (dev == nullptr) {
          element["dev"] = link->name;
        }
        element["lladdr"] = to_string(outer);
        element["state"] = Json::array({"PERMANENT"});
        elements.push_back(std::move(element));
      }
    }
  }
  return all(std::move(elements));
}

Listing Gateway::run(const DropsShow&) {
  std::vector<Json> elements;
  for (std::size_t i = 1; i < drop_count; ++i) {
    elements.push_back({{"reason", drop_texts[i].name},
                        {"packets", engine_.drops(static_cast<Drop>(i))},
                        {"description", drop_texts[i].description}});
  }
  return all(std::move(elements));
}

}  // namespace culvert
