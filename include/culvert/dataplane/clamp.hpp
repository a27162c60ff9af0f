// SPDX-License-Identifier: BSD-3-Clause
// dataplane, beside stages 2 and 5: tunnels that have TCP connections keep their segments small
// enough, instead of having them fragmented or refused. Only packets of such tunnels come here.
#pragma once

#include "culvert/dataplane/parse.hpp"
#include "culvert/fib/next_hop.hpp"

namespace culvert {

/// A packet about to enter a tunnel: what answers it must fit on its way out of the tunnel.
[[gnu::cold]] void clamp_entering(Packet packet, const NextHop& tunnel) noexcept;

/// A packet out of a tunnel: what answers it must fit on its way into the one that it will take,
/// which its source tells.
[[gnu::cold]] void clamp_leaving(const Forwarding& tables, Packet packet) noexcept;

}  // namespace culvert
