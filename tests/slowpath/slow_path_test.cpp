// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/slow_path.hpp"

#include <gtest/gtest.h>

#include "slowpath/fixture.hpp"

namespace culvert::test {
namespace {

using Kind = NextHop::Kind;

Bytes packet_to(std::string_view destination, std::size_t mark = 8) {
  return ipv4("203.0.113.1", destination, 17, payload(mark));
}

class ResolveTest : public SlowPathTest {
 protected:
  void resolve(const Bytes& packet, Entry entry = Entry::forward) {
    punt_resolve(packet, entry);
    poll();
  }
  /// The neighbour answers.
  void answer(std::string_view address, std::uint16_t port = 0) {
    neighbours->update(*neighbour(address, port), {.mac = mac(host_mac), .reachable = true}, now);
  }
  void pass(std::chrono::seconds time) {
    for (auto i = 0s; i < time; ++i) {
      advance(1s);
    }
  }
};

TEST_F(ResolveTest, OnLinkDestinationIsAskedForAndHeld) {
  const Bytes packet = packet_to(host4);
  resolve(packet);
  EXPECT_EQ(state(host4), NeighbourState::incomplete);
  EXPECT_EQ(neighbours->held(), 1U);
  (void)take_one(Entry::transmit);
  answer(host4);
  EXPECT_EQ(take_one(Entry::forward), packet) << "unchanged";
  EXPECT_EQ(counters->originated.get(), 1U) << "the question";
  EXPECT_EQ(counters->delivered.get() + all_drops(), 0U);
}

TEST_F(ResolveTest, HeldPacketsGoBackInOrderToTheirWorkerAndStage) {
  for (std::size_t i = 0; i < 10; ++i) {
    punt(packet_to(host4, i), {.punt = Punt::resolve,
                               .entry = i % 2 == 0 ? Entry::forward : Entry::output,
                               .worker = static_cast<std::uint8_t>(i / 5),
                               .port = 1,
                               .l2 = 14});
  }
  poll();
  (void)take();
  answer(host4);
  for (const std::size_t worker : {0U, 1U}) {
    const auto packets = take(worker);
    ASSERT_EQ(packets.size(), 5U);
    for (std::size_t i = 0; i < 5; ++i) {
      const std::size_t number = worker * 5 + i;
      EXPECT_EQ(packets[i].bytes, packet_to(host4, number));
      EXPECT_EQ(packets[i].entry, number % 2 == 0 ? Entry::forward : Entry::output);
    }
  }
}

TEST_F(ResolveTest, OneQuestionForManyPackets) {
  for (int i = 0; i < 100; ++i) {
    punt_resolve(packet_to(host4));
  }
  poll();
  EXPECT_EQ(take().size(), 1U);
  EXPECT_EQ(neighbours->held(), NeighbourLimits{}.held_each);
  EXPECT_EQ(drops(Drop::held_overflow), 100 - NeighbourLimits{}.held_each);
}

TEST_F(ResolveTest, DisplacedPacketsAreCountedAndTheYoungestKept) {
  limit({}, {.held_each = 3});
  for (std::size_t i = 0; i < 5; ++i) {
    resolve(packet_to(host4, i));
  }
  (void)take();
  answer(host4);
  const auto packets = take();
  ASSERT_EQ(packets.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(packets[i].bytes, packet_to(host4, i + 2));
  }
  EXPECT_EQ(drops(Drop::held_overflow), 2U);
  EXPECT_EQ(all_drops(), 2U);
}

TEST_F(ResolveTest, EachSenderIsToldOfAFailure) {  // RFC 1812 section 5.2.7.1, RFC 4443 section 3.1
  const Bytes first_packet = ipv4("203.0.113.1", host4, 17, payload(8));
  const Bytes second_packet = ipv4("203.0.113.2", host4, 17, payload(8));
  const Bytes ipv6_packet = ipv6("2001:db8:1::2", host6, 17, payload(8));
  resolve(first_packet);
  resolve(second_packet);
  resolve(packet_to(host4), Entry::output);  // ours: nobody to tell
  resolve(ipv6_packet);
  pass(2s);
  (void)take();
  pass(1s);
  const auto errors = take();
  ASSERT_EQ(errors.size(), 3U);
  const auto expect_error = [](const Injected& injected, std::string_view to, std::uint8_t type,
                               std::uint8_t code, std::size_t header, const Bytes& quoted) {
    EXPECT_EQ(injected.entry, Entry::output);
    const auto& icmp = header_at<IcmpHeader>(injected.bytes.data() + header);
    EXPECT_EQ(icmp.type, type);
    EXPECT_EQ(icmp.code, code);
    EXPECT_EQ(from(injected.bytes, header + sizeof(IcmpHeader)), quoted);
    if (header == sizeof(Ipv4Header)) {
      EXPECT_EQ(header_at<Ipv4Header>(injected.bytes.data()).destination, ip4(to));
    } else {
      EXPECT_EQ(header_at<Ipv6Header>(injected.bytes.data()).destination, ip6(to));
    }
  };
  expect_error(errors[0], "203.0.113.1", 3, 1, 20, first_packet);
  expect_error(errors[1], "203.0.113.2", 3, 1, 20, second_packet);
  expect_error(errors[2], "2001:db8:1::2", 1, 3, 40, ipv6_packet);
  EXPECT_EQ(drops(Drop::neighbour_failed), 4U);
  EXPECT_EQ(all_drops(), 4U);
}

TEST_F(ResolveTest, FailureIsToldAsOftenAsTheLimitsAllow) {
  for (int i = 0; i < 20; ++i) {
    resolve(packet_to(host4));
  }
  pass(2s);
  (void)take();
  pass(1s);
  EXPECT_EQ(take().size(), 6U);
  EXPECT_EQ(drops(Drop::neighbour_failed), 20U);
}

TEST_F(ResolveTest, GatewaysAndTunnelsHaveTheirNeighbour) {
  NeighbourEntry& gateway = neighbours->acquire(1, ip4("198.51.100.7"));
  for (const Kind kind : {Kind::forward, Kind::tunnel}) {
    SCOPED_TRACE(static_cast<int>(kind));
    host.route(ip4("203.0.113.0"), 24, {.neighbour = &gateway, .kind = kind});
    const Bytes packet = packet_to("203.0.113.9");
    resolve(packet);
    EXPECT_EQ(gateway.held.size(), 1U);
    EXPECT_EQ(take(1).size(), 1U) << "the question, for port 1";
    answer("198.51.100.7", 1);
    EXPECT_EQ(take_one(Entry::forward), packet);
    neighbours->remove(1, ip4("198.51.100.7"));
  }
  EXPECT_EQ(neighbours->size(), 1U) << "none for the destination itself";
}

TEST_F(ResolveTest, ResolvedMeanwhileGoesStraightBack) {
  NeighbourEntry& gateway = neighbours->acquire(0, ip4("192.0.2.7"));
  host.route(ip4("203.0.113.0"), 24, {.neighbour = &gateway, .kind = Kind::forward});
  answer("192.0.2.7");
  const Bytes packet = packet_to("203.0.113.9");
  resolve(packet);
  EXPECT_EQ(take_one(Entry::forward), packet);
}

TEST_F(ResolveTest, WhatTheTablesSayByNowIsTheWorkersBusiness) {
  for (const Kind kind : {Kind::none, Kind::local, Kind::prohibited, Kind::blackhole}) {
    host.route(ip4("203.0.113.9"), kind);
    const Bytes packet = packet_to("203.0.113.9");
    resolve(packet);
    EXPECT_EQ(take_one(Entry::forward), packet);
  }
  host.route(ip4("203.0.113.9"), 32, {.next = 1, .kind = Kind::tunnel});
  resolve(packet_to("203.0.113.9"));
  EXPECT_EQ(take().size(), 1U) << "a tunnel in a tunnel: its outer packet comes by itself";
}

TEST_F(ResolveTest, ANeighbourWithoutARouteOfItsOwnDoesNotGoInCircles) {
  host.enters_neighbours = false;
  resolve(packet_to(host4));
  (void)take();
  answer(host4);
  EXPECT_EQ(take().size(), 1U);
  resolve(packet_to(host4));
  expect_nothing();
  EXPECT_EQ(drops(Drop::neighbour_limit), 1U);
}

TEST_F(ResolveTest, TooManyNeighboursAreRefused) {
  limit({}, {.entries = 2});
  resolve(packet_to("192.0.2.1"));
  resolve(packet_to("192.0.2.2"));
  resolve(packet_to("192.0.2.3"));
  EXPECT_EQ(drops(Drop::neighbour_limit), 1U);
  EXPECT_EQ(neighbours->size(), 2U);
}

TEST_F(ResolveTest, NeighboursComeAndGoWithTheirRoutes) {
  resolve(packet_to(host4));
  EXPECT_EQ(forwarding.next_hops[forwarding.ipv4.lookup(ip4(host4))].kind, Kind::forward);
  pass(64s);
  EXPECT_EQ(neighbour(host4), nullptr);
  EXPECT_EQ(forwarding.next_hops[forwarding.ipv4.lookup(ip4(host4))].kind, Kind::connected);
  EXPECT_EQ(host.events, (std::vector<std::string>{"+192.0.2.1", "-192.0.2.1"}));
}

TEST_F(ResolveTest, EndsWithPacketsHeld) {
  resolve(packet_to(host4));
  EXPECT_EQ(neighbours->held(), 1U);
  slow_path.reset();
  EXPECT_EQ(neighbours->held(), 0U);
}

using PollTest = SlowPathTest;

TEST_F(PollTest, TakesABoundedNumber) {
  for (unsigned i = 0; i < SlowPath::punts_per_poll + 10; ++i) {
    punt_error(packet_to(host4), Drop::no_route);
  }
  EXPECT_EQ(slow_path->poll(now), SlowPath::punts_per_poll);
  EXPECT_EQ(slow_path->poll(now), 10U);
  EXPECT_EQ(slow_path->poll(now), 0U);
}

TEST_F(PollTest, AFloodedWorkerDoesNotStarveAnother) {
  for (unsigned i = 0; i < 3 * SlowPath::punts_per_poll; ++i) {
    punt_error(packet_to(host4), Drop::no_route);
  }
  punt(packet_to(host4), {.punt = Punt::error, .drop = Drop::prohibited, .worker = 1});
  poll();
  poll();
  EXPECT_EQ(drops(Drop::prohibited), 1U);
}

}  // namespace
}  // namespace culvert::test
