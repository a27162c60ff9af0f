// SPDX-License-Identifier: BSD-3-Clause
// dataplane: the row of stages, in two passes around the lookup:
//   parse → decapsulate | lookup | route → encapsulate → transmit
// Each stage is an inline function on one packet in the file of its name; here they are put
// together.
#pragma once

#include <span>

#include "culvert/dataplane/lane.hpp"

namespace culvert {

/// Frames received by `port`, at most `max_burst` of them. Takes them all.
void forward_burst(Lane& lane, const Port& port, std::span<rte_mbuf* const> frames) noexcept;

/// Packets that come back into the row, at most `max_burst`, each at the stage that its facts name.
/// Takes them all.
void resume_burst(Lane& lane, std::span<rte_mbuf* const> packets) noexcept;

}  // namespace culvert
