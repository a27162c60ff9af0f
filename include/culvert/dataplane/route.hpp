// SPDX-License-Identifier: BSD-3-Clause
// dataplane, stage 4 of 6 (the third is the lookup): what the next hop says is to become of the
// packet. Nothing is written to a packet before every reason to refuse it has been looked at, so
// that an error quotes it as it came.
#pragma once

#include "culvert/dataplane/decapsulate.hpp"
#include "culvert/dataplane/hand_over.hpp"
#include "culvert/dataplane/options.hpp"
#include "culvert/dataplane/oversize.hpp"

namespace culvert {

/// To the slow path, which tells the sender and counts the drop.
[[nodiscard, gnu::cold]] Verdict report(Lane& lane, Packet packet, Entry entry, Drop reason,
                                        std::uint16_t mtu = 0) noexcept;

[[nodiscard, gnu::cold]] Verdict to_slow_path(Lane& lane, Packet packet, Entry entry,
                                              Punt punt) noexcept;

/// Destinations that no route table is asked about, and frames that were not for us alone.
[[nodiscard, gnu::cold]] Verdict route_special(Lane& lane, Packet packet, Entry entry) noexcept;

/// Whether route_special() has to see a packet; what it sees in vain goes on.
[[nodiscard]] inline bool may_be_special(const Packet& packet) noexcept {
  constexpr unsigned first_multicast = 224;
  return packet.l2_group ||
         (packet.is_ipv4() ? packet.ipv4().destination.first_byte() >= first_multicast
                           : packet.ipv6().destination.bytes[0] >= 0xfeU);
}

/// Every kind of next hop that does not send the packet on.
[[nodiscard, gnu::cold]] Verdict route_other(Lane& lane, Packet packet, const NextHop& next_hop,
                                             Entry entry) noexcept;

[[nodiscard]] inline bool is_sent_on(const NextHop& next_hop) noexcept {
  return next_hop.kind < NextHop::Kind::none;
}

/// Turns a neighbour that is idle to one that is in use (see Reachability). False if its MAC is not
/// known.
[[nodiscard, gnu::cold]] bool take_into_use(Neighbour& neighbour) noexcept;

/// The MAC is known.
[[nodiscard]] inline bool is_resolved(Neighbour& neighbour) noexcept {
  const MacWord word{neighbour.destination.load(std::memory_order_relaxed)};
  return word.extra() == static_cast<std::uint16_t>(Reachability::ready) ||
         take_into_use(neighbour);
}

/// The worker that has to send the packet: where its numbers are counted, if it gets one.
[[nodiscard]] inline std::uint16_t owner_of_numbers(const Lane& lane,
                                                    const NextHop& next_hop) noexcept {
  const bool numbered = (next_hop.outer.fields & gre_field::sequence) != 0;
  return numbered ? owner_of(next_hop.tunnel, lane.workers()) : lane.worker();
}

/// RFC 1812 section 5.2.1: TTL, then size, then (ours) whether the next hop can be reached at all.
/// Stages 4 and 5 are made twice, once for next hops that are `usual`, which leaves out what those
/// do not need.
template <bool usual = false>
[[nodiscard]] inline Verdict route(Lane& lane, const Packet& packet, const NextHop& next_hop,
                                   Entry entry) noexcept {
  if constexpr (!usual) {
    if (!is_sent_on(next_hop)) {
      return route_other(lane, packet, next_hop, entry);
    }
    const auto owner = owner_of_numbers(lane, next_hop);
    if (owner != lane.worker()) {
      return hand_over(lane, packet, owner, entry);
    }
  }
  const bool forwarded = entry == Entry::forward;
  if (packet.is_ipv4()) {
    if (forwarded && packet.ipv4().ttl <= 1) [[unlikely]] {
      return report(lane, packet, entry, Drop::ttl_exceeded);
    }
  } else {
    const Ipv6Header& header = packet.ipv6();
    // RFC 4291 sections 2.5.2 and 2.5.6: not forwarded.
    if (forwarded && (header.source.is_link_local() || header.source.is_any())) [[unlikely]] {
      return Drop::link_local;
    }
    if (forwarded && header.hop_limit <= 1) [[unlikely]] {
      return report(lane, packet, entry, Drop::ttl_exceeded);
    }
  }
  if (packet.length > next_hop.mtu) [[unlikely]] {
    if (const Verdict verdict = check_size(lane, packet, next_hop, entry); !verdict.continues()) {
      return verdict;
    }
  }
  const bool ends_here = usual || next_hop.neighbour != nullptr;
  if (ends_here && !is_resolved(*next_hop.neighbour)) [[unlikely]] {
    return to_slow_path(lane, packet, entry, Punt::resolve);
  }
  if (forwarded) {
    if (packet.is_ipv4()) {
      if (has_options(packet)) [[unlikely]] {
        stamp_options(lane, packet, next_hop);
      }
      decrement_ttl(packet.ipv4());
    } else {
      --packet.ipv6().hop_limit;
    }
  }
  return Verdict::go();
}

}  // namespace culvert
