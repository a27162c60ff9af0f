// SPDX-License-Identifier: BSD-3-Clause
// From one worker to another: where a packet goes on, and what becomes of one too many.
#include "culvert/dataplane/hand_over.hpp"

#include "two_workers.hpp"

namespace culvert::test {
namespace {

const std::string_view a = node_a.outside4;
const std::string_view b = node_b.outside4;

class HandOver : public TwoWorkers {
 protected:
  void give(const Bytes& packet, Entry entry, bool l2_group = false) {
    const Packet column(make_mbuf(gateway.pool(), packet), ether_type::ipv4, outside, 0, l2_group);
    EXPECT_TRUE(hand_over(*lanes[0], column, 1, entry).is_taken());
    lanes[0]->finish_burst();
  }
};

Bytes to_host(std::uint8_t ttl) {
  return ethernet(node_a.host_mac, node_a.inside_mac, ether_type::ipv4,
                  ipv4(node_b.host4, node_a.host4, 17, payload(20), {.ttl = ttl}));
}

TEST_F(HandOver, APacketEntersWhereItIsToldTo) {
  const Bytes inner = ipv4(node_b.host4, node_a.host4, 17, payload(20), {.ttl = 9});
  const std::uint32_t index = gateway.add_tunnel({.local = a, .remote = b});
  give(ipv4(b, a, 4, inner), Entry::receive);
  give(inner, Entry::forward);
  give(inner, Entry::output);
  EXPECT_EQ(gateway.outcomes(), std::vector<Outcome>{}) << "waits for the other worker";
  EXPECT_EQ(resume(1), 3U);
  settle();
  EXPECT_EQ(gateway.outcomes(), (std::vector{sent(inside, to_host(8)), sent(inside, to_host(8)),
                                             sent(inside, to_host(9))}));
  EXPECT_EQ(gateway.counters(index).rx_packets.get(), 1U);
}

TEST_F(HandOver, WhatIsKnownOfTheFrameStays) {
  give(ipv4(node_b.host4, node_a.host4, 17, payload(20)), Entry::receive, true);
  EXPECT_EQ(resume(1), 1U);
  EXPECT_EQ(gateway.outcomes(), std::vector{dropped(Drop::l2_broadcast)});
}

TEST_F(HandOver, TheQueueIsBounded) {
  const Bytes packet = ipv4(node_b.host4, node_a.host4, 17, payload(20));
  std::vector<rte_mbuf*> waiting;
  for (unsigned i = 0; i < Exchange::inject_capacity - 1; ++i) {  // a ring holds one less
    ASSERT_TRUE(second.inject(waiting.emplace_back(make_mbuf(gateway.pool(), packet))));
  }
  give(packet, Entry::forward);
  EXPECT_EQ(gateway.outcomes(), std::vector{dropped(Drop::worker_full)});
  rte_pktmbuf_free_bulk(waiting.data(), static_cast<unsigned>(waiting.size()));
  rte_mbuf* m = nullptr;
  while (second.take_injections(&m, 1) != 0) {
  }
}

}  // namespace
}  // namespace culvert::test
