// SPDX-License-Identifier: BSD-3-Clause
// `tunnel show`: elements, and the sums of what a tunnel's writers count.
#include "culvert/codec/modes.hpp"
#include "culvert/control/show.hpp"
#include "culvert/control/text.hpp"

namespace culvert {
namespace {

/// As `ip` has them: not for other modes, and in another order than in `link show`.
Json tunnel_flags(const TunnelParameters& tunnel) {
  Json flags = Json::array();
  for (const auto& [name, fields, field] :
       {std::tuple{"rx_drop_ooseq", tunnel.input_fields, gre_field::sequence},
        std::tuple{"rx_csum", tunnel.input_fields, gre_field::checksum},
        std::tuple{"tx_seq", tunnel.output_fields, gre_field::sequence},
        std::tuple{"tx_csum", tunnel.output_fields, gre_field::checksum}}) {
    if ((fields & field) != 0) {
      flags.push_back(name);
    }
  }
  return flags;
}

/// `status` is empty while none are sent.
Json show_keepalive(const KeepaliveOption& option, const std::optional<Keepalives::Status>& status,
                    bool statistics) {
  Json object{{"seconds", option.seconds}, {"retries", option.retries}};
  object["state"] = !status ? "off" : status->up ? "up" : "down";
  if (statistics) {
    const Keepalives::Status counted = status.value_or(Keepalives::Status{});
    object["sent"] = counted.sent;
    object["received"] = counted.answered;
  }
  return object;
}

/// Of an isatap tunnel only, as `ip` does.
void add_routers(Json& tunnel, const Link& link) {
  if (link.tunnel.isatap && !link.routers.empty()) {
    Json& list = tunnel["prl"] = Json::array();
    for (const PotentialRouter& router : link.routers) {
      list.push_back({{router.is_default ? "pdr" : "pr", to_string(router.address)}});
    }
  }
}

void add_sixrd(Json& tunnel, const Link& link) {
  if (link.sixrd && link.sixrd->prefix.length != 0) {
    tunnel["6rd-prefix"] = to_string(link.sixrd->prefix.address);
    tunnel["6rd-prefixlen"] = link.sixrd->prefix.length;
    if (!link.sixrd->relay.address.is_any()) {
      tunnel["6rd-relay_prefix"] = to_string(link.sixrd->relay.address);
      tunnel["6rd-relay_prefixlen"] = link.sixrd->relay.length;
    }
  }
}

}  // namespace

Json show_tunnel(const Link& link, const Links& links, const Engine& engine,
                 const Keepalives& keepalives, const CommandOptions& options) {
  const TunnelParameters& tunnel = link.tunnel;
  Json object = Json::object();
  object["ifname"] = link.name;
  object["mode"] = visit_mode(tunnel.mode, [](auto m) { return std::string{m.title}; });
  object["remote"] = to_string(tunnel.remote);
  object["local"] = to_string(tunnel.local);
  add_routers(object, link);
  if (const Link* const dev = links.find(tunnel.dev); dev != nullptr) {
    object["dev"] = dev->name;
  }
  if (tunnel.ttl != 0) {
    object["ttl"] = tunnel.ttl;
  }
  if (tunnel.tos != 0) {
    object["tos"] = traffic_class_name(tunnel.tos);
  }
  if (!tunnel.pmtudisc) {
    object["nopmtudisc"] = nullptr;
  }
  if (tunnel.input_key && tunnel.input_key == tunnel.output_key) {
    object["key"] = *tunnel.input_key;
  } else {
    if (tunnel.input_key) {
      object["ikey"] = *tunnel.input_key;
    }
    if (tunnel.output_key) {
      object["okey"] = *tunnel.output_key;
    }
  }
  if (tunnel.mode == TunnelMode::gre) {
    object["flags"] = tunnel_flags(tunnel);
  }
  add_sixrd(object, link);
  if (tunnel.tcp_mss == tcp_mss_option::pmtu) {
    object["tcp_mss"] = "pmtu";
  } else if (tunnel.tcp_mss != tcp_mss_option::none) {
    object["tcp_mss"] = tunnel.tcp_mss;
  }
  if (tunnel.keepalive.is_on()) {
    object["keepalive"] =
        show_keepalive(tunnel.keepalive, keepalives.find(link.tunnel_index), options.statistics);
  }
  if (options.statistics) {
    const TunnelTotals totals = tunnel_totals(engine, link.tunnel_index);
    object["stats"] = {{"rx",
                        {{"packets", totals.rx_packets},
                         {"bytes", totals.rx_bytes},
                         {"errors", totals.rx_errors},
                         {"csum_errors", totals.rx_csum_errors},
                         {"out_of_seq", totals.rx_out_of_seq},
                         {"multicast", 0}}},
                       {"tx",
                        {{"packets", totals.tx_packets},
                         {"bytes", totals.tx_bytes},
                         {"errors", totals.tx_errors},
                         {"dead_loop", totals.tx_dead_loop},
                         {"no_route", totals.tx_no_route},
                         {"no_buffers", 0}}}};
  }
  return object;
}

TunnelTotals tunnel_totals(const Engine& engine, std::uint32_t tunnel_index) {
  TunnelTotals totals;
  for (const auto& counters : engine.counters()) {
    const TunnelCounters& tunnel = counters->tunnels[tunnel_index];
    totals.rx_packets += tunnel.rx_packets.get();
    totals.rx_bytes += tunnel.rx_bytes.get();
    totals.rx_errors += tunnel.rx_errors.get();
    totals.rx_csum_errors += tunnel.rx_csum_errors.get();
    totals.rx_out_of_seq += tunnel.rx_out_of_seq.get();
    totals.tx_packets += tunnel.tx_packets.get();
    totals.tx_bytes += tunnel.tx_bytes.get();
    totals.tx_errors += tunnel.tx_errors.get();
    totals.tx_dead_loop += tunnel.tx_dead_loop.get();
    totals.tx_no_route += tunnel.tx_no_route.get();
  }
  return totals;
}

}  // namespace culvert
