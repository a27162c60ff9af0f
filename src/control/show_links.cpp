// SPDX-License-Identifier: BSD-3-Clause
// `link show`, `addr show`: elements.
#include "culvert/codec/modes.hpp"
#include "culvert/control/show.hpp"
#include "culvert/control/text.hpp"

namespace culvert {
namespace {

constexpr std::uint32_t forever = UINT32_MAX;

std::string mode_name(TunnelMode mode) {
  return visit_mode(mode, [](auto m) { return std::string{m.name}; });
}

Json flags_of(const Link& link) {
  Json flags = Json::array();
  const bool carrier = link.has_carrier();
  if (link.up && !carrier) {
    flags.push_back("NO-CARRIER");
  }
  if (link.is_port()) {
    flags.push_back("BROADCAST");
    flags.push_back("MULTICAST");
  } else {
    if (!link.tunnel.remote.is_any()) {
      flags.push_back("POINTOPOINT");
    }
    flags.push_back("NOARP");
  }
  if (link.up) {
    flags.push_back("UP");
    if (carrier) {
      flags.push_back("LOWER_UP");
    }
  }
  return flags;
}

std::string key_text(std::uint32_t key) {
  return to_string(Ipv4Address::from_host(key));
}

Json tunnel_info(const Link& link, const Links& links) {
  const TunnelParameters& tunnel = link.tunnel;
  const auto endpoint = [](Ipv4Address a) { return a.is_any() ? "any" : to_string(a); };
  Json data = Json::object();
  if (tunnel.mode == TunnelMode::ipip) {
    data["proto"] = "ipip";
  } else if (tunnel.mode == TunnelMode::sit) {
    data["proto"] = "ip6ip";
  }
  data["remote"] = endpoint(tunnel.remote);
  data["local"] = endpoint(tunnel.local);
  if (const Link* const dev = links.find(tunnel.dev); dev != nullptr) {
    data["link"] = dev->name;
  }
  data["ttl"] = tunnel.ttl;
  if (tunnel.tos != 0) {
    std::array<char, 8> text{};
    (void)std::snprintf(text.data(), text.size(), "0x%x", tunnel.tos);
    data["tos"] = text.data();
  }
  data["pmtudisc"] = tunnel.pmtudisc;
  if (tunnel.isatap) {
    data["isatap"] = nullptr;
  }
  if (link.sixrd) {
    data["prefix"] = to_string(link.sixrd->prefix.address);
    data["prefixlen"] = link.sixrd->prefix.length;
    if (!link.sixrd->relay.address.is_any()) {
      data["relay_prefix"] = to_string(link.sixrd->relay.address);
      data["relay_prefixlen"] = link.sixrd->relay.length;
    }
  }
  if (tunnel.input_key) {
    data["ikey"] = key_text(*tunnel.input_key);
  }
  if (tunnel.output_key) {
    data["okey"] = key_text(*tunnel.output_key);
  }
  for (const auto& [key, fields, field] :
       {std::tuple{"iseq", tunnel.input_fields, gre_field::sequence},
        std::tuple{"oseq", tunnel.output_fields, gre_field::sequence},
        std::tuple{"icsum", tunnel.input_fields, gre_field::checksum},
        std::tuple{"ocsum", tunnel.output_fields, gre_field::checksum}}) {
    if ((fields & field) != 0) {
      data[key] = true;
    }
  }
  return data;
}

void add_details(Json& object, const Link& link, const Links& links) {
  object["promiscuity"] = 0;
  object["allmulti"] = 0;
  object["min_mtu"] = 68;
  object["max_mtu"] = link.is_port() ? 65535 : 65535 - tunnel_overhead(link.tunnel);
  Json info = Json::object();
  if (link.is_port()) {
    info["info_kind"] = "port";
    info["info_data"] = {{"device", link.port->device()}, {"proxy_arp", link.proxy_arp}};
  } else {
    info["info_kind"] = mode_name(link.tunnel.mode);
    info["info_data"] = tunnel_info(link, links);
  }
  object["linkinfo"] = std::move(info);
  object["num_tx_queues"] = link.is_port() ? link.port->tx_queues() : 1;
  object["num_rx_queues"] = link.is_port() ? link.port->rx_queues() : 1;
}

Json statistics(std::uint64_t bytes, std::uint64_t packets, std::uint64_t errors,
                std::uint64_t dropped) {
  return {{"bytes", bytes}, {"packets", packets}, {"errors", errors}, {"dropped", dropped}};
}

Json port_statistics(const Port& port, const Engine& engine) {
  const rte_eth_stats stats = port.statistics();
  std::uint64_t tx_dropped = 0;
  for (const auto& counters : engine.counters()) {
    tx_dropped += counters->tx_dropped[port.index()].get();
  }
  Json rx = statistics(stats.ibytes, stats.ipackets, stats.ierrors, stats.rx_nombuf);
  rx["over_errors"] = 0;
  rx["multicast"] = 0;
  rx["missed_errors"] = stats.imissed;
  Json tx = statistics(stats.obytes, stats.opackets, stats.oerrors, tx_dropped);
  tx["carrier_errors"] = 0;
  tx["collisions"] = 0;
  return {{"rx", std::move(rx)}, {"tx", std::move(tx)}};
}

Json tunnel_statistics(const Link& link, const Engine& engine) {
  const TunnelTotals totals = tunnel_totals(engine, link.tunnel_index);
  Json rx = statistics(totals.rx_bytes, totals.rx_packets, totals.rx_errors, 0);
  rx["over_errors"] = 0;
  rx["multicast"] = 0;
  Json tx = statistics(totals.tx_bytes, totals.tx_packets, totals.tx_errors, 0);
  tx["carrier_errors"] = totals.tx_no_route;
  tx["collisions"] = totals.tx_dead_loop;
  return {{"rx", std::move(rx)}, {"tx", std::move(tx)}};
}

template <typename Address>
void append_addresses(Json& list, const Link& link) {
  constexpr bool ipv4 = std::is_same_v<Address, Ipv4Address>;
  std::vector<Prefix<Address>> seen;
  for (const auto& address : link.addresses<Address>()) {
    Json item = Json::object();
    item["family"] = ipv4 ? "inet" : "inet6";
    item["local"] = to_string(address.local);
    if (address.peer != address.local) {
      item["address"] = to_string(address.peer);
    }
    item["prefixlen"] = address.length;
    if constexpr (ipv4) {
      if (address.shows_broadcast) {
        item["broadcast"] = to_string(address.prefix().last());
      }
      item["scope"] = "global";
      if (std::ranges::find(seen, address.prefix()) != seen.end()) {
        item["secondary"] = true;
      }
      item["label"] = link.name;
    } else {
      item["scope"] = address.local.is_link_local() ? "link" : "global";
    }
    item["valid_life_time"] = forever;
    item["preferred_life_time"] = forever;
    seen.push_back(address.prefix());
    list.push_back(std::move(item));
  }
}

}  // namespace

Json show_link(const Link& link, const Links& links, const Engine& engine,
               const CommandOptions& options, bool linkmode) {
  Json object = Json::object();
  object["ifindex"] = link.index;
  if (link.is_tunnel()) {
    const Link* const dev = links.find(link.tunnel.dev);
    object["link"] = dev == nullptr ? Json(nullptr) : Json(dev->name);
  }
  object["ifname"] = link.name;
  object["flags"] = flags_of(link);
  object["mtu"] = link.mtu;
  object["qdisc"] = link.was_up ? "noqueue" : "noop";
  const char* const up = link.is_port() ? "UP" : "UNKNOWN";
  object["operstate"] = link.up && link.has_carrier() ? up : "DOWN";
  if (linkmode) {
    object["linkmode"] = "DEFAULT";
  }
  object["group"] = "default";
  object["txqlen"] = 1000;
  if (linkmode || options.family == Family::any) {
    if (link.is_port()) {
      object["link_type"] = "ether";
      object["address"] = to_string(link.port->mac());
      object["broadcast"] = to_string(broadcast_mac);
    } else {
      object["link_type"] = mode_name(link.tunnel.mode);
      object["address"] = to_string(link.tunnel.local);
      if (!link.tunnel.remote.is_any()) {
        object["link_pointtopoint"] = true;
      }
      object["broadcast"] = to_string(link.tunnel.remote);
    }
  }
  if (options.details) {
    add_details(object, link, links);
  }
  if (!linkmode) {
    object["addr_info"] = show_addresses(link, options.family);
  }
  if (options.statistics) {
    object["stats64"] =
        link.is_port() ? port_statistics(*link.port, engine) : tunnel_statistics(link, engine);
  }
  return object;
}

Json show_addresses(const Link& link, Family family) {
  Json list = Json::array();
  if (family != Family::ipv6) {
    append_addresses<Ipv4Address>(list, link);
  }
  if (family != Family::ipv4) {
    append_addresses<Ipv6Address>(list, link);
  }
  return list;
}

}  // namespace culvert
