// SPDX-License-Identifier: BSD-3-Clause
// Whose outer packet an ICMP error quotes: hops are found by what their packets show.
#include "culvert/codec/modes.hpp"
#include "culvert/control/resolver.hpp"

namespace culvert {
namespace {

// Hops of one tunnel, or tunnels that differ in their local address only: never many of those.
constexpr unsigned looked_at = 64;

/// The header that a hop puts before its packets shows what the quote shows.
bool fits(const RenderedHeader& outer, const TunnelQuote& quote) {
  if (header_at<Ipv4Header>(outer.begin()).source != quote.local) {
    return false;
  }
  return quote.mode != TunnelMode::gre ||
         header_at<GreHeader>(outer.begin() + sizeof(Ipv4Header)).flags.host() == quote.gre_flags;
}

}  // namespace

bool Resolver::makes(const HopKey& key, const TunnelQuote& quote) const {
  const auto hop = hops_.find(key);
  if (hop == hops_.end()) {
    return false;
  }
  const NextHop& next_hop = forwarding_.next_hops[hop->second.id];
  if (next_hop.kind == NextHop::Kind::tunnel) {
    return fits(next_hop.outer, quote);
  }
  if (next_hop.kind != NextHop::Kind::derived) {
    return false;
  }
  // Packets for the gateway `::a.b.c.d` show the header that the hop has.
  return next_hop.otherwise == NextHop::Kind::tunnel ? fits(next_hop.outer, quote)
                                                     : derives(*links_.find(key.dev), quote);
}

/// Some inner address names the quoted remote endpoint.
bool Resolver::derives(const Link& link, const TunnelQuote& quote) const {
  const Ipv4Address local = link.tunnel.local;
  if (!local.is_any() && local != quote.local) {
    return false;
  }
  const auto source = find_route(quote.local);
  return source && source->ownership == Ownership::local &&
         (link.tunnel.isatap || link.sixrd.value_or(sixtofour).relay.contains(quote.remote));
}

const Link* Resolver::sender_of(const TunnelQuote& quote) const {
  const bool is_ip = quote.payload == ether_type::ipv4 || quote.payload == ether_type::ipv6;
  if (!is_ip || !carries(quote.mode, quote.payload)) {
    return nullptr;
  }
  const Link* const link = sender_to(quote.remote, quote);
  return link != nullptr ? link : sender_to(derived_remote, quote);
}

const Link* Resolver::sender_to(Ipv4Address remote, const TunnelQuote& quote) const {
  // A key that the quote lacks may be any.
  const bool any_key = quote.lacks_key();
  const OuterEnd first{remote, quote.mode, any_key ? std::optional{std::uint32_t{0}} : quote.key};
  auto place = by_end_.lower_bound({first, {}});
  for (unsigned i = 0; i < looked_at && place != by_end_.end(); ++i, ++place) {
    const auto& [end, key] = *place;
    if (end.remote != first.remote || end.mode != first.mode ||
        (!any_key && end.key != first.key)) {
      break;
    }
    if (makes(key, quote)) {
      return links_.find(key.dev);
    }
  }
  return nullptr;
}

}  // namespace culvert
