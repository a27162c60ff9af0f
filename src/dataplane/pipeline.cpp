// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/dataplane/pipeline.hpp"

#include <array>

#include "culvert/dataplane/flow_hash.hpp"
#include "culvert/dataplane/own_source.hpp"
#include "culvert/dataplane/prefetch.hpp"
#include "culvert/dataplane/transmit.hpp"

namespace culvert {
namespace {

/// What crosses the lookup.
struct Column {
  Packet packet;
  const NextHop* next_hop;
  Entry entry;
};

struct Burst {
  std::array<Column, max_burst> columns;
  unsigned count = 0;

  void append(const Packet& packet, Entry entry) noexcept {
    columns[count++] = {packet, nullptr, entry};
  }
};

[[nodiscard]] Verdict arrive(Lane& lane, Packet& packet) noexcept {
  OuterEnds outer{};
  for (unsigned depth = 0;;) {
    if (has_options(packet)) [[unlikely]] {
      if (const Verdict verdict = examine_options(lane, packet); !verdict.continues()) {
        return verdict;
      }
    }
    if (has_own_source(lane.forwarding, packet)) [[unlikely]] {
      if (!is_keepalive(packet, outer)) {
        return Drop::martian_source;
      }
      break;
    }
    if (packet.is_ipv4() && packet.ipv4().is_fragment()) [[unlikely]] {
      if (const Verdict verdict = reassemble(lane, packet); !verdict.continues()) {
        return verdict;
      }
      if (packet.ipv4().is_fragment()) {
        break;  // in transit
      }
    }
    if (!is_tunnel_packet(packet)) {
      break;
    }
    const unsigned before = depth;
    const Ipv4Header& header = packet.ipv4();
    outer = {header.source, header.destination, header.protocol};
    if (const Verdict verdict = decapsulate(lane, packet, depth); !verdict.continues()) {
      return verdict;
    }
    if (depth == before) {
      break;
    }
  }
  return route_special(lane, packet, Entry::forward);
}

/// To the worker that its flow belongs to, if that is another one.
[[nodiscard]] Verdict spread(Lane& lane, const Packet& packet) noexcept {
  const std::uint16_t worker = lane.spread.worker_for(flow_hash(packet));
  if (worker == lane.worker()) {
    return Verdict::go();
  }
  if (worker == Spread::nobody) [[unlikely]] {
    return Drop::worker_full;
  }
  lane.hand_flow_over(packet.mbuf, worker, {.entry = Entry::forward, .port = packet.port});
  return Verdict::taken();
}

/// Parsed, and not yet decapsulated.
void append_arrived(Lane& lane, Burst& burst, Packet& packet) noexcept {
  Verdict verdict = arrive(lane, packet);
  if (lane.spread.active() && packet.l2 == 0 && verdict.continues()) [[unlikely]] {
    verdict = spread(lane, packet);
  }
  if (verdict.continues()) [[likely]] {
    burst.append(packet, Entry::forward);
  } else {
    conclude(lane, packet, verdict);
  }
}

void look_up(const Lane& lane, Burst& burst) noexcept {
  const Forwarding& tables = lane.forwarding;
  std::array<NextHopId, max_burst> ids;
  for (unsigned i = 0; i < burst.count; ++i) {
    const Packet& packet = burst.columns[i].packet;
    ids[i] = packet.is_ipv4() ? tables.ipv4.lookup(packet.ipv4().destination)
                              : tables.ipv6.lookup(packet.ipv6().destination);
  }
  for (unsigned i = 0; i < burst.count; ++i) {
    burst.columns[i].next_hop = &tables.next_hops[ids[i]];
  }
}

[[nodiscard]] Verdict leave(Lane& lane, Column& column) noexcept {
  if (const Verdict verdict = route(lane, column.packet, *column.next_hop, column.entry);
      !verdict.continues()) {
    return verdict;
  }
  if (const Verdict verdict = encapsulate(lane, column.packet, column.next_hop);
      !verdict.continues()) {
    return verdict;
  }
  return transmit(lane, column.packet, *column.next_hop->neighbour);
}

void second_pass(Lane& lane, Burst& burst) noexcept {
  look_up(lane, burst);
  for (unsigned i = 0; i < burst.count; ++i) {
    conclude(lane, burst.columns[i].packet, leave(lane, burst.columns[i]));
  }
}

}  // namespace

void forward_burst(Lane& lane, const Port& port, std::span<rte_mbuf* const> frames) noexcept {
  if (lane.forwarding.tunnels.outgrows_cache()) [[unlikely]] {
    prefetch_tunnels(lane, frames);
  }
  Burst burst;
  for (rte_mbuf* const frame : frames) {
    Packet packet{.mbuf = frame, .type = 0, .port = 0, .l2 = 0, .l2_group = false};
    if (const Verdict verdict = parse(lane, port, packet); verdict.continues()) [[likely]] {
      append_arrived(lane, burst, packet);
    } else {
      conclude(lane, packet, verdict);
    }
  }
  second_pass(lane, burst);
  lane.counters.received.add(frames.size());
}

void resume_burst(Lane& lane, std::span<rte_mbuf* const> packets) noexcept {
  prefetch_resumed(packets);
  Burst burst;
  for (rte_mbuf* const m : packets) {
    const PacketFacts facts = facts_of(m);
    if (facts.entry == Entry::transmit) {
      lane.transmit(m, facts.port);
      continue;
    }
    // Parsed before, or made by us: the version says which of the two it is.
    const bool ipv4 = header_at<Ipv4Header>(data_of(m)).version() == 4;
    Packet packet{.mbuf = m,
                  .type = ipv4 ? ether_type::ipv4 : ether_type::ipv6,
                  .port = facts.port,
                  .l2 = facts.l2,
                  .l2_group = facts.l2_group};
    switch (facts.entry) {
      case Entry::receive:
        append_arrived(lane, burst, packet);
        break;
      case Entry::numbered:
        put_sequence(lane.counters.sequences[ingress_tunnel(m)], packet, match_outer(packet));
        burst.append(packet, Entry::output);
        break;
      default:
        burst.append(packet, facts.entry);
    }
  }
  second_pass(lane, burst);
}

}  // namespace culvert
