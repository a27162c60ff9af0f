// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/arp.hpp"

#include <gtest/gtest.h>

#include "slowpath/fixture.hpp"

namespace culvert::test {
namespace {

constexpr std::string_view everybody = "ff:ff:ff:ff:ff:ff";
constexpr std::string_view stranger_mac = "02:00:00:00:01:03";

Bytes arp(std::uint16_t operation, std::string_view to, std::string_view sender_mac,
          std::string_view sender, std::string_view target,
          std::string_view target_mac = "00:00:00:00:00:00") {
  return ethernet(to, sender_mac, ether_type::arp,
                  bytes_of(ArpHeader{be16{1}, be16{0x0800}, 6, 4, be16{operation}, mac(sender_mac),
                                     ip4(sender), mac(target_mac), ip4(target)}));
}

class ArpTest : public SlowPathTest {
 protected:
  static Bytes request(std::string_view target, std::string_view sender = host4) {
    return arp(ArpHeader::request, everybody, host_mac, sender, target);
  }
  static Bytes answer_from(std::string_view sender, std::string_view sender_mac,
                           std::string_view to = own_mac) {
    return arp(ArpHeader::reply, to, sender_mac, sender, own4, own_mac);
  }
  void receive(const Bytes& frame, std::uint16_t port = 0) {
    punt_arp(frame, port);
    poll();
  }
  void expect_unused(const Bytes& frame) {
    const std::uint64_t before = drops(Drop::not_handled);
    receive(frame);
    EXPECT_EQ(drops(Drop::not_handled), before + 1);
    EXPECT_EQ(counters->delivered.get(), 0U);
    expect_nothing();
  }
  void expect_answer(std::string_view target, std::uint16_t port = 0) {
    const Bytes frame = take_one(Entry::transmit, port);
    const MacAddress own = host.ports.at(port).mac;
    EXPECT_EQ(frame, arp(ArpHeader::reply, host_mac, to_string(own), target, host4, host_mac));
  }
};

TEST_F(ArpTest, AnswersForAnAddressOfThePort) {
  receive(request(own4));
  expect_answer(own4);
  EXPECT_EQ(counters->delivered.get(), 1U);
  EXPECT_EQ(counters->originated.get(), 1U);
  EXPECT_EQ(all_drops(), 0U);
}

TEST_F(ArpTest, AnswersForAnyAddressOfOursOnAnyPort) {  // weak host, as Linux's arp_ignore 0
  receive(request(other_own4));
  expect_answer(other_own4);
  receive(request(own4), 1);
  expect_answer(own4, 1);
}

TEST_F(ArpTest, LearnsFromWhoAsksUs) {
  receive(request(own4));
  ASSERT_NE(neighbour(host4), nullptr);
  EXPECT_EQ(neighbour(host4)->state, NeighbourState::stale);
  EXPECT_EQ(neighbour(host4)->mac, mac(host_mac));
}

TEST_F(ArpTest, AnswersThoughTheTableIsFull) {
  limit({}, {.entries = 0});
  receive(request(own4));
  expect_answer(own4);
  EXPECT_EQ(neighbours->size(), 0U);
}

TEST_F(ArpTest, IsSilentAboutOthersAddresses) {
  expect_unused(request("192.0.2.77"));
  EXPECT_EQ(neighbours->size(), 0U) << "and learns nothing";
}

TEST_F(ArpTest, ARequestToOthersUpdatesWhatIsKnown) {
  receive(request(own4));
  (void)take();
  now += 2s;
  receive(arp(ArpHeader::request, everybody, stranger_mac, host4, "192.0.2.77"));
  EXPECT_EQ(neighbour(host4)->mac, mac(stranger_mac));
  EXPECT_EQ(state(host4), NeighbourState::stale);
}

TEST_F(ArpTest, AReplyConfirms) {
  punt_resolve(ipv4(far4, host4, 17, payload(8)));
  poll();
  (void)take();
  receive(answer_from(host4, host_mac));
  EXPECT_EQ(state(host4), NeighbourState::reachable);
  EXPECT_EQ(counters->delivered.get(), 1U);
  EXPECT_EQ(take().size(), 1U) << "the packet that waited";
}

TEST_F(ArpTest, ABroadcastReplyDoesNotConfirm) {
  receive(request(own4));
  receive(answer_from(host4, host_mac, everybody));
  EXPECT_EQ(state(host4), NeighbourState::stale);
}

TEST_F(ArpTest, AUnicastRequestDoesNotConfirm) {
  receive(request(own4));
  receive(arp(ArpHeader::request, own_mac, host_mac, host4, "192.0.2.77"));
  EXPECT_EQ(state(host4), NeighbourState::stale);
}

TEST_F(ArpTest, AReplyThatNobodyAskedForCreatesNothing) {
  expect_unused(answer_from(host4, host_mac));
  EXPECT_EQ(neighbours->size(), 0U);
}

TEST_F(ArpTest, OfTwoAnswersTheFirstCounts) {  // Linux's locktime
  punt_resolve(ipv4(far4, host4, 17, payload(8)));
  poll();
  receive(answer_from(host4, host_mac));
  now += 500ms;
  receive(answer_from(host4, stranger_mac));
  EXPECT_EQ(neighbour(host4)->mac, mac(host_mac));
  now += 600ms;
  receive(answer_from(host4, stranger_mac));
  EXPECT_EQ(neighbour(host4)->mac, mac(stranger_mac));
}

TEST_F(ArpTest, GratuitousUpdatesAtOnce) {  // RFC 5227 section 3
  receive(request(own4));
  receive(arp(ArpHeader::request, everybody, stranger_mac, host4, host4));
  EXPECT_EQ(neighbour(host4)->mac, mac(stranger_mac));
  receive(arp(ArpHeader::reply, everybody, host_mac, host4, host4, host_mac));
  EXPECT_EQ(neighbour(host4)->mac, mac(host_mac));
  EXPECT_EQ(state(host4), NeighbourState::stale);
}

TEST_F(ArpTest, GratuitousCreatesNothing) {
  expect_unused(arp(ArpHeader::request, everybody, host_mac, host4, host4));
  EXPECT_EQ(neighbours->size(), 0U);
}

TEST_F(ArpTest, AnswersAProbeForOurAddress) {  // RFC 5227 section 2.1.1
  receive(request(own4, "0.0.0.0"));
  EXPECT_EQ(take_one(Entry::transmit),
            arp(ArpHeader::reply, host_mac, own_mac, own4, "0.0.0.0", host_mac));
  EXPECT_EQ(neighbours->size(), 0U);
}

TEST_F(ArpTest, WhoClaimsAnAddressOfOursIsIgnored) {
  expect_unused(request(other_own4, own4));
  expect_unused(arp(ArpHeader::request, everybody, host_mac, own4, own4));
  EXPECT_EQ(neighbours->size(), 0U);
}

TEST_F(ArpTest, OurOwnFramesAreIgnored) {
  expect_unused(arp(ArpHeader::request, everybody, own_mac, host4, own4));
  Bytes forged = request(own4);
  header_at<EthernetHeader>(forged.data()).source = mac(own_mac);
  expect_unused(forged);
  forged = arp(ArpHeader::request, everybody, own_mac, host4, own4);
  header_at<EthernetHeader>(forged.data()).source = mac(host_mac);
  expect_unused(forged);
}

TEST_F(ArpTest, ASubnetsBroadcastAddressIsNoSender) {
  expect_unused(request(own4, "192.0.2.255"));
}

TEST_F(ArpTest, PortThatIsDown) {
  receive(request(own4), 7);
  EXPECT_EQ(drops(Drop::port_down), 1U);
  expect_nothing();
}

TEST_F(ArpTest, WithoutMbufsTheRequestIsLost) {
  punt_arp(request(own4));
  std::vector<rte_mbuf*> all(mbufs.count - mbufs.missing());
  ASSERT_EQ(rte_pktmbuf_alloc_bulk(mbufs.pool(), all.data(), static_cast<unsigned>(all.size())), 0);
  poll();
  EXPECT_EQ(drops(Drop::no_mbuf), 1U);
  EXPECT_EQ(counters->delivered.get(), 0U);
  rte_pktmbuf_free_bulk(all.data(), static_cast<unsigned>(all.size()));
  expect_nothing();
}

TEST_F(ArpTest, TruncatedAnywhereIsDropped) {
  const Bytes frame = request(own4);
  for (std::size_t length = sizeof(EthernetHeader); length < frame.size(); ++length) {
    expect_unused(first(frame, length));
  }
}

TEST_F(ArpTest, SplitAnywhereIsAnswered) {
  const Bytes frame = request(own4) + Bytes(18);
  for (std::size_t split = sizeof(EthernetHeader); split < frame.size(); ++split) {
    punt(mbufs.make(frame, {}, split), {.punt = Punt::arp});
    poll();
    expect_answer(own4);
  }
}

// proxy_arp, as Linux's arp_fwd_proxy() decides.
TEST_F(ArpTest, StandsProxyForWhatLeavesElsewhere) {
  host.ports.at(0).proxy_arp = true;
  NeighbourEntry& gateway = neighbours->acquire(1, ip4("198.51.100.7"));
  NeighbourEntry& here = neighbours->acquire(0, ip4("192.0.2.7"));
  using Kind = NextHop::Kind;
  struct Case {
    const char* description;
    NextHop next_hop;
    bool answered;
  };
  const Case cases[] = {
      {"by a gateway on another port", {.neighbour = &gateway, .kind = Kind::forward}, true},
      {"by a gateway on the same port", {.neighbour = &here, .kind = Kind::forward}, false},
      {"on link at another port", {.port = 1, .kind = Kind::connected}, true},
      {"on link at the same port", {.port = 0, .kind = Kind::connected}, false},
      {"by a tunnel", {.neighbour = &here, .kind = Kind::tunnel}, true},
      {"by a tunnel that leads nowhere", {.kind = Kind::no_outer_route}, true},
      {"by a tunnel into itself", {.kind = Kind::dead_loop}, true},
      {"no route", {.kind = Kind::none}, false},
      {"unreachable", {.kind = Kind::unreachable}, false},
      {"prohibited", {.kind = Kind::prohibited}, false},
      {"blackhole", {.kind = Kind::blackhole}, false},
      {"broadcast", {.kind = Kind::broadcast}, false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.description);
    host.route(ip4("203.0.113.0"), 24, c.next_hop);
    receive(request("203.0.113.9"));
    if (c.answered) {
      expect_answer("203.0.113.9");
      EXPECT_EQ(state(host4), NeighbourState::stale) << "who asks will send";
    } else {
      expect_nothing();
    }
  }
}

TEST_F(ArpTest, StandsProxyOnlyWhereThePortSaysSo) {
  expect_unused(request(far4));
}

TEST_F(ArpTest, ProxyKeepsOutOfProbesAndAnnouncements) {
  host.ports.at(0).proxy_arp = true;
  expect_unused(request(far4, "0.0.0.0"));
  expect_unused(request(far4, far4));
}

TEST_F(ArpTest, AsksEverybodyThenWhoIsBelievedToHaveIt) {
  punt_resolve(ipv4(far4, host4, 17, payload(8)));
  poll();
  EXPECT_EQ(take_one(Entry::transmit), arp(ArpHeader::request, everybody, own_mac, own4, host4));
  receive(answer_from(host4, host_mac));
  EXPECT_EQ(take().size(), 1U);
  advance(Neighbours::reachable_time);
  NeighbourEntry& entry = *neighbour(host4);
  entry.destination = MacWord{entry.mac, static_cast<std::uint16_t>(Reachability::ready)}.word();
  advance(Neighbours::stale_check_time);
  advance(Neighbours::delay_time);
  EXPECT_EQ(take_one(Entry::transmit), arp(ArpHeader::request, host_mac, own_mac, own4, host4));
}

TEST_F(ArpTest, WithoutASourceAddressNobodyIsAsked) {
  host.ipv4_source.reset();
  punt_resolve(ipv4(far4, host4, 17, payload(8)));
  poll();
  expect_nothing();
  for (int i = 0; i < 3; ++i) {
    advance(1s);
  }
  EXPECT_EQ(drops(Drop::neighbour_failed), 1U);
}

}  // namespace
}  // namespace culvert::test
