// SPDX-License-Identifier: BSD-3-Clause
// Fragments for this gateway through the whole row.
#include <gtest/gtest.h>

#include "culvert/dataplane/reassembly.hpp"

#include "fragments.hpp"
#include "support/gateway.hpp"
#include "two_workers.hpp"

namespace culvert::test {
namespace {

Bytes from_b(const Bytes& packet) {
  return ethernet(node_a.outside_mac, node_b.outside_mac, ether_type::ipv4, packet);
}
Outcome to_host(const Bytes& packet) {
  return sent(inside, ethernet(node_a.host_mac, node_a.inside_mac, ether_type::ipv4, packet));
}
Bytes inner(std::size_t size, std::uint8_t ttl = 64) {
  return ipv4(node_b.host4, node_a.host4, 17, payload(size), {.ttl = ttl});
}

class Row : public testing::Test {
 protected:
  Row() { (void)gateway.add_tunnel({.local = a, .remote = b}); }
  TestGateway gateway;
};

TEST_F(Row, OuterFragmentsBeforeDecapsulation) {  // 10d
  const Bytes body = inner(100);
  const Bytes frames[] = {from_b(fragment_of(body, {64, 120, true})),
                          from_b(fragment_of(body, {0, 8})),  // the inner header is cut as well
                          from_b(fragment_of(body, {8, 64}))};
  EXPECT_EQ(gateway.receive_burst(outside, frames), std::vector{to_host(inner(100, 63))});
  EXPECT_EQ(gateway.counters(0).rx_packets.get(), 1U);
  EXPECT_EQ(gateway.counters(0).rx_bytes.get(), 120U);
  EXPECT_EQ(gateway.lane().reassembly.held(), 0U);
}

TEST_F(Row, AWholePacketKeepsItsTurn) {
  const Bytes body = inner(100);
  const Bytes small = inner(30);
  const Bytes frames[] = {from_b(ipv4(b, a, 4, small)), from_b(fragment_of(body, {0, 64})),
                          from_b(fragment_of(body, {64, 120, true})), from_b(ipv4(b, a, 4, small))};
  const std::vector expected{to_host(inner(30, 63)), to_host(inner(100, 63)),
                             to_host(inner(30, 63))};
  EXPECT_EQ(gateway.receive_burst(outside, frames), expected);
}

TEST_F(Row, FragmentsInFragments) {  // an outer packet in fragments inside another tunnel
  const Bytes body = inner(60);
  const Bytes one = ipv4(b, a, 4, fragment_of(body, {0, 40}));
  const Bytes two = ipv4(b, a, 4, fragment_of(body, {40, 80, true}, {.id = 7}));
  const Bytes two_right = ipv4(b, a, 4, fragment_of(body, {40, 80, true}));
  const Bytes frames[] = {from_b(one), from_b(two), from_b(two_right)};
  EXPECT_EQ(gateway.receive_burst(outside, frames), std::vector{to_host(inner(60, 63))});
  EXPECT_EQ(gateway.lane().reassembly.held(), 1U);
}

TEST_F(Row, WhateverElseIsForUs) {  // an echo request, say
  const Bytes body = icmp4(8, 0, 0x00010001, payload(2000));
  const Bytes frames[] = {from_b(fragment_of(body, {0, 1480}, {}, 1)),
                          from_b(fragment_of(body, {1480, 2008, true}, {}, 1))};
  EXPECT_EQ(gateway.receive_burst(outside, frames),
            (std::vector{Outcome{.kind = Outcome::Kind::punted,
                                 .port = outside,
                                 .bytes = ipv4(b, a, 1, body),
                                 .punt = Punt::local}}));
}

TEST_F(Row, FragmentsInTransitGoOnAsTheyAre) {
  const Bytes fragment = ipv4(b, outside4_of_c, 4, payload(64), {.fragment = more});
  EXPECT_EQ(gateway.receive(outside, from_b(fragment)).kind, Outcome::Kind::sent);
  const Bytes plain = ipv4(b, node_a.host4, 17, payload(64), {.fragment = 9});
  EXPECT_EQ(gateway.receive(outside, from_b(plain)).kind, Outcome::Kind::sent);
}

TEST_F(Row, CountsWhatItJoins) {
  const Bytes body = inner(100);
  const Bytes frames[] = {from_b(fragment_of(body, {0, 64})),
                          from_b(fragment_of(body, {64, 120, true})),
                          from_b(fragment_of(body, {0, 64}, {.id = 9}))};
  (void)gateway.receive_burst(outside, frames);
  EXPECT_EQ(gateway.counters().received.get(), 3U);
  EXPECT_EQ(gateway.counters().joined.get(), 2U);
  EXPECT_EQ(gateway.counters().reassembled.get(), 1U);
  EXPECT_EQ(gateway.counters().sent.get(), 1U);
  EXPECT_EQ(gateway.lane().reassembly.held(), 1U);
}

class Workers : public TwoWorkers {};

TEST_F(Workers, FragmentsOfOnePacketMeetOnOne) {
  (void)gateway.add_tunnel({.local = a, .remote = b});
  std::vector<Outcome> expected;
  for (std::uint16_t i = 0; i < 16; ++i) {  // some belong to either worker
    receive(0, outside, from_b(fragment_of(inner(100), {0, 64}, {.id = i})));
    receive(1, outside, from_b(fragment_of(inner(100), {64, 120, true}, {.id = i})));
    settle();
    expected.push_back(to_host(inner(100, 63)));
  }
  EXPECT_EQ(gateway.outcomes(), expected);
  EXPECT_EQ(lanes[0]->reassembly.held() + lanes[1]->reassembly.held(), 0U);
}

}  // namespace
}  // namespace culvert::test
