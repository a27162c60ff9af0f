// SPDX-License-Identifier: BSD-3-Clause
#include "slowpath/icmp_fixture.hpp"

namespace culvert::test {
namespace {

using IcmpErrorsTest = IcmpTest;

// Errors about what is for us.

TEST_F(IcmpErrorsTest, PortsAndProtocolsThatNobodyServes) {
  struct Case {
    std::uint8_t protocol;
    IcmpError ipv4;
    IcmpError ipv6;
  };
  const Case cases[] = {
      {ip_protocol::udp, {3, 3}, {1, 4}},
      {ip_protocol::tcp, {3, 3}, {1, 4}},
      {99, {3, 2}, {4, 1, 6}},
  };
  for (const Case& c : cases) {
    const Bytes packet4 = ipv4(host4, other_own4, c.protocol, payload(20));
    punt_local(packet4);
    poll();
    expect_error4(c.ipv4, other_own4, packet4);
    const Bytes packet6 = ipv6(host6, own6, c.protocol, payload(20));
    punt_local(packet6);
    poll();
    EXPECT_EQ(take_one(Entry::output), error6(c.ipv6, own6, packet6));
  }
  EXPECT_EQ(drops(Drop::not_handled), 6U);
  EXPECT_EQ(counters->originated.get(), 6U);
}

TEST_F(IcmpErrorsTest, TunnelPacketsThatNoTunnelTakes) {  // captures 10f, 10j and 10k
  for (const std::uint8_t protocol : {ip_protocol::ipip, ip_protocol::ipv6, ip_protocol::gre}) {
    const Bytes packet = ipv4(host4, other_own4, protocol, payload(60));
    punt_error(packet, Drop::no_tunnel);
    poll();
    expect_error4({3, 3}, other_own4, packet);
  }
  EXPECT_EQ(drops(Drop::no_tunnel), 3U);
  EXPECT_EQ(all_drops(), 3U);
}

TEST_F(IcmpErrorsTest, ErrorToALinkLocalSenderGoesBackTheWayItCame) {
  const Bytes packet = udp6(host_link_local, own_link_local);
  punt_local(packet);
  poll();
  EXPECT_EQ(take_one(Entry::transmit),
            ethernet(host_mac, own_mac, ether_type::ipv6, error6({1, 4}, own_link_local, packet)));
}

// Errors about what passes.

TEST_F(IcmpErrorsTest, SendersAreToldAndTheDropIsCounted) {
  for (const Drop drop :
       {Drop::ttl_exceeded, Drop::no_route, Drop::unreachable, Drop::prohibited, Drop::too_big}) {
    limit({});
    const Bytes packet4 = udp4(host4, "203.0.113.9", 700);
    punt_error(packet4, drop, 1400);
    poll();
    expect_error4(icmp_error_for(drop, 1400).value(), own4, packet4);
    const Bytes packet6 = udp6(host6, "2001:db8:99::9", 1400);
    punt_error(packet6, drop, 1400);
    poll();
    EXPECT_EQ(take_one(Entry::output), error6(icmpv6_error_for(drop, 1400).value(), own6, packet6));
    EXPECT_EQ(drops(drop), 2U);
    EXPECT_EQ(all_drops(), 2U);
    EXPECT_EQ(counters->originated.get(), 2U);
    EXPECT_EQ(counters->delivered.get(), 0U);
  }
}

TEST_F(IcmpErrorsTest, QuoteIsTakenFromAllSegments) {
  const Bytes packet = udp6(host6, "2001:db8:99::9", 1400);
  for (std::size_t split = contiguous_headers; split < packet.size(); split += 1) {
    limit({.all = {0, 0}, .each = {0, 0}});
    punt(mbufs.make(packet, {}, split), {.punt = Punt::error, .drop = Drop::no_route});
    poll();
    EXPECT_EQ(take_one(Entry::output), error6({1, 0}, own6, packet)) << split;
  }
}

TEST_F(IcmpErrorsTest, ErrorsHaveRoomForOuterHeaders) {
  punt_error(udp4(host4, "203.0.113.9"), Drop::no_route);
  poll();
  const auto errors = take();
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].headroom, RTE_PKTMBUF_HEADROOM);
}

TEST_F(IcmpErrorsTest, ErrorAboutALinkLocalSendersPacketGoesBackTheWayItCame) {
  const Bytes packet = udp6(host_link_local, "2001:db8:99::9");
  punt(packet, {.punt = Punt::error, .drop = Drop::no_route, .l2 = sizeof(EthernetHeader)},
       ethernet(own_mac, host_mac, ether_type::ipv6, {}));
  poll();
  EXPECT_EQ(take_one(Entry::transmit),
            ethernet(host_mac, own_mac, ether_type::ipv6, error6({1, 0}, own_link_local, packet)));
}

TEST_F(IcmpErrorsTest, SilentDrops) {
  punt_error(udp4(host4, "203.0.113.9"), Drop::no_outer_route);
  poll();
  expect_dropped(Drop::no_outer_route);
}

TEST_F(IcmpErrorsTest, NobodyIsToldOfOurOwnPackets) {
  punt(udp4(own4, "203.0.113.9"),
       {.punt = Punt::error, .drop = Drop::no_route, .entry = Entry::output});
  poll();
  expect_dropped(Drop::no_route);
}

TEST_F(IcmpErrorsTest, NothingIsSaidAboutAnError) {
  punt_error(ipv4(host4, "203.0.113.9", 1, icmp4(3, 1, 0, payload(28))), Drop::ttl_exceeded);
  poll();
  expect_dropped(Drop::ttl_exceeded);
}

TEST_F(IcmpErrorsTest, NothingIsSaidAboutWhatCameToAGroup) {
  punt(udp4(host4, "203.0.113.9"),
       {.punt = Punt::error, .drop = Drop::no_route, .l2 = sizeof(EthernetHeader)},
       ethernet("ff:ff:ff:ff:ff:ff", host_mac, ether_type::ipv4, {}));
  poll();
  expect_dropped(Drop::no_route);
}

TEST_F(IcmpErrorsTest, NothingIsSaidToOurselvesNorToASubnet) {
  for (const std::string_view source : {own4, std::string_view{"192.0.2.255"}}) {
    limit({});
    punt_error(udp4(source, "203.0.113.9"), Drop::no_route);
    poll();
    expect_dropped(Drop::no_route);
  }
}

TEST_F(IcmpErrorsTest, WithoutAnAddressNothingIsSaid) {
  host.ipv4_source.reset();
  punt_error(udp4(host4, "203.0.113.9"), Drop::no_route);
  poll();
  expect_dropped(Drop::no_route);
}

TEST_F(IcmpErrorsTest, WithoutMbufsNothingIsSaid) {
  punt_error(udp4(host4, "203.0.113.9"), Drop::no_route);
  std::vector<rte_mbuf*> all(mbufs.count - mbufs.missing());
  ASSERT_EQ(rte_pktmbuf_alloc_bulk(mbufs.pool(), all.data(), static_cast<unsigned>(all.size())), 0);
  poll();
  rte_pktmbuf_free_bulk(all.data(), static_cast<unsigned>(all.size()));
  expect_dropped(Drop::no_route);
}

TEST_F(IcmpErrorsTest, RateIsLimitedEchoIsNot) {
  for (int i = 0; i < 20; ++i) {
    punt_error(udp4(host4, "203.0.113.9"), Drop::no_route);
    punt_local(ping4(own4));
  }
  poll();
  EXPECT_EQ(take().size(), 26U);
  EXPECT_EQ(drops(Drop::no_route), 20U);
  now += 1s;
  punt_error(udp4(host4, "203.0.113.9"), Drop::no_route);
  punt_error(udp4(host4, "203.0.113.9"), Drop::no_route);
  poll();
  EXPECT_EQ(take().size(), 1U);
}

TEST_F(IcmpErrorsTest, ErrorsAboutSizeComeThrough) {
  for (int i = 0; i < 20; ++i) {
    punt_error(udp4(host4, "203.0.113.9"), Drop::too_big, 1400);
    punt_error(udp6(host6, "2001:db8:99::9"), Drop::too_big, 1400);
  }
  poll();
  EXPECT_EQ(take().size(), 40U);
}

}  // namespace
}  // namespace culvert::test
