// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/dataplane/clamp.hpp"

#include "culvert/net/tcp_mss.hpp"

namespace culvert {

void clamp_entering(Packet packet, const NextHop& tunnel) noexcept {
  clamp_tcp_mss(packet.contiguous(), tunnel.tcp_mss);
}

void clamp_leaving(const Forwarding& tables, Packet packet) noexcept {
  // Looked up only for the few packets that may be SYNs: those of TCP, or with extension headers.
  const bool other = packet.is_ipv4() ? packet.ipv4().protocol != ip_protocol::tcp
                                      : packet.ipv6().next_header == ip_protocol::udp;
  if (other) {
    return;
  }
  const NextHop& back =
      packet.is_ipv4() ? tables.route(packet.ipv4().source) : tables.route(packet.ipv6().source);
  if (back.tcp_mss != 0) {
    clamp_entering(packet, back);
  }
}

}  // namespace culvert
