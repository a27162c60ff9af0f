// SPDX-License-Identifier: BSD-3-Clause
// `neigh add|replace|del`: on ports a MAC address, on gre tunnels the outer address.
#include "culvert/control/gateway.hpp"

namespace culvert {
namespace {

bool takes_outer_address(const Link& link) {
  return link.is_tunnel() && link.tunnel.mode == TunnelMode::gre && link.tunnel.remote.is_any();
}

bool is_shown(const NeighbourEntry* entry) {
  return entry != nullptr && entry->state != NeighbourState::none;
}

}  // namespace

Listing Gateway::run(const NeighbourAdd& command) {
  const NeighbourSpec& spec = command.spec;
  Link& link = link_named(spec.dev);
  if (!spec.lladdr) {
    throw CommandError(2, "Error: No link layer address given.");
  }
  if (const auto* const outer = std::get_if<Ipv4Address>(&*spec.lladdr)) {
    if (!takes_outer_address(link)) {
      throw CommandError(2, "Error: Invalid link address.");
    }
    if (!command.replace && link.outer_neighbours.contains(spec.address)) {
      throw CommandError(2, "RTNETLINK answers: File exists");
    }
    link.outer_neighbours[spec.address] = *outer;
    resolver_.neighbour_added(link.index, spec.address);
    resolver_.link_changed(link);
    return {};
  }
  if (!link.is_port()) {
    throw CommandError(2, "Error: Invalid link address.");
  }
  if (!link.up) {
    throw CommandError(2, "RTNETLINK answers: Network is down");
  }
  const std::uint16_t port = link.port->index();
  if (!command.replace && is_shown(neighbours_.find(port, spec.address))) {
    throw CommandError(2, "RTNETLINK answers: File exists");
  }
  neighbours_.set_permanent(port, spec.address, std::get<MacAddress>(*spec.lladdr));
  return {};
}

Listing Gateway::run(const NeighbourDel& command) {
  Link& link = link_named(command.spec.dev);
  if (link.is_tunnel()) {
    if (link.outer_neighbours.erase(command.spec.address) == 0) {
      throw CommandError(2, "RTNETLINK answers: No such file or directory");
    }
    resolver_.neighbour_removed(link.index, command.spec.address);
    resolver_.link_changed(link);
    return {};
  }
  if (!is_shown(neighbours_.find(link.port->index(), command.spec.address))) {
    throw CommandError(2, "RTNETLINK answers: No such file or directory");
  }
  neighbours_.remove(link.port->index(), command.spec.address);
  return {};
}

}  // namespace culvert
