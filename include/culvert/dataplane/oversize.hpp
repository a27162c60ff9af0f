// SPDX-License-Identifier: BSD-3-Clause
// dataplane: packets that do not fit as they are, out of the way of those that do. A tunnel's inner
// packet is cut first, if it is IPv4 without DF; what is then still too long behind its outer
// header is cut once more there. The pieces go straight into the transmit buffers: a burst never
// grows.
#pragma once

#include "culvert/dataplane/parse.hpp"
#include "culvert/fib/next_hop.hpp"

namespace culvert {

/// Whether a packet of more than `next_hop.mtu` bytes may go on, to be sent in pieces; else its
/// sender is told what would fit.
[[nodiscard, gnu::cold]] Verdict check_size(Lane& lane, Packet packet, const NextHop& next_hop,
                                            Entry entry) noexcept;

/// Stages 5 and 6 for a packet that was routed to `next_hop` and may not fit it. `depth`: how many
/// tunnels it has entered already.
[[nodiscard, gnu::cold]] Verdict send_in_pieces(Lane& lane, Packet& packet, const NextHop& next_hop,
                                                unsigned depth) noexcept;

}  // namespace culvert
