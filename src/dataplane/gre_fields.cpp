// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/dataplane/gre_fields.hpp"

#include "culvert/codec/gre_layer.hpp"
#include "culvert/dataplane/decapsulate.hpp"

namespace culvert {
namespace {

Verdict bad_checksum(TunnelCounters& counters, Drop reason) noexcept {
  counters.rx_errors.add(1);
  counters.rx_csum_errors.add(1);
  return reason;
}

Verdict out_of_sequence(TunnelCounters& counters, Drop reason) noexcept {
  counters.rx_errors.add(1);
  counters.rx_out_of_seq.add(1);
  return reason;
}

}  // namespace

Verdict check_gre_fields(Lane& lane, Packet packet, const Tunnel& tunnel) noexcept {
  const Match match = match_outer(packet);
  const bool ordered = (tunnel.fields & gre_field::sequence) != 0;
  if (ordered) {
    const std::uint16_t owner = owner_of(tunnel.index, lane.workers());
    if (owner != lane.worker()) {
      return hand_over(lane, packet, owner, Entry::receive);
    }
  }
  TunnelCounters& counters = lane.counters.tunnels[tunnel.index];
  if (!gre_checksum_ok(packet, match)) {
    return bad_checksum(counters, Drop::gre_checksum);
  }
  if ((tunnel.fields & ~match.fields & gre_field::checksum) != 0) {
    return bad_checksum(counters, Drop::gre_checksum_missing);
  }
  if (!ordered) {
    return Verdict::go();
  }
  if ((match.fields & gre_field::sequence) == 0) {
    return out_of_sequence(counters, Drop::gre_sequence_missing);
  }
  return lane.counters.sequences[tunnel.index].accept(match.sequence)
             ? Verdict::go()
             : out_of_sequence(counters, Drop::gre_sequence);
}

void put_sequence(TunnelSequence& sequence, Packet& packet, Match match) noexcept {
  const unsigned start = packet.ipv4().header_length();
  std::byte* const gre = packet.start + start;
  header_at<be32>(gre + match.length - GreLayer::field) = be32{sequence.take_next()};
  if ((match.fields & gre_field::checksum) != 0) {
    auto& checksum = header_at<be16>(gre + sizeof(GreHeader));
    checksum = {};
    checksum = to_checksum(packet.sum_behind(start));
  }
}

}  // namespace culvert
