// SPDX-License-Identifier: BSD-3-Clause
// dataplane, beside stages 4 and 5: next hops of the kind `derived`, whose outer destination stands
// in the inner one (RFC 5969, RFC 3056, RFC 5214). It is looked up for each packet; nothing is
// kept.
#pragma once

#include "culvert/dataplane/parse.hpp"

namespace culvert {

/// What `next_hop`, which is derived, is for a packet to `destination`: of the kind `tunnel`, or
/// one of those that say why not; or `connected`, where the neighbour on `port` that has the
/// address remote_of() is still to be found. Valid as long as what was looked up is.
[[nodiscard]] NextHop derive(const Forwarding& tables, const NextHop& next_hop,
                             const Ipv6Address& destination) noexcept;

/// Outer destination of a next hop with an outer header.
[[nodiscard]] Ipv4Address remote_of(const NextHop& next_hop) noexcept;

/// Bytes of an outer packet that the path to `remote` takes, which begins with `outer`: what is
/// known of a path whose end only a packet names.
[[nodiscard]] unsigned derived_path_mtu(const Forwarding& tables, const NextHop& outer,
                                        Ipv4Address remote) noexcept;

/// Stages 4 to 6 for a packet whose next hop is derived.
[[nodiscard]] Verdict send_derived(Lane& lane, Packet packet, const NextHop& next_hop,
                                   Entry entry) noexcept;

}  // namespace culvert
