// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/dataplane/sit_checks.hpp"

namespace culvert {
namespace {

/// RFC 4213 section 3.6: an address of a subnet as a whole, or one of ours, sends nothing.
bool is_other_host(const Lane& lane, Ipv4Address source) noexcept {
  const NextHop::Kind kind = lane.forwarding.route(source).kind;
  return kind != NextHop::Kind::local && kind != NextHop::Kind::broadcast;
}

/// RFC 5214 section 7.3. That the source's prefix has to be the tunnel's own is as on Linux.
Verdict check_isatap(const SitRules& rules, const OuterFacts& outer,
                     const Ipv6Header& inner) noexcept {
  if (rules.is_router(outer.source)) {
    return Verdict::go();
  }
  const bool itself = isatap_endpoint(inner.source) == outer.source;
  return itself && rules.is_on_link(inner.source) ? Verdict::go() : Drop::spoofed_source;
}

/// RFC 5969 sections 9.2 and 12. A customer edge takes whatever its border relays send, and nothing
/// from outside its domain from others.
bool is_sixrd_source(const SitRules& rules, const OuterFacts& outer,
                     const Ipv6Address& source) noexcept {
  if (rules.is_router(outer.source)) {
    return true;
  }
  return rules.map.contains(source) ? rules.map.endpoint(source) == outer.source
                                    : rules.routers.empty();
}

/// RFC 5969 section 9.2: a customer edge takes what is for its own delegated prefix; a link-local
/// destination is the tunnel's own, and goes no further. Section 8: a border relay sends back what
/// a customer edge sends itself through it.
bool is_sixrd_destination(const SitRules& rules, const OuterFacts& outer,
                          const Ipv6Address& destination) noexcept {
  const bool customer_edge = !rules.routers.empty();
  if (!rules.map.contains(destination)) {
    return !customer_edge || destination.is_link_local();
  }
  const Ipv4Address endpoint = rules.map.endpoint(destination);
  return endpoint == outer.destination || (!customer_edge && endpoint == outer.source);
}

Verdict check_sixrd(const SitRules& rules, const OuterFacts& outer,
                    const Ipv6Header& inner) noexcept {
  if (!is_sixrd_source(rules, outer, inner.source)) {
    return Drop::spoofed_source;
  }
  return is_sixrd_destination(rules, outer, inner.destination) ? Verdict::go()
                                                               : Verdict{Drop::foreign_destination};
}

}  // namespace

Verdict check_sit(const Lane& lane, const SitRules& rules, const OuterFacts& outer,
                  const Ipv6Header& inner) noexcept {
  if (!is_other_host(lane, outer.source)) {
    return Drop::martian_source;
  }
  return rules.isatap ? check_isatap(rules, outer, inner) : check_sixrd(rules, outer, inner);
}

}  // namespace culvert
