// SPDX-License-Identifier: BSD-3-Clause
// A flow changes its worker, and none of its packets overtakes another. The two workers take their
// turns as the test wills; frames leave by the first one's queue, so those of the second go through
// the first one's ring.
#include <random>

#include "flows.hpp"
#include "fragments.hpp"
#include "two_workers.hpp"

namespace culvert::test {
namespace {

constexpr std::uint32_t never = 4'000'000'000;  // microseconds: who is busy is not looked at

class SpreadOrder : public TwoWorkers {
 protected:
  SpreadOrder() : TwoWorkers({.mode = SpreadMode::automatic, .window = never}) {
    index = gateway.add_tunnel({.local = a, .remote = b});
    turn(0);
    turn(1);
  }

  /// As Worker::poll() has it.
  void turn(unsigned worker, const std::vector<Bytes>& frames = {}) {
    Lane& lane = *lanes[worker];
    lane.spread.begin_turn(exchanges, true, rte_rdtsc());
    std::array<rte_mbuf*, max_burst> packets{};
    const unsigned count = exchanges[worker]->take_injections(packets.data(), max_burst);
    resume_burst(lane, {packets.data(), count});
    unsigned taken = 0;
    for (const Bytes& frame : frames) {
      packets[taken++] = make_mbuf(gateway.pool(), frame);
    }
    forward_burst(lane, gateway.port(outside), {packets.data(), taken});
    lane.finish_burst();
  }
  void settle() {
    for (unsigned i = 0; i < 100; ++i) {
      turn(i % 2);
      look();
    }
  }
  /// What has left meanwhile, into `order`; what was dropped, into `lost`.
  void look() {
    for (const Outcome& outcome : gateway.outcomes()) {
      if (outcome.kind == Outcome::Kind::sent) {
        order.see(outcome.bytes);
      } else {
        lost.push_back(outcome);
      }
    }
  }
  void want(Flow& of, std::uint16_t worker, unsigned by = 0) {
    lanes[by]->spread.want(of.bucket(gateway.pool()), worker);
  }
  unsigned worker_of(Flow& of) { return lanes[0]->spread.worker_of(of.bucket(gateway.pool())); }

  std::uint32_t index = 0;
  Flow flow{1000};
  OrderCheck order;
  std::vector<Outcome> lost;
};

TEST_F(SpreadOrder, AFlowLeavesAtOnce) {
  turn(0, {flow.frame()});
  want(flow, 1);
  turn(0, {flow.frame(), flow.frame()});
  EXPECT_EQ(worker_of(flow), 1U);
  EXPECT_EQ(gateway.counters().handed_over.get(), 2U);
  settle();
  EXPECT_EQ(order.count(), 3U);
}

TEST_F(SpreadOrder, BehindWhatItLeavesBehind) {
  // The second worker's frame goes by the first one's ring, and what it hands over as well.
  std::array<rte_mbuf*, max_burst> packets{};
  const auto burst = [&](unsigned count) {
    for (rte_mbuf*& m : std::span{packets}.first(count)) {
      m = make_mbuf(gateway.pool(), flow.frame());
    }
    forward_burst(*lanes[1], gateway.port(outside), {packets.data(), count});
  };
  burst(1);
  want(flow, 0, 1);
  burst(max_burst);  // so many that they do not wait for the end of the turn
  turn(0);
  lanes[1]->finish_burst();
  settle();
  EXPECT_EQ(order.count(), 1U + max_burst);
}

TEST_F(SpreadOrder, AFlowComesBackWhenItsPacketsHaveLeft) {
  want(flow, 1);
  turn(0, {flow.frame()});
  want(flow, 0);
  for (unsigned i = 0; i < 3; ++i) {
    turn(0, {flow.frame()});
    EXPECT_EQ(worker_of(flow), 1U) << "they wait in its ring";
  }
  turn(1);
  turn(0, {flow.frame()});
  EXPECT_EQ(worker_of(flow), 1U) << "and then, as frames, in the first one's own";
  turn(1);
  turn(0);
  turn(0, {flow.frame()});
  EXPECT_EQ(worker_of(flow), 0U);
  settle();
  EXPECT_EQ(order.count(), 6U);
}

TEST_F(SpreadOrder, NotWhileAnyOfItsFramesWait) {
  want(flow, 1);
  for (unsigned i = 0; i < max_burst + 6; ++i) {
    turn(0, {flow.frame()});
  }
  want(flow, 0);
  turn(0);
  turn(1);
  turn(1);
  turn(0, {flow.frame()});  // behind a burst of them, and six stay
  EXPECT_EQ(worker_of(flow), 1U);
  settle();
  turn(0, {flow.frame()});
  EXPECT_EQ(worker_of(flow), 0U);
  settle();
  EXPECT_EQ(order.count(), max_burst + 8U);
}

TEST_F(SpreadOrder, WhateverTurnsTheyTake) {
  constexpr unsigned flows = 12;
  (void)gateway.add_tunnel({.local = a, .remote = outside4_of_c});
  std::mt19937 random(7);
  const auto one_of = [&](unsigned count) { return static_cast<unsigned>(random()) % count; };
  // One half is for the first worker to decapsulate, the other half for the second.
  std::vector<Flow> all;
  for (unsigned i = 0; i < flows; ++i) {
    all.push_back({static_cast<std::uint16_t>(2000 + i)});
  }
  unsigned put = 0;
  unsigned changes = 0;
  for (unsigned step = 0; step < 4000; ++step) {
    const unsigned worker = one_of(3) == 0 ? 1 : 0;
    std::vector<Bytes> frames;
    for (unsigned i = one_of(12); i != 0; --i) {
      frames.push_back(
          all[worker + 2 * one_of(flows / 2)].frame(64, worker == 0 ? b : outside4_of_c));
    }
    put += static_cast<unsigned>(frames.size());
    std::vector<unsigned> before;
    for (Flow& each : all) {
      before.push_back(lanes[each.port % 2]->spread.worker_of(each.bucket(gateway.pool())));
    }
    turn(worker, frames);
    for (unsigned i = 0; i < flows; ++i) {
      const unsigned now = lanes[i % 2]->spread.worker_of(all[i].bucket(gateway.pool()));
      changes += static_cast<unsigned>(now != before[i]);
    }
    if (one_of(4) == 0) {
      const unsigned which = one_of(flows);
      want(all[which], static_cast<std::uint16_t>(one_of(2)), which % 2);
    }
    look();
  }
  settle();
  EXPECT_EQ(order.count(), put);
  EXPECT_GT(changes, 100U);
  EXPECT_TRUE(lost.empty());
}

TEST_F(SpreadOrder, WhatTheRingHasNoRoomForIsCounted) {
  want(flow, 1);
  unsigned put = 0;
  const auto put_burst = [&] {
    std::vector<Bytes> frames;
    for (unsigned i = 0; i < 32; ++i, ++put) {
      frames.push_back(flow.frame());
    }
    turn(0, frames);
  };
  while (gateway.counters().drops[static_cast<std::size_t>(Drop::worker_full)].get() == 0) {
    put_burst();
    ASSERT_LT(put, 2 * Exchange::inject_capacity);
  }
  const std::uint64_t waiting = gateway.counters().handed_over.get();
  EXPECT_EQ(waiting, Exchange::inject_capacity - 1 - Exchange::inject_reserve);
  turn(1);  // there is room again, but the flow is to leave
  want(flow, 0);
  put_burst();
  EXPECT_EQ(gateway.counters().handed_over.get(), waiting) << "so that it can";
  settle();
  put_burst();
  EXPECT_EQ(worker_of(flow), 0U);
  settle();
  EXPECT_EQ(order.count(), waiting + 32);
  EXPECT_EQ(order.count() + lost.size(), put);
  for (const Outcome& outcome : lost) {
    EXPECT_EQ(outcome, dropped(Drop::worker_full));
  }
}

TEST_F(SpreadOrder, WhatIsKnownOfAPacketGoesWithIt) {
  (void)gateway.add_tunnel({.local = a, .remote = outside4_of_c});
  const std::uint32_t third = gateway.add_tunnel({.local = a, .remote = "10.0.0.4"});
  want(flow, 1);
  turn(0, {flow.frame(1, "10.0.0.4")});
  turn(1);
  rte_mbuf* m = nullptr;
  ASSERT_EQ(second.take_punts(&m, 1), 1U);
  const PacketFacts facts = facts_of(m);
  EXPECT_EQ(facts.drop, Drop::ttl_exceeded);
  EXPECT_EQ(facts.port, outside);
  EXPECT_EQ(facts.l2, 0);
  EXPECT_EQ(facts.worker, 1);
  EXPECT_EQ(ingress_tunnel(m), third);
  EXPECT_EQ(contents(m), Flow{1000}.inner(1));
  rte_pktmbuf_free(m);
  EXPECT_EQ(gateway.counters(third).rx_packets.get(), 1U) << "not once more by the other";
}

TEST_F(SpreadOrder, WhatCameInFragments) {
  want(flow, 1);
  want(flow, 1, 1);
  for (std::uint16_t i = 0; i < 8; ++i) {  // whole again on either worker
    const Bytes body = flow.inner();
    turn(0, {Flow::to_gateway(fragment_of(body, {0, 16}, {.id = i})),
             Flow::to_gateway(fragment_of(body, {16, body.size(), true}, {.id = i}))});
    turn(1);
    turn(0);
    turn(1);
  }
  settle();
  EXPECT_EQ(order.count(), 8U);
  EXPECT_GT(gateway.counters().handed_over.get(), 0U);
  EXPECT_EQ(gateway.counters(index).rx_packets.get(), 8U);
}

TEST_F(SpreadOrder, NumberedOnesAreCheckedFirst) {
  const std::uint32_t numbered = gateway.add_tunnel(
      {.mode = TunnelMode::gre, .local = a, .remote = b, .input_fields = gre_field::sequence});
  ASSERT_EQ(owner_of(numbered, 2), 1);
  want(flow, 0, 1);  // its owner gives the flow back to the worker that received it
  const auto with_number = [&](std::uint32_t number) {
    return Flow::to_gateway(
        ipv4(b, a, 47, gre(0x1000, ether_type::ipv4, bytes_of(be32{number}), flow.inner())));
  };
  turn(0, {with_number(1), with_number(2), with_number(2), with_number(3)});
  turn(1);
  EXPECT_EQ(gateway.counters().handed_over.get(), 7U) << "four there, three back";
  settle();
  EXPECT_EQ(order.count(), 3U);
  EXPECT_EQ(lost, std::vector{dropped(Drop::gre_sequence)});
  EXPECT_EQ(gateway.counters(numbered).rx_packets.get(), 3U);
}

}  // namespace
}  // namespace culvert::test
