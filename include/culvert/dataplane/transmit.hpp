// SPDX-License-Identifier: BSD-3-Clause
// dataplane, stage 6 of 6: Ethernet from the neighbour, and into the port's buffer.
#pragma once

#include "culvert/dataplane/encapsulate.hpp"

namespace culvert {

/// `neighbour` was found resolved in stage 4; if its MAC changes meanwhile, either one is written
/// whole.
[[nodiscard]] inline Verdict transmit(Lane& lane, Packet packet,
                                      const Neighbour& neighbour) noexcept {
  if (packet.mbuf->data_off < sizeof(EthernetHeader)) [[unlikely]] {
    return Drop::no_headroom;
  }
  const std::uint64_t destination = neighbour.destination.load(std::memory_order_relaxed);
  const std::uint64_t source = neighbour.source.load(std::memory_order_relaxed);
  const be16 type{packet.type};
  // Two words of which the next store overwrites the last two bytes.
  packet.prepend(sizeof(EthernetHeader));
  std::memcpy(packet.start, &destination, 8);
  std::memcpy(packet.start + 6, &source, 8);
  std::memcpy(packet.start + 12, &type, 2);
  lane.transmit(packet.mbuf, MacWord{source}.extra());
  return Verdict::taken();
}

}  // namespace culvert
