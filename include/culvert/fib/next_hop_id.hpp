// SPDX-License-Identifier: BSD-3-Clause
// fib: what a route lookup yields. This room uses DPDK's RCU; it knows nothing of packets.
#pragma once

#include <cstdint>

namespace culvert {

/// Index of a next hop: the low 24 bits. Zero says that there is no route.
using NextHopId = std::uint32_t;

inline constexpr NextHopId no_next_hop = 0;
inline constexpr NextHopId max_next_hop_id = 0xffffffU;

}  // namespace culvert
