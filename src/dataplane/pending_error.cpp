// SPDX-License-Identifier: BSD-3-Clause
// dataplane: part of stage 5, out of the usual packet's way.
#include "culvert/dataplane/encapsulate.hpp"

namespace culvert {

void tell_of_pending_error(Lane& lane, Packet packet, std::uint32_t tunnel) noexcept {
  if (lane.forwarding.pending_errors.take(tunnel)) {
    // No error quotes more than fits the smallest MTU of IPv6.
    lane.punt_copy(packet.mbuf, Ipv6Header::minimum_mtu,
                   {.punt = Punt::pending_error, .port = packet.port});
  }
}

}  // namespace culvert
