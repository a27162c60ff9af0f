// SPDX-License-Identifier: BSD-3-Clause
// dataplane, part of stage 2: checksums and sequence numbers of received GRE packets (RFC 2784
// section 2.3, RFC 2890 section 2.2), and of those that the slow path sends. A packet without any
// pays for one look, a right checksum for its sum; the rest is out of line.
#pragma once

#include "culvert/codec/layer.hpp"
#include "culvert/dataplane/hand_over.hpp"
#include "culvert/fib/tunnel.hpp"

namespace culvert {

/// Whether the checksum of a GRE packet is right, if it has one. `packet` is the outer one.
[[nodiscard]] inline bool gre_checksum_ok(const Packet& packet, const Match& match) noexcept {
  return (match.fields & gre_field::checksum) == 0 ||
         is_right_sum(packet.sum_behind(packet.ipv4().header_length()));
}

/// Whether the packet has what its tunnel asks for, and is right; counted with the tunnel's errors
/// if not. Handed over, as it is, if the tunnel is another worker's. As on Linux a sequence number
/// that was not asked for is passed over; unlike there, a checksum that was not asked for is fine
/// if it is right.
[[nodiscard, gnu::cold]] Verdict check_gre_fields(Lane& lane, Packet packet,
                                                  const Tunnel& tunnel) noexcept;

/// Whether a packet is, at first sight, all that its tunnel asks for: nothing, or a checksum that
/// is right.
[[nodiscard]] inline bool has_usual_fields(const Packet& packet, const Match& match,
                                           const Tunnel& tunnel) noexcept {
  return (match.fields | tunnel.fields) == 0 ||
         (match.fields == gre_field::checksum && tunnel.fields == match.fields &&
          gre_checksum_ok(packet, match));
}

/// The next sequence number of a tunnel that this worker owns, into a packet complete but for that,
/// with its checksum if it has one. `packet` is the outer one, as the slow path made it.
void put_sequence(TunnelSequence& sequence, Packet& packet, Match match) noexcept;

}  // namespace culvert
