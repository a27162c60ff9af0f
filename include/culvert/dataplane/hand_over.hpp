// SPDX-License-Identifier: BSD-3-Clause
// dataplane: a packet goes on with another worker: where a tunnel, or a datagram in fragments, has
// one owner.
#pragma once

#include "culvert/dataplane/parse.hpp"

namespace culvert {

/// As it is, to enter at `entry` on `worker`, which looks everything up again.
[[nodiscard]] inline Verdict hand_over(Lane& lane, Packet packet, std::uint16_t worker,
                                       Entry entry) noexcept {
  lane.hand_over(
      packet.mbuf, worker,
      {.entry = entry, .port = packet.port, .l2 = packet.l2, .l2_group = packet.l2_group});
  return Verdict::taken();
}

}  // namespace culvert
