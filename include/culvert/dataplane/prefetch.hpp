// SPDX-License-Identifier: BSD-3-Clause
// dataplane: what a burst is going to need, asked for ahead where it is not in the worker's cache.
// Nothing depends on it.
#pragma once

#include <span>

#include "culvert/dataplane/lane.hpp"

namespace culvert {

/// Where there are too many tunnels: a guess by frames that nobody has looked at yet. They are as
/// received, at most `max_burst` of them.
void prefetch_tunnels(const Lane& lane, std::span<rte_mbuf* const> frames) noexcept;

/// Found by the lookup, and needed when the rest of the burst has been looked up.
inline void prefetch_next_hop(const NextHop& next_hop) noexcept {
  rte_prefetch0(&next_hop);
  rte_prefetch0(&next_hop.neighbour);  // its other line
}

/// Packets that another worker, or the control thread, has just had in its own cache.
void prefetch_resumed(std::span<rte_mbuf* const> packets) noexcept;

}  // namespace culvert
