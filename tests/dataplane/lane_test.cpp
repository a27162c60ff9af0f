// SPDX-License-Identifier: BSD-3-Clause
// What a worker has for itself: identifications, transmit buffers, the way to the slow path.
#include "culvert/dataplane/lane.hpp"

#include <set>

#include <gtest/gtest.h>

#include "support/gateway.hpp"

namespace culvert::test {
namespace {

const Bytes frame = ethernet(node_a.host_mac, node_a.inside_mac, 0x0800, payload(46));

TEST(Lane, IdentificationsDifferUntilTheyRunOut) {
  TestGateway gateway;
  std::vector<bool> seen(0x10000);
  for (unsigned i = 0; i < 0x10000; ++i) {
    const std::uint16_t id = gateway.lane().next_id();
    EXPECT_FALSE(seen[id]) << id;
    seen[id] = true;
  }
}

TEST(Lane, NoTwoWorkersUseTheSameIdentification) {
  TestGateway gateway;
  for (const std::uint16_t workers : std::initializer_list<std::uint16_t>{2, 3, 5, 8, 63}) {
    std::vector<int> owner(0x10000, -1);
    for (std::uint16_t worker = 0; worker < workers; ++worker) {
      auto lane = std::make_unique<Lane>(gateway.forwarding(), gateway.counters(),
                                         gateway.exchange(), worker, workers);
      for (unsigned i = 0; i < 0x20000; ++i) {  // more than once around
        int& used_by = owner[lane->next_id()];
        ASSERT_TRUE(used_by == -1 || used_by == worker) << workers;
        used_by = worker;
      }
    }
  }
}

TEST(Lane, FramesLeaveInOrderWhenTheBurstIsOver) {
  TestGateway gateway;
  Lane& lane = gateway.lane();
  std::vector<Outcome> expected;
  for (unsigned i = 0; i < 3 * max_burst + 5; ++i) {  // buffers run full on the way
    const Bytes numbered = frame + hex("00") + bytes_of(be32{i});
    lane.transmit(make_mbuf(gateway.pool(), numbered), outside);
    expected.push_back(sent(outside, numbered));
  }
  lane.finish_burst();
  EXPECT_EQ(gateway.counters().sent.get(), expected.size());
  EXPECT_EQ(gateway.outcomes(), expected);
}

TEST(Lane, APortThatIsDownDropsAndCounts) {
  TestGateway gateway;
  Lane& lane = gateway.lane();
  lane.transmit(make_mbuf(gateway.pool(), frame), 2);
  lane.set_ports({}, {});
  lane.transmit(make_mbuf(gateway.pool(), frame), inside);
  lane.finish_burst();
  EXPECT_EQ(gateway.outcomes(), (std::vector{dropped(Drop::port_down), dropped(Drop::port_down)}));
}

TEST(Lane, WhatIsBufferedLeavesBeforeThePortsChange) {
  TestGateway gateway;
  gateway.lane().transmit(make_mbuf(gateway.pool(), frame), inside);
  gateway.lane().set_ports({}, {});
  EXPECT_EQ(gateway.outcomes(), std::vector{sent(inside, frame)});
}

TEST(Lane, AFullTransmitQueueIsCountedForItsPort) {
  TestGateway gateway;
  Lane& lane = gateway.lane();
  constexpr unsigned count = 1500;  // the ring of net_ring holds less
  for (unsigned i = 0; i < count; ++i) {
    lane.transmit(make_mbuf(gateway.pool(), frame), outside);
  }
  lane.finish_burst();
  const std::uint64_t refused = gateway.counters().tx_dropped[outside].get();
  EXPECT_GT(refused, 0U);
  EXPECT_EQ(gateway.counters().tx_dropped[inside].get(), 0U);
  EXPECT_EQ(gateway.counters().sent.get() + refused, count);
  const std::vector<Outcome> all = gateway.outcomes();
  EXPECT_EQ(all.size(), count);
  EXPECT_EQ(static_cast<std::uint64_t>(std::count(all.begin(), all.end(), dropped(Drop::tx_full))),
            refused);
}

/// A port with fewer queues than there are workers, and the lane of a worker that owns none.
class SharedQueues : public testing::Test {
 protected:
  static constexpr std::uint16_t workers = 20;  // net_ring has 16 queues at most

  SharedQueues() {
    const std::uint16_t queues = port.tx_queues();
    exchanges.fill(&gateway.exchange());
    for (std::uint16_t queue = 0; queue < queues; ++queue) {
      owners.insert(port.owner(queue, queues));
      exchanges[port.owner(queue, queues)] = &theirs;
    }
    std::uint16_t without = 0;
    while (owners.contains(without)) {
      ++without;
    }
    lane = std::make_unique<Lane>(gateway.forwarding(), gateway.counters(), gateway.exchange(),
                                  without, workers);
    lane->set_ports({.ports = {&port}, .version = 1}, exchanges);
  }

  TestGateway gateway;
  Port port{"net_ring_shared", 5, {.workers = workers, .pool = gateway.pool()}};
  Doorbell doorbell;
  Exchange theirs{"theirs", doorbell};
  std::array<Exchange*, workers> exchanges{};
  std::set<std::uint16_t> owners;
  std::unique_ptr<Lane> lane;
};

TEST_F(SharedQueues, EachHasOneOwner) {
  EXPECT_LT(port.tx_queues(), workers);
  EXPECT_EQ(owners.size(), port.tx_queues());
}

TEST_F(SharedQueues, OthersHandItsOwnerTheirFrames) {
  lane->transmit(make_mbuf(gateway.pool(), frame), 5);
  lane->finish_burst();
  rte_mbuf* m = nullptr;
  ASSERT_EQ(theirs.take_injections(&m, 1), 1U);
  EXPECT_EQ(facts_of(m).entry, Entry::transmit);
  EXPECT_EQ(facts_of(m).port, 5);
  EXPECT_EQ(contents(m), frame);
  rte_pktmbuf_free(m);
  EXPECT_EQ(gateway.counters().sent.get(), 0U);  // its owner counts it
}

TEST_F(SharedQueues, AnOwnerThatCannotKeepUpIsAFullQueue) {
  std::vector<rte_mbuf*> waiting;
  constexpr unsigned room = Exchange::inject_capacity - 1 - Exchange::inject_reserve;
  for (unsigned i = 0; i < room; ++i) {
    lane->transmit(waiting.emplace_back(make_mbuf(gateway.pool(), frame)), 5);
  }
  lane->transmit(make_mbuf(gateway.pool(), frame), 5);
  lane->finish_burst();
  EXPECT_EQ(gateway.outcomes(), std::vector{dropped(Drop::tx_full)});
  EXPECT_EQ(gateway.counters().tx_dropped[5].get(), 1U);
  rte_mbuf* const own = waiting.emplace_back(make_mbuf(gateway.pool(), frame));
  EXPECT_TRUE(theirs.inject(own)) << "the control thread still gets through";
  rte_pktmbuf_free_bulk(waiting.data(), static_cast<unsigned>(waiting.size()));
}

TEST(Lane, TheWayToTheSlowPathIsBounded) {
  TestGateway gateway;
  Lane& lane = gateway.lane();
  constexpr unsigned beyond = 10;
  for (unsigned i = 0; i < Exchange::punt_capacity + beyond; ++i) {
    lane.punt(make_mbuf(gateway.pool(), frame), {.punt = Punt::arp, .port = inside});
  }
  lane.finish_burst();
  const std::vector<Outcome> all = gateway.outcomes();
  const auto lost = std::count(all.begin(), all.end(), dropped(Drop::slowpath_full));
  EXPECT_EQ(lost, beyond + 1);  // a ring holds one less than its size
  EXPECT_EQ(all.size(), Exchange::punt_capacity + beyond);
}

TEST(Lane, PuntsNameTheirWorker) {
  TestGateway gateway;
  auto lane = std::make_unique<Lane>(gateway.forwarding(), gateway.counters(), gateway.exchange(),
                                     std::uint16_t{7}, std::uint16_t{8});
  lane->punt(make_mbuf(gateway.pool(), frame),
             {.punt = Punt::error, .drop = Drop::too_big, .port = outside, .mtu = 1400, .l2 = 14});
  rte_mbuf* m = nullptr;
  ASSERT_EQ(gateway.exchange().take_punts(&m, 1), 1U);
  EXPECT_EQ(facts_of(m).worker, 7);
  EXPECT_EQ(facts_of(m).punt, Punt::error);
  EXPECT_EQ(facts_of(m).drop, Drop::too_big);
  EXPECT_EQ(facts_of(m).port, outside);
  EXPECT_EQ(facts_of(m).mtu, 1400);
  EXPECT_EQ(facts_of(m).l2, 14);
  rte_pktmbuf_free(m);
}

TEST(Lane, DropsAreCountedAndFreedWheneverTheyAre) {
  TestGateway gateway;
  for (unsigned i = 0; i < max_burst + 1; ++i) {
    gateway.lane().drop(make_mbuf(gateway.pool(), frame), Drop::ecn);
  }
  EXPECT_EQ(gateway.missing_mbufs(), 1U);  // what filled the list is free, the rest waits
  gateway.lane().finish_burst();
  EXPECT_EQ(gateway.missing_mbufs(), 0U);
  EXPECT_EQ(gateway.outcomes(), std::vector(max_burst + 1, dropped(Drop::ecn)));
}

}  // namespace
}  // namespace culvert::test
