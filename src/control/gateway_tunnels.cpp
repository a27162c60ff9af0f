// SPDX-License-Identifier: BSD-3-Clause
// `tunnel add|change|del`.
#include <algorithm>
#include <system_error>

#include "culvert/codec/modes.hpp"
#include "culvert/control/gateway.hpp"
#include "culvert/control/grammar.hpp"

namespace culvert {
namespace {

constexpr std::uint32_t default_port_mtu = 1500;
constexpr std::uint32_t lowest_mtu = 68;  // RFC 791: what every link carries in one piece

std::string failed(const std::string& verb, const std::string& name, int error) {
  // `ip` says "add" of a change, too.
  return verb + " tunnel \"" + name + "\" failed: " + std::generic_category().message(error);
}

/// As the kernel names the device that gives its modes their ioctl.
std::string base_device(TunnelMode mode) {
  switch (mode) {
    case TunnelMode::gre:
      return "gre0";
    case TunnelMode::sit:
      return "sit0";
    case TunnelMode::ipip:
      break;
  }
  return "tunl0";
}

std::uint8_t gre_fields(bool checksum, bool sequence) {
  return static_cast<std::uint8_t>((checksum ? gre_field::checksum : 0U) |
                                   (sequence ? gre_field::sequence : 0U));
}

bool has(std::uint8_t fields, std::uint8_t field) {
  return (fields & field) != 0;
}

/// How a tunnel finds its other end, which a change must not turn into another way.
bool is_one_to_many(const TunnelParameters& parameters) {
  return parameters.remote.is_any();
}

}  // namespace

TunnelParameters Gateway::parameters_of(const TunnelSpec& spec) const {
  TunnelParameters parameters;
  parameters.mode = spec.mode.value_or(parameters.mode);
  parameters.isatap = spec.isatap;
  parameters.remote = spec.remote.value_or(parameters.remote);
  parameters.local = spec.local.value_or(parameters.local);
  parameters.ttl = spec.ttl.value_or(parameters.ttl);
  parameters.tos = spec.tos.value_or(parameters.tos);
  parameters.pmtudisc = spec.pmtudisc.value_or(parameters.pmtudisc);
  parameters.input_key = spec.input_key;
  parameters.output_key = spec.output_key;
  parameters.input_fields = gre_fields(spec.input_checksum, spec.input_sequence);
  parameters.output_fields = gre_fields(spec.output_checksum, spec.output_sequence);
  parameters.tcp_mss = spec.tcp_mss.value_or(tcp_mss_option::none);
  parameters.keepalive = spec.keepalive.value_or(KeepaliveOption{});
  if (spec.dev) {
    const Link* const dev = links_.find(*spec.dev);
    if (dev == nullptr) {
      throw CommandError(1, "Cannot find device \"" + *spec.dev + "\"");
    }
    if (!dev->is_port()) {
      throw CommandError(2, "Error: \"dev\" of a tunnel must be a port.");
    }
    parameters.dev = dev->index;
  }
  if (parameters.remote.is_multicast()) {
    throw CommandError(2, "Error: a multicast \"remote\" is not supported.");
  }
  return parameters;
}

std::uint32_t Gateway::default_mtu(const TunnelParameters& parameters) const {
  const std::uint32_t path =
      resolver_.outer_mtu(parameters.remote, parameters.dev).value_or(default_port_mtu);
  const std::uint32_t overhead = tunnel_overhead(parameters);
  const std::uint32_t mtu = path > overhead ? path - overhead : 0;
  return std::max(mtu, parameters.mode == TunnelMode::sit ? std::uint32_t{Ipv6Header::minimum_mtu}
                                                          : lowest_mtu);
}

Listing Gateway::run(const TunnelAdd& command) {
  const TunnelSpec& spec = command.spec;
  const TunnelParameters parameters = parameters_of(spec);
  const std::string device = base_device(parameters.mode);
  std::string name = spec.name;
  for (unsigned i = 0; name.empty() || (spec.name.empty() && links_.find(name) != nullptr); ++i) {
    name = device.substr(0, device.size() - 1) + std::to_string(i);
  }
  if (links_.find(name) != nullptr || links_.find_tunnel(parameters) != nullptr) {
    throw CommandError(1, failed("add", device, EEXIST));
  }
  try {
    Link& link = links_.add_tunnel(name, parameters);
    link.mtu = default_mtu(parameters);
    link.sit = sit_rules(link);
    try {
      engine_.forwarding().tunnels.insert(resolver_.termination(link));
    } catch (...) {
      links_.recycle_tunnel_index(link.tunnel_index);
      links_.remove(link);
      throw;
    }
    directory_.tunnels[link.tunnel_index].set(name);
    if (directory_.tunnels_used.load(std::memory_order_relaxed) <= link.tunnel_index) {
      directory_.tunnels_used.store(link.tunnel_index + 1, std::memory_order_relaxed);
    }
  } catch (const std::system_error& error) {
    throw CommandError(1, failed("add", device, error.code().value()));
  }
  return {};
}

TunnelSpec Gateway::spec_of(const Link& link) const {
  const TunnelParameters& tunnel = link.tunnel;
  TunnelSpec spec;
  spec.name = link.name;
  spec.mode = tunnel.mode;
  spec.isatap = tunnel.isatap;
  spec.remote = tunnel.remote;
  spec.local = tunnel.local;
  spec.ttl = tunnel.ttl;
  spec.tos = tunnel.tos;
  spec.input_key = tunnel.input_key;
  spec.output_key = tunnel.output_key;
  spec.input_checksum = has(tunnel.input_fields, gre_field::checksum);
  spec.output_checksum = has(tunnel.output_fields, gre_field::checksum);
  spec.input_sequence = has(tunnel.input_fields, gre_field::sequence);
  spec.output_sequence = has(tunnel.output_fields, gre_field::sequence);
  spec.pmtudisc = tunnel.pmtudisc;
  spec.tcp_mss = tunnel.tcp_mss;
  spec.keepalive = tunnel.keepalive;
  if (const Link* const dev = links_.find(tunnel.dev); dev != nullptr) {
    spec.dev = dev->name;
  }
  return spec;
}

/// The tunnel that a line names, or describes.
Link& Gateway::tunnel_of(const TunnelSpec& spec, const char* verb) {
  const std::string name = spec.name.empty() && spec.mode ? base_device(*spec.mode) : spec.name;
  Link* const link =
      spec.name.empty() ? links_.find_tunnel(parameters_of(spec)) : links_.find(spec.name);
  if (link == nullptr) {
    throw CommandError(1, failed(verb, name, spec.name.empty() ? ENOENT : ENODEV));
  }
  if (!link->is_tunnel()) {
    throw CommandError(1, failed(verb, name, EOPNOTSUPP));
  }
  return *link;
}

Listing Gateway::run(const TunnelChange& command) {
  Link& link = tunnel_of(command.spec, "get");
  const TunnelSpec spec = changed_tunnel(spec_of(link), command.spec);
  const TunnelParameters parameters = parameters_of(spec);
  if (const Link* const other = links_.find_tunnel(parameters);
      other != nullptr && other != &link) {
    throw CommandError(1, failed("add", link.name, EEXIST));
  }
  if (is_one_to_many(parameters) != is_one_to_many(link.tunnel)) {
    throw CommandError(1, failed("add", link.name, EINVAL));
  }
  const Tunnel before = resolver_.termination(link);
  const TunnelParameters old = link.tunnel;
  links_.change_tunnel(link, parameters);
  const auto old_rules = std::exchange(link.sit, sit_rules(link));
  try {
    engine_.forwarding().tunnels.replace(before, resolver_.termination(link));
  } catch (const std::system_error& error) {
    links_.change_tunnel(link, old);
    link.sit = old_rules;
    throw CommandError(1, failed("add", link.name, error.code().value()));
  }
  // As on Linux: another port sets the MTU anew, another header moves it, another remote does not.
  if (parameters.dev != old.dev) {
    link.mtu = default_mtu(parameters);
  } else {
    const std::uint32_t whole = link.mtu + tunnel_overhead(old);
    const std::uint32_t overhead = tunnel_overhead(parameters);
    link.mtu = whole > overhead + lowest_mtu ? whole - overhead : lowest_mtu;
  }
  resolver_.link_changed(link);
  restart_keepalive(link);
  engine_.forwarding().quiescence.retire([old_rules] {});
  return {};
}

Listing Gateway::run(const TunnelDel& command) {
  remove_link(tunnel_of(command.spec, "delete"));
  return {};
}

/// Of what was so far nothing is known any more: as far as anybody can tell the line is up.
void Gateway::restart_keepalive(Link& link) {
  const TunnelParameters& tunnel = link.tunnel;
  if (link.up && tunnel.keepalive.is_on()) {
    Keepalives::Terms terms{.interval = std::chrono::seconds{tunnel.keepalive.seconds},
                            .retries = tunnel.keepalive.retries};
    if (tunnel.input_key) {
      terms.key = be32{*tunnel.input_key};
    }
    slow_path_.keepalives().start(link.tunnel_index, terms);
  } else {
    slow_path_.keepalives().stop(link.tunnel_index);
  }
  set_line(link, true);
}

void Gateway::set_line(Link& link, bool up) {
  if (std::exchange(link.line_up, up) != up) {
    resolver_.line_changed(link);
  }
}

void Gateway::line_changed(std::uint32_t index, bool up) {
  if (Link* const link = links_.find_tunnel(index); link != nullptr) {
    set_line(*link, up);
  }
}

void Gateway::terminations_changed(Ipv4Address local) {
  for (const auto& [index, link] : links_.by_index()) {
    if (link->is_tunnel() && link->tunnel.local == local) {
      const Tunnel now = resolver_.termination(*link);
      engine_.forwarding().tunnels.replace(now, now);
    }
  }
}

}  // namespace culvert
