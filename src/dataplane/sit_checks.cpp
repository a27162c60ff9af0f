// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/dataplane/sit_checks.hpp"

namespace culvert {
namespace {

/// RFC 4213 section 3.6: an address of a subnet as a whole, or one of ours, sends nothing.
bool is_other_host(const Lane& lane, Ipv4Address source) noexcept {
  const Forwarding& tables = lane.forwarding;
  const NextHop::Kind kind = tables.next_hops[tables.ipv4.lookup(source)].kind;
  return kind != NextHop::Kind::local && kind != NextHop::Kind::broadcast;
}

/// RFC 5214 section 7.3. That the source's prefix has to be the tunnel's own is as on Linux.
Verdict check_isatap(const SitRules& rules, const OuterAddresses& outer,
                     const Ipv6Header& inner) noexcept {
  if (rules.is_router(outer.source)) {
    return Verdict::go();
  }
  const bool itself = isatap_endpoint(inner.source) == outer.source;
  return itself && rules.is_on_link(inner.source) ? Verdict::go() : Drop::spoofed_source;
}

/// RFC 5969 section 9.2. A customer edge takes packets from outside its domain from its border
/// relays only (section 12), and such as are for its own delegated prefix only.
Verdict check_sixrd(const SitRules& rules, const OuterAddresses& outer,
                    const Ipv6Header& inner) noexcept {
  const bool customer_edge = !rules.routers.empty();
  if (rules.map.contains(inner.source)) {
    if (rules.map.endpoint(inner.source) != outer.source) {
      return Drop::spoofed_source;
    }
  } else if (customer_edge && !rules.is_router(outer.source)) {
    return Drop::spoofed_source;
  }
  if (rules.map.contains(inner.destination)) {
    return rules.map.endpoint(inner.destination) == outer.destination
               ? Verdict::go()
               : Verdict{Drop::foreign_destination};
  }
  // A link-local destination is the tunnel's own, and goes no further.
  return customer_edge && !inner.destination.is_link_local() ? Verdict{Drop::foreign_destination}
                                                             : Verdict::go();
}

}  // namespace

Verdict check_sit(const Lane& lane, const SitRules& rules, const OuterAddresses& outer,
                  const Ipv6Header& inner) noexcept {
  if (!is_other_host(lane, outer.source)) {
    return Drop::martian_source;
  }
  return rules.isatap ? check_isatap(rules, outer, inner) : check_sixrd(rules, outer, inner);
}

}  // namespace culvert
