// SPDX-License-Identifier: BSD-3-Clause
// dataplane: of stage 2, what concerns packets that no tunnel takes.
#include "culvert/dataplane/decapsulate.hpp"

namespace culvert {

Drop undeliverable(Lane& lane, Packet packet) noexcept {
  const Match match = match_outer(packet);
  if (match.malformed == Malformed::none || match.malformed == Malformed::gre_protocol) {
    if (!gre_checksum_ok(packet, match)) {
      return Drop::gre_checksum;
    }
    if (match.malformed == Malformed::none ||
        find_tunnel(lane, packet, protocol_uses[packet.ipv4().protocol].mode, match) == nullptr) {
      return Drop::no_tunnel;
    }
  }
  return to_drop(match.malformed);
}

const Tunnel* find_keepalive(Lane& lane, Packet packet) noexcept {
  const Match match = match_outer(packet);
  if (match.malformed != Malformed::gre_protocol || match.payload != 0 ||
      !gre_checksum_ok(packet, match)) {
    return nullptr;
  }
  const Tunnel* const tunnel =
      find_tunnel(lane, packet, protocol_uses[packet.ipv4().protocol].mode, match);
  return tunnel != nullptr && tunnel->keepalive ? tunnel : nullptr;
}

}  // namespace culvert
