// SPDX-License-Identifier: BSD-3-Clause
// dataplane, stage 2 of 6: a tunnel packet addressed to us becomes the packet that it carries.
// Whatever no tunnel takes goes on as it is: it is in transit, or route() finds that it was for us.
#pragma once

#include "culvert/codec/modes.hpp"
#include "culvert/dataplane/clamp.hpp"
#include "culvert/dataplane/gre_fields.hpp"
#include "culvert/dataplane/parse.hpp"
#include "culvert/dataplane/sit_checks.hpp"
#include "culvert/net/ecn.hpp"

namespace culvert {

/// Tunnels inside tunnels that one packet may be taken out of.
inline constexpr unsigned max_nesting = 4;

/// A fragment is none: what becomes of it depends on the rest.
[[nodiscard]] inline bool is_tunnel_packet(const Packet& packet) noexcept {
  return packet.is_ipv4() && protocol_uses[packet.ipv4().protocol].tunnel &&
         !packet.ipv4().is_fragment();
}

/// What stands behind the outer IPv4 header of a packet of this mode.
template <TunnelMode mode>
[[nodiscard]] inline Match match_outer(Mode<mode> m, const Packet& packet) noexcept {
  const std::span<const std::byte> all = packet.contiguous();
  return Mode<mode>::Stack::match(all.subspan(packet.ipv4().header_length()), implied_payload(m));
}
[[nodiscard]] inline Match match_outer(const Packet& packet) noexcept {
  return visit_mode(protocol_uses[packet.ipv4().protocol].mode,
                    [&packet](auto m) { return match_outer(m, packet); });
}

/// RFC 6040 section 4.2 on the inner header, whose length has been checked.
[[nodiscard]] inline Verdict apply_ecn(const Packet& inner, std::uint8_t outer_tos) noexcept {
  if ((outer_tos & ecn::mask) == ecn::not_ect) [[likely]] {
    return Verdict::go();  // as it is, whatever it is
  }
  const std::uint8_t tos = inner.is_ipv4() ? inner.ipv4().tos : inner.ipv6().traffic_class();
  const std::uint8_t result = ecn::decapsulate(outer_tos, tos);
  if (result == ecn::drop) [[unlikely]] {
    return Drop::ecn;
  }
  const auto now = static_cast<std::uint8_t>((tos & ~ecn::mask) | result);
  if (now != tos) [[unlikely]] {
    if (inner.is_ipv4()) {
      Ipv4Header& header = inner.ipv4();
      header.checksum = adjust_checksum(header.checksum, tos, now);
      header.tos = now;
    } else {
      inner.ipv6().set_traffic_class(now);
    }
  }
  return Verdict::go();
}

/// The tunnel that takes the packet, or null.
[[nodiscard]] inline const Tunnel* find_tunnel(Lane& lane, const Packet& packet, TunnelMode mode,
                                               const Match& match) noexcept {
  const Ipv4Header& outer = packet.ipv4();
  const Tunnel* const tunnel =
      lane.last_tunnel.lookup(lane.forwarding.tunnels, {.local = outer.destination,
                                                        .remote = outer.source,
                                                        .key = match.key,
                                                        .mode = mode,
                                                        .has_key = match.has_key,
                                                        .port = packet.port});
  if (tunnel == nullptr) {
    return nullptr;
  }
  if (tunnel->local_is_ours) [[likely]] {
    return tunnel;
  }
  return tunnel->local.is_any() && lane.forwarding.is_own(outer.destination) ? tunnel : nullptr;
}

/// Why a tunnel packet that is for us was not decapsulated. Only where no tunnel would take it is
/// that the reason, as on Linux, whatever it carries.
[[nodiscard]] Drop undeliverable(Lane& lane, Packet packet) noexcept;

/// The tunnel that waits for this packet, which is for us and that no tunnel carries, or null: with
/// the protocol type 0 it is the inner packet of a keepalive of ours, sent back by the far end.
[[nodiscard]] const Tunnel* find_keepalive(Lane& lane, Packet packet) noexcept;

/// decapsulate() for one mode: most of what others need to know about a packet is known then.
template <TunnelMode mode>
[[nodiscard]] inline Verdict decapsulate_as(Mode<mode> m, Lane& lane, Packet& packet,
                                            const OuterFacts& outer, unsigned& depth) noexcept {
  const Match match = match_outer(m, packet);
  if (match.malformed != Malformed::none) [[unlikely]] {
    return Verdict::go();
  }
  const Tunnel* const tunnel = find_tunnel(lane, packet, mode, match);
  if (tunnel == nullptr) {
    return Verdict::go();
  }
  if (!has_usual_fields(packet, match, *tunnel)) [[unlikely]] {
    if (const Verdict verdict = check_gre_fields(lane, packet, *tunnel); !verdict.continues()) {
      return verdict;
    }
  }
  if (++depth > max_nesting) [[unlikely]] {
    return Drop::nesting;
  }
  TunnelCounters& counters = lane.counters.tunnels[tunnel->index];
  if (!carries(m, match.payload)) [[unlikely]] {
    counters.rx_errors.add(1);
    return Drop::payload_protocol;
  }
  packet.strip(packet.ipv4().header_length() + match.length);
  packet.type = match.payload;
  packet.l2 = 0;
  const std::uint32_t length = packet.length;
  Verdict verdict = parse_ip(packet);
  if (verdict.continues()) {
    set_ingress_tunnel(packet.mbuf, tunnel->index);
    if (tunnel->sit != nullptr) [[unlikely]] {
      verdict = check_sit(lane, *tunnel->sit, outer, packet.ipv6());
    }
    verdict = verdict.continues() ? apply_ecn(packet, outer.tos) : verdict;
    if (!verdict.continues()) {
      counters.rx_errors.add(1);
      return verdict;
    }
    if (tunnel->clamps_mss) [[unlikely]] {
      clamp_leaving(lane.forwarding, packet);
    }
  }
  counters.rx_packets.add(1);
  counters.rx_bytes.add(length);
  return verdict;
}

/// `outer` is what outer_facts() says of the packet's header; `depth`: how many tunnels the packet
/// has been taken out of; counts on when it was again.
[[nodiscard]] inline Verdict decapsulate(Lane& lane, Packet& packet, const OuterFacts& outer,
                                         unsigned& depth) noexcept {
  return visit_mode(protocol_uses[outer.protocol].mode,
                    [&](auto m) { return decapsulate_as(m, lane, packet, outer, depth); });
}

}  // namespace culvert
