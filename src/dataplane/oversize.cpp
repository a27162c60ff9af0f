// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/dataplane/oversize.hpp"

#include "culvert/dataplane/fragment.hpp"
#include "culvert/dataplane/transmit.hpp"

namespace culvert {
namespace {

/// RFC 791 section 3.1: there is no number for what lies beyond.
bool ends_beyond_longest(const Ipv4Header& header) noexcept {
  const unsigned offset = (header.fragment.host() & Ipv4Header::offset_mask) * Fragments::unit;
  return offset + header.total_length.host() - header.header_length() > UINT16_MAX;
}

/// An IPv4 packet, each of its fragments by way of `send`. One that gets no buffer ends it.
template <typename Send>
Verdict cut(Lane& lane, const Packet& packet, unsigned mtu, Send send) noexcept {
  if (mtu < packet.ipv4().header_length() + Fragments::unit) {
    return Drop::too_big;
  }
  for (Fragments fragments(packet.mbuf, mtu); !fragments.done();) {
    Packet piece = packet;
    piece.l2 = 0;
    piece.take(fragments.next());
    if (piece.mbuf == nullptr) {
      return Drop::no_mbuf;
    }
    lane.counters.fragments.add(1);
    conclude(lane, piece, send(piece));
  }
  lane.counters.fragmented.add(1);
  rte_pktmbuf_free(packet.mbuf);
  return Verdict::taken();
}

/// An outer packet, or one of its fragments, from `tunnel` on.
Verdict send_outer(Lane& lane, Packet& packet, const NextHop& tunnel, unsigned depth) noexcept {
  if (tunnel.neighbour != nullptr) {
    return transmit(lane, packet, *tunnel.neighbour);
  }
  const NextHop& next = lane.forwarding.next_hops[tunnel.next];
  const Verdict verdict = route(lane, packet, next, Entry::output);
  return verdict.continues() ? send_in_pieces(lane, packet, next, depth + 1) : verdict;
}

Verdict send_whole(Lane& lane, Packet& packet, const NextHop& next_hop, unsigned depth) noexcept {
  if (next_hop.kind != NextHop::Kind::tunnel) {
    return transmit(lane, packet, *next_hop.neighbour);
  }
  if (depth == max_nesting) {
    return Drop::nesting;
  }
  if (const Verdict verdict = encapsulate_once(lane, packet, next_hop); !verdict.continues()) {
    return verdict;
  }
  if (packet.length <= next_hop.path_mtu) {
    return send_outer(lane, packet, next_hop, depth);
  }
  return cut(lane, packet, next_hop.path_mtu,
             [&](Packet& piece) { return send_outer(lane, piece, next_hop, depth); });
}

}  // namespace

Verdict check_size(Lane& lane, Packet packet, const NextHop& next_hop, Entry entry) noexcept {
  const unsigned whole = next_hop.whole_mtu();
  const bool ipv4 = packet.is_ipv4();
  if (!ipv4 && packet.length <= whole) {
    return Verdict::go();
  }
  if (ipv4 && !packet.ipv4().has_dont_fragment()) {
    return ends_beyond_longest(packet.ipv4()) ? Verdict{Drop::fragment_size} : Verdict::go();
  }
  // As Linux: what the tunnel's device would have taken is an error of the tunnel.
  if (next_hop.kind == NextHop::Kind::tunnel && packet.length <= next_hop.device_mtu) {
    lane.counters.tunnels[next_hop.tunnel].tx_errors.add(1);
  }
  return report(lane, packet, entry, Drop::too_big,
                ipv4 ? next_hop.mtu : static_cast<std::uint16_t>(whole));
}

Verdict send_in_pieces(Lane& lane, Packet& packet, const NextHop& next_hop,
                       unsigned depth) noexcept {
  const unsigned whole = next_hop.whole_mtu();
  if (packet.length <= whole) {
    return send_whole(lane, packet, next_hop, depth);
  }
  return cut(lane, packet, whole,
             [&](Packet& piece) { return send_whole(lane, piece, next_hop, depth); });
}

}  // namespace culvert
