// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/control/gateway.hpp"

#include <algorithm>
#include <system_error>

#include <nlohmann/json.hpp>

namespace culvert {
namespace {

constexpr unsigned resolutions_a_round = 512;  // well under a millisecond
constexpr auto tick_interval = std::chrono::milliseconds{50};

std::optional<Ipv6Address> first_link_local(const Link& link) {
  for (const auto& address : link.ipv6) {
    if (address.local.is_link_local()) {
      return address.local;
    }
  }
  return std::nullopt;
}

}  // namespace

Gateway::Gateway(Engine& engine, const Options& options)
    : engine_(engine),
      options_(options),
      directory_(engine.options().tunnels),
      links_(engine.options().tunnels),
      neighbours_(engine.forwarding().quiescence, options.neighbours),
      resolver_(engine.forwarding(), links_, neighbours_),
      slow_path_(engine.forwarding(), neighbours_, *this, engine.control_counters(), engine.pool(),
                 engine.exchanges(), options.icmp) {
  neighbours_.set_host(this);
}

Gateway::~Gateway() {
  neighbours_.set_host(nullptr);
  engine_.publish({});
  engine_.forwarding().quiescence.synchronize();
}

Listing Gateway::execute(const Command& command) {
  command_options_ = command.options;
  return std::visit([this](const auto& body) { return run(body); }, command.body);
}

bool Gateway::work(Time now) {
  bool more = slow_path_.poll(now) == SlowPath::punts_per_poll;
  if (now >= next_tick_) {
    slow_path_.tick(now);
    next_tick_ = now + tick_interval;
  }
  more = resolver_.work(resolutions_a_round) || more;
  engine_.forwarding().quiescence.poll();
  return more;
}

Link& Gateway::link_named(const std::string& name) {
  Link* const link = links_.find(name);
  if (link == nullptr) {
    throw CommandError(1, "Cannot find device \"" + name + "\"");
  }
  return *link;
}

Link& Gateway::shown_link(const std::string& name) {
  Link* const link = links_.find(name);
  if (link == nullptr) {
    throw CommandError(1, "Device \"" + name + "\" does not exist.");
  }
  return *link;
}

std::optional<PortView> Gateway::port(std::uint16_t index) const {
  const Link* const link = links_.find_port(index);
  if (link == nullptr || !link->up) {
    return std::nullopt;
  }
  return PortView{link->port->mac(), first_link_local(*link), static_cast<std::uint16_t>(link->mtu),
                  link->proxy_arp};
}

std::optional<Ipv6Address> Gateway::tunnel_link_local(std::uint32_t index) const {
  const Link* const link = links_.find_tunnel(index);
  return link != nullptr && link->up ? first_link_local(*link) : std::nullopt;
}

std::optional<NextHop> Gateway::tunnel_hop(std::uint32_t index, std::uint16_t payload) {
  const Link* const link = links_.find_tunnel(index);
  if (link == nullptr || !link->up) {
    return std::nullopt;
  }
  try {
    return resolver_.hop_of(*link, payload == ether_type::ipv4 ? Family::ipv4 : Family::ipv6);
  } catch (const std::system_error&) {  // no place for another next hop
    return std::nullopt;
  }
}

std::optional<Ipv4Address> Gateway::source_on(std::uint16_t port, Ipv4Address target) const {
  return resolver_.address_on(links_.find_port(port), target);
}

std::optional<Ipv6Address> Gateway::source_on(std::uint16_t port, const Ipv6Address& target) const {
  return resolver_.address_on(links_.find_port(port), target);
}

std::optional<Ipv4Address> Gateway::source_towards(Ipv4Address destination) const {
  const auto found = resolver_.find_route(destination);
  return found && found->route != nullptr ? resolver_.source_address(*found->route, destination)
                                          : resolver_.address_on(nullptr, destination);
}

std::optional<Ipv6Address> Gateway::source_towards(const Ipv6Address& destination) const {
  const auto found = resolver_.find_route(destination);
  return found && found->route != nullptr ? resolver_.source_address(*found->route, destination)
                                          : resolver_.address_on(nullptr, destination);
}

std::optional<QuotedTunnel> Gateway::sender_of(const TunnelQuote& quote) const {
  const Link* const link = resolver_.sender_of(quote);
  if (link == nullptr) {
    return std::nullopt;
  }
  const TunnelParameters& tunnel = link->tunnel;
  const unsigned mtu = resolver_.outer_mtu(quote.remote, tunnel.dev).value_or(0);
  return QuotedTunnel{.index = link->tunnel_index,
                      .mode = tunnel.mode,
                      .one_to_many = tunnel.remote.is_any() || tunnel.isatap,
                      .inherits_ttl = tunnel.ttl == 0,
                      .mtu = static_cast<std::uint16_t>(std::min(mtu, 65535U))};
}

void Gateway::path_mtu_changed(Ipv4Address remote) {
  resolver_.path_mtu_changed(remote);
}

void Gateway::neighbour_added(NeighbourEntry& neighbour) {
  resolver_.neighbour_added(links_.find_port(neighbour.port)->index, neighbour.address);
}

void Gateway::neighbour_removed(NeighbourEntry& neighbour) {
  resolver_.neighbour_removed(links_.find_port(neighbour.port)->index, neighbour.address);
}

}  // namespace culvert
