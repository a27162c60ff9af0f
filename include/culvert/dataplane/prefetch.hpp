// SPDX-License-Identifier: BSD-3-Clause
// dataplane: what a burst is going to need, asked for ahead where there are too many tunnels for a
// worker's cache. A guess by frames that nobody has looked at yet; nothing depends on it.
#pragma once

#include <span>

#include "culvert/dataplane/lane.hpp"

namespace culvert {

/// Frames as received, at most `max_burst` of them.
void prefetch_tunnels(const Lane& lane, std::span<rte_mbuf* const> frames) noexcept;

}  // namespace culvert
