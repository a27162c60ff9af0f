// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/dataplane/derive.hpp"

#include <algorithm>
#include <optional>

#include "culvert/dataplane/transmit.hpp"
#include "culvert/fib/sit.hpp"

namespace culvert {
namespace {

std::optional<Ipv4Address> endpoint_in(const NextHop& next_hop,
                                       const Ipv6Address& destination) noexcept {
  const SitRules& rules = *next_hop.sit;
  if (rules.isatap) {
    return isatap_endpoint(destination);
  }
  if (rules.map.contains(destination)) {
    return rules.map.endpoint(destination);
  }
  return next_hop.otherwise == NextHop::Kind::derived ? compatible_endpoint(destination)
                                                      : std::nullopt;
}

/// RFC 3964 section 4.1: no outer destination can be one of these, whatever the routes say.
bool is_host(Ipv4Address address) noexcept {
  return !is_martian_destination(address) && !address.is_multicast() &&
         !address.is_limited_broadcast();
}

Ipv4Header& outer_header(NextHop& next_hop) noexcept {
  RenderedHeader& outer = next_hop.outer;
  return header_at<Ipv4Header>(outer.bytes.data() + RenderedHeader::capacity - outer.length);
}

void set_addresses(NextHop& next_hop, Ipv4Address source, Ipv4Address destination) noexcept {
  Ipv4Header& header = outer_header(next_hop);
  header.source = source;
  header.destination = destination;
  Ipv4Layer::sum(next_hop.outer);
}

/// What the outer packet's own next hop makes of the tunnel's.
void lead_through(NextHop& result, NextHopId id, const NextHop& outer) noexcept {
  const std::uint16_t bound = result.sit->bound_port;
  const auto leaves = [&] { return bound == any_port || outer.port == bound; };
  switch (outer.kind) {
    case NextHop::Kind::forward:
      result.kind = leaves() ? NextHop::Kind::tunnel : NextHop::Kind::no_outer_route;
      result.neighbour = outer.neighbour;
      break;
    case NextHop::Kind::connected:
      result.kind = leaves() ? NextHop::Kind::connected : NextHop::Kind::no_outer_route;
      result.port = outer.port;
      break;
    case NextHop::Kind::tunnel:
      result.kind = bound == any_port ? NextHop::Kind::tunnel : NextHop::Kind::no_outer_route;
      if (outer.tunnel == result.tunnel) {
        result.kind = NextHop::Kind::dead_loop;
      }
      result.next = id;
      break;
    case NextHop::Kind::local:
    case NextHop::Kind::dead_loop:
      result.kind = NextHop::Kind::dead_loop;
      break;
    case NextHop::Kind::broadcast:
      result.kind = NextHop::Kind::no_remote;
      break;
    default:
      result.kind = NextHop::Kind::no_outer_route;
      break;
  }
}

}  // namespace

Ipv4Address remote_of(const NextHop& next_hop) noexcept {
  return header_at<Ipv4Header>(next_hop.outer.begin()).destination;
}

unsigned derived_path_mtu(const Forwarding& tables, const NextHop& outer,
                          Ipv4Address remote) noexcept {
  return std::min<unsigned>(outer.mtu, tables.path_mtus.lookup(remote));
}

NextHop derive(const Forwarding& tables, const NextHop& next_hop,
               const Ipv6Address& destination) noexcept {
  NextHop result = next_hop;
  const auto remote = endpoint_in(next_hop, destination);
  if (!remote) {
    result.kind = next_hop.otherwise == NextHop::Kind::derived ? NextHop::Kind::no_remote
                                                               : next_hop.otherwise;
    return result;
  }
  result.neighbour = nullptr;
  result.next = no_next_hop;
  if (!is_host(*remote)) {
    result.kind = NextHop::Kind::no_remote;
    return result;
  }
  const NextHopId id = tables.ipv4.lookup(*remote);
  const NextHop& outer = tables.next_hops[id];
  const Ipv4Address local = next_hop.sit->local;
  set_addresses(result, local.is_any() ? outer.own : local, *remote);
  lead_through(result, id, outer);
  result.outer.fragment = next_hop.sit->pmtudisc ? Ipv4Header::dont_fragment : std::uint16_t{0};
  set_limits(result, next_hop.tunnel_mtu, derived_path_mtu(tables, outer, *remote), true);
  return result;
}

Verdict send_derived(Lane& lane, Packet packet, const NextHop& next_hop, Entry entry) noexcept {
  const NextHop found = derive(lane.forwarding, next_hop, packet.ipv6().destination);
  const NextHop* at = &found;
  Packet sent = packet;
  if (const Verdict verdict = route(lane, sent, found, entry); !verdict.continues()) {
    return verdict;
  }
  if (const Verdict verdict = encapsulate(lane, sent, at); !verdict.continues()) {
    return verdict;
  }
  return transmit(lane, sent, *at->neighbour);
}

}  // namespace culvert
