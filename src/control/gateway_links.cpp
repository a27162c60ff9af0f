// SPDX-License-Identifier: BSD-3-Clause
// `link add|set|del`: ports come and go here, and every link goes up and down.
#include <algorithm>
#include <bit>
#include <initializer_list>
#include <iterator>
#include <system_error>

#include "culvert/control/gateway.hpp"

namespace culvert {
namespace {

/// RFC 5214 section 6.1: addresses that are not globally unique, as Linux sees them.
bool is_private(Ipv4Address address) {
  constexpr auto within = [](Ipv4Address a, std::uint32_t prefix, unsigned length) {
    return a.masked(length).host() == prefix;
  };
  return within(address, 0x0a000000, 8) || within(address, 0xac100000, 12) ||
         within(address, 0xc0a80000, 16) || within(address, 0xa9fe0000, 16) ||
         within(address, 0x7f000000, 8) || within(address, 0x00000000, 8) ||
         within(address, 0xc0000200, 24) || within(address, 0xc6120000, 15) ||
         within(address, 0xc0586300, 24) || address.is_multicast();
}

/// fe80::/64 with this interface identifier.
Ipv6Address link_local_address(std::initializer_list<std::uint8_t> identifier) {
  Ipv6Address address{{0xfe, 0x80}};
  std::ranges::copy(identifier, address.bytes.begin() + 8);
  return address;
}

std::array<std::uint8_t, 4> bytes_of(Ipv4Address address) {
  return std::bit_cast<std::array<std::uint8_t, 4>>(address);
}

Ipv6Address port_link_local(const MacAddress& mac) {  // RFC 4291 appendix A
  const auto m = mac.bytes;
  return link_local_address(
      {static_cast<std::uint8_t>(m[0] ^ 2U), m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]});
}

Ipv6Address isatap_link_local(Ipv4Address local) {  // RFC 5214 section 6.1
  const auto v4 = bytes_of(local);
  const std::uint8_t universal = is_private(local) ? 0 : 2;
  return link_local_address({universal, 0, 0x5e, 0xfe, v4[0], v4[1], v4[2], v4[3]});
}

/// With a remote as RFC 4213 section 3.7 has it. Without, as on Linux, ::a.b.c.d, which makes ::/96
/// the link on which far ends are.
InterfaceAddress<Ipv6Address> sit_address(Ipv4Address local, bool one_to_many) {
  const auto v4 = bytes_of(local);
  Ipv6Address address = link_local_address({0, 0, 0, 0, v4[0], v4[1], v4[2], v4[3]});
  if (one_to_many) {
    address.bytes[0] = address.bytes[1] = 0;
  }
  return {address, address, one_to_many ? 96U : 64U};
}

/// IPv4 addresses of all links that are up.
std::vector<Ipv4Address> all_addresses(const Links& links) {
  std::vector<Ipv4Address> all;
  for (const auto& [index, link] : links.by_index()) {
    if (link->up) {
      std::ranges::transform(link->ipv4, std::back_inserter(all),
                             &InterfaceAddress<Ipv4Address>::local);
    }
  }
  return all;
}

bool is_plain_sit(const Link& link) {
  return link.is_tunnel() && link.tunnel.mode == TunnelMode::sit && !link.tunnel.isatap;
}

/// The one that Linux would give it, or none; a plain sit tunnel is another case.
std::optional<Ipv6Address> link_local_of(const Link& link) {
  if (link.is_port()) {
    return port_link_local(link.port->mac());
  }
  const bool has_identifier = link.tunnel.mode == TunnelMode::gre || link.tunnel.isatap;
  if (!has_identifier || link.tunnel.local.is_any()) {
    return std::nullopt;
  }
  return isatap_link_local(link.tunnel.local);
}

/// IPv6 addresses that a link has by itself while it is up.
std::vector<InterfaceAddress<Ipv6Address>> automatic_addresses(const Links& links,
                                                               const Link& link) {
  std::vector<InterfaceAddress<Ipv6Address>> result;
  if (is_plain_sit(link)) {
    const bool one_to_many = link.tunnel.remote.is_any();
    // As on Linux: the latter are none that `addrgenmode` is about.
    if (link.link_local || one_to_many) {
      const Ipv4Address local = link.tunnel.local;
      for (const Ipv4Address v4 : local.is_any() ? all_addresses(links) : std::vector{local}) {
        result.push_back(sit_address(v4, one_to_many));
      }
    }
  } else if (const auto local = link_local_of(link); local && link.link_local) {
    result.push_back({*local, *local, 64});
  }
  return result;
}

std::string reason(const std::system_error& error) {
  return error.code().message();
}

}  // namespace

Listing Gateway::run(const LinkAdd& command) {
  if (links_.find(command.name) != nullptr) {
    throw CommandError(2, "RTNETLINK answers: File exists");
  }
  try {
    const Port::Options options{engine_.workers(), options_.descriptors, engine_.pool()};
    auto port = std::make_unique<Port>(command.device, links_.free_port_index(), options);
    const MacAddress mac = port->mac();
    const Link& link = links_.add_port(command.name, std::move(port));
    const std::uint16_t index = link.port->index();
    neighbours_.set_source(index, mac);
    directory_.ethdevs[index].store(link.port->ethdev(), std::memory_order_relaxed);
    directory_.ports[index].set(command.name);
  } catch (const std::system_error& error) {
    throw CommandError(2, "Error: cannot open device \"" + command.device +
                              "\" as a port: " + reason(error) + ".");
  }
  return {};
}

Listing Gateway::run(const LinkSet& command) {
  Link& link = link_named(command.name);
  if (link.is_tunnel() && (command.address || command.proxy_arp)) {
    throw CommandError(2, "RTNETLINK answers: Operation not supported");
  }
  if (command.address && (command.address->is_group() || *command.address == MacAddress{})) {
    throw CommandError(2, "RTNETLINK answers: Cannot assign requested address");
  }
  try {
    if (command.mtu) {
      set_mtu(link, *command.mtu);
    }
    if (command.address) {
      set_mac(link, *command.address);
    }
    link.link_local = command.link_local.value_or(link.link_local);
    if (command.proxy_arp) {
      link.proxy_arp = *command.proxy_arp;
    }
    if (command.up && *command.up != link.up) {
      *command.up ? set_up(link) : set_down(link);
    }
  } catch (const std::system_error& error) {
    throw CommandError(2, "RTNETLINK answers: " + reason(error));
  }
  return {};
}

Listing Gateway::run(const LinkDel& command) {
  remove_link(link_named(command.name));
  return {};
}

void Gateway::set_up(Link& link) {
  if (link.is_port()) {
    link.port->start();
  }
  link.up = link.was_up = true;
  if (link.is_port()) {
    publish_ports();
  } else {
    Tunnel before = resolver_.termination(link);
    before.up = false;
    engine_.forwarding().tunnels.replace(before, resolver_.termination(link));
  }
  add_automatic_addresses(link);
  connect_all(link);
  if (link.is_tunnel()) {
    restart_keepalive(link);
  }
}

void Gateway::set_down(Link& link) {
  const Tunnel before = link.is_tunnel() ? resolver_.termination(link) : Tunnel{};
  link.up = false;
  if (link.is_tunnel()) {
    engine_.forwarding().tunnels.replace(before, resolver_.termination(link));
  }
  // As on Linux: what was routed by the link is forgotten, and its IPv6 addresses.
  while (!link.ipv6.empty()) {
    remove_address(link, InterfaceAddress<Ipv6Address>{link.ipv6.back()});
  }
  flush_routes<Ipv4Address>(link);
  flush_routes<Ipv6Address>(link);
  if (link.is_tunnel()) {
    restart_keepalive(link);
  }
  while (resolver_.work(UINT32_MAX)) {
  }
  if (link.is_port()) {
    publish_ports();
    neighbours_.remove_port(link.port->index());
    engine_.forwarding().quiescence.synchronize();  // nobody polls it any more
  }
}

void Gateway::set_mtu(Link& link, std::uint32_t mtu) {
  if (link.is_port()) {
    if (mtu < 68 || mtu > 65535) {
      throw CommandError(2, mtu < 68 ? "Error: mtu less than device minimum."
                                     : "Error: mtu greater than device maximum.");
    }
    link.port->set_mtu(mtu);
  } else if (mtu < 68 || mtu > 65535 - tunnel_overhead(link.tunnel)) {
    throw CommandError(2, "RTNETLINK answers: Invalid argument");
  }
  link.mtu = mtu;
  resolver_.link_changed(link);
  if (link.is_port()) {
    resolver_.all_changed();  // tunnels whose outer packets leave here
  }
}

void Gateway::set_mac(Link& link, const MacAddress& mac) {
  link.port->set_mac(mac);
  neighbours_.set_source(link.port->index(), mac);
}

void Gateway::add_automatic_addresses(Link& link) {
  const bool has_link_local = std::ranges::any_of(
      link.ipv6, [](const auto& address) { return address.local.is_link_local(); });
  for (const auto& address : automatic_addresses(links_, link)) {
    const bool is_there =
        std::ranges::find(link.ipv6, address.local, &InterfaceAddress<Ipv6Address>::local) !=
        link.ipv6.end();
    if (!is_there && !(has_link_local && address.local.is_link_local())) {
      add_address(link, address);
    }
  }
}

void Gateway::remove_link(Link& link) {
  for (const auto& [index, other] : links_.by_index()) {
    if (other->is_tunnel() && other->tunnel.dev == link.index) {
      throw CommandError(2, "RTNETLINK answers: Device or resource busy");
    }
  }
  if (link.up) {
    set_down(link);
  }
  while (!link.ipv4.empty()) {
    remove_address(link, InterfaceAddress<Ipv4Address>{link.ipv4.back()});
  }
  while (!link.ipv6.empty()) {
    remove_address(link, InterfaceAddress<Ipv6Address>{link.ipv6.back()});
  }
  while (!link.outer_neighbours.empty()) {
    resolver_.neighbour_removed(link.index, link.outer_neighbours.begin()->first);
    link.outer_neighbours.erase(link.outer_neighbours.begin());
  }
  while (resolver_.work(UINT32_MAX)) {
  }
  Quiescence& quiescence = engine_.forwarding().quiescence;
  if (link.is_tunnel()) {
    engine_.forwarding().tunnels.erase(resolver_.termination(link));
    directory_.tunnels[link.tunnel_index].set({});
    sixrd_tunnels_.erase(link.index);
    // Zero again before the index has another owner, when no worker counts there any more.
    quiescence.retire([this, index = link.tunnel_index, rules = link.sit] {
      for (const auto& counters : engine_.counters()) {
        counters->tunnels[index].clear();
        counters->sequences[index].clear();
      }
      slow_path_.outer_errors().forget(index);
      links_.recycle_tunnel_index(index);
    });
  } else {
    directory_.ports[link.port->index()].set({});
    neighbours_.remove_port(link.port->index());
    quiescence.synchronize();
  }
  links_.remove(link);
}

void Gateway::publish_ports() {
  PortList list;
  for (const auto& [index, link] : links_.by_index()) {
    if (link->is_port() && link->up) {
      list.ports.push_back(link->port.get());
    }
  }
  engine_.publish(std::move(list));
}

}  // namespace culvert
