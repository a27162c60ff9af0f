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

/// The columns of a burst, filled one by one.
class Burst {
 public:
  void append(const Packet& packet, Entry entry) noexcept {
    end_->packet = packet;
    end_->entry = entry;
    ++end_;
  }
  [[nodiscard]] std::span<Column> columns() noexcept { return {columns_.data(), end_}; }

 private:
  std::array<Column, max_burst> columns_;
  Column* end_ = columns_.data();
};

/// What comes between stages 1 and 2, for a packet as it was received, or as a tunnel between
/// `outer` had it.
[[nodiscard]] Verdict examine(Lane& lane, Packet& packet, const OuterFacts* outer) noexcept {
  if (has_options(packet)) [[unlikely]] {
    if (const Verdict verdict = examine_options(lane, packet); !verdict.continues()) {
      return verdict;
    }
  }
  if (has_own_source(lane.forwarding, packet)) [[unlikely]] {
    return outer != nullptr && is_keepalive(packet, *outer) ? Verdict::go()
                                                            : Verdict{Drop::martian_source};
  }
  if (packet.is_ipv4() && packet.ipv4().is_fragment()) [[unlikely]] {
    Packet whole = packet;
    const Verdict verdict = reassemble(lane, whole);
    packet = whole;
    return verdict;
  }
  return Verdict::go();
}

/// Out of every tunnel that the packet is in and that is ours.
[[nodiscard]] Verdict unwrap(Lane& lane, Packet& packet) noexcept {
  for (unsigned depth = 0; is_tunnel_packet(packet);) {
    const unsigned before = depth;
    const OuterFacts outer = outer_facts(packet.ipv4());
    if (const Verdict verdict = decapsulate(lane, packet, outer, depth); !verdict.continues()) {
      return verdict;
    }
    if (depth == before) {
      break;
    }
    if (const Verdict verdict = examine(lane, packet, &outer); !verdict.continues()) {
      return verdict;
    }
  }
  return Verdict::go();
}

/// To the worker that its flow belongs to, if that is another one.
[[nodiscard, gnu::noinline]] Verdict spread(Lane& lane, Packet packet) noexcept {
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

/// A packet that has been parsed, as far as the lookup.
[[nodiscard]] Verdict arrive(Lane& lane, Packet& packet) noexcept {
  if (const Verdict verdict = examine(lane, packet, nullptr); !verdict.continues()) {
    return verdict;
  }
  if (is_tunnel_packet(packet)) {
    if (const Verdict verdict = unwrap(lane, packet); !verdict.continues()) {
      return verdict;
    }
  }
  if (may_be_special(packet)) [[unlikely]] {
    if (const Verdict verdict = route_special(lane, packet, Entry::forward); !verdict.continues()) {
      return verdict;
    }
  }
  // What has no link header any more came out of a tunnel.
  return lane.spread.active() && packet.l2 == 0 ? spread(lane, packet) : Verdict::go();
}

/// All of them together, so that what one waits for the others wait for meanwhile.
void find_next_hops(const Forwarding& tables, std::span<Column> columns) noexcept {
  const auto find = [&](const auto& ipv4, const auto& ipv6) {
    for (Column& column : columns) {
      const Packet& packet = column.packet;
      const NextHopId id = packet.is_ipv4() ? ipv4.find(packet.ipv4().destination)
                                            : ipv6.find(packet.ipv6().destination);
      column.next_hop = &tables.next_hops[id];
      prefetch_next_hop(*column.next_hop);
    }
  };
  look_up(find, tables.ipv4, tables.ipv6);
}

/// Stages 4 to 6.
template <bool usual>
void leave(Lane& lane, Packet packet, const NextHop* next_hop, Entry entry) noexcept {
  Verdict verdict = route<usual>(lane, packet, *next_hop, entry);
  if (verdict.continues()) [[likely]] {
    verdict = encapsulate<usual>(lane, packet, next_hop);
  }
  if (verdict.continues()) [[likely]] {
    verdict = transmit(lane, packet, *next_hop->neighbour);
  }
  conclude(lane, packet, verdict);
}

/// A call of its own for these few, lest they cost all others registers.
[[gnu::noinline]] void leave_unusually(Lane& lane, const Column& column) noexcept {
  leave<false>(lane, column.packet, column.next_hop, column.entry);
}

/// Flat, as is the first pass: a call for each stage would cost as much as the stage.
[[gnu::flatten]] void second_pass(Lane& lane, std::span<Column> columns) noexcept {
  find_next_hops(lane.forwarding, columns);
  for (const Column& column : columns) {
    if (column.next_hop->usual) [[likely]] {
      leave<true>(lane, column.packet, column.next_hop, column.entry);
    } else {
      leave_unusually(lane, column);
    }
  }
}

}  // namespace

[[gnu::flatten]] void forward_burst(Lane& lane, const Port& port,
                                    std::span<rte_mbuf* const> frames) noexcept {
  if (lane.forwarding.tunnels.outgrows_cache()) [[unlikely]] {
    prefetch_tunnels(lane, frames);
  }
  Burst burst;
  for (rte_mbuf* const frame : frames) {
    Packet packet;
    packet.mbuf = frame;
    Verdict verdict = parse(lane, port, packet);
    if (verdict.continues()) [[likely]] {
      verdict = arrive(lane, packet);
    }
    if (verdict.continues()) [[likely]] {
      burst.append(packet, Entry::forward);
    } else {
      conclude(lane, packet, verdict);
    }
  }
  second_pass(lane, burst.columns());
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
    Packet packet(m, ipv4 ? ether_type::ipv4 : ether_type::ipv6, facts.port, facts.l2,
                  facts.l2_group);
    switch (facts.entry) {
      case Entry::receive:
        if (const Verdict verdict = arrive(lane, packet); verdict.continues()) {
          burst.append(packet, Entry::forward);
        } else {
          conclude(lane, packet, verdict);
        }
        break;
      case Entry::numbered:
        put_sequence(lane.counters.sequences[ingress_tunnel(m)], packet, match_outer(packet));
        burst.append(packet, Entry::output);
        break;
      default:
        burst.append(packet, facts.entry);
    }
  }
  second_pass(lane, burst.columns());
}

}  // namespace culvert
