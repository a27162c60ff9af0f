// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/icmp.hpp"

#include "slowpath/icmp_fixture.hpp"
#include "support/pcap.hpp"

namespace culvert::test {
namespace {

TEST_F(IcmpTest, EchoAsLinuxAnswers) {
  // Two Linux hosts, inside GRE: 14 bytes Ethernet, 20 IPv4, 4 GRE, 14 Ethernet.
  constexpr std::size_t outer = 52;
  const auto captured = read_golden("03h-gretap");
  punt(from(captured.at(2), outer), {.punt = Punt::local});
  poll();
  Bytes reply = take_one(Entry::output);
  Bytes expected = from(captured.at(3), outer);
  for (Bytes* const packet : {&reply, &expected}) {
    // A counter of the host's (RFC 6864 section 4), and the checksum over it.
    auto& ip = header_at<Ipv4Header>(packet->data());
    ip.id = {};
    ip.checksum = {};
  }
  EXPECT_EQ(reply, expected);
}

TEST_F(IcmpTest, EchoIsAnsweredFromTheAddressThatWasAsked) {
  for (const std::string_view address : {own4, other_own4}) {
    punt_local(ping4(address));
    poll();
    expect_echo4(address);
  }
  EXPECT_EQ(counters->delivered.get(), 2U);
  EXPECT_EQ(counters->originated.get(), 2U);
  EXPECT_EQ(all_drops(), 0U);
}

TEST_F(IcmpTest, EchoKeepsTosAndCountsIdentifications) {
  punt_local(ping4(own4, 56, {.tos = 0xb9, .ttl = 3}));
  punt_local(ping4(own4));
  poll();
  const auto replies = take();
  ASSERT_EQ(replies.size(), 2U);
  const auto& first_reply = header_at<Ipv4Header>(replies[0].bytes.data());
  const auto& second_reply = header_at<Ipv4Header>(replies[1].bytes.data());
  EXPECT_EQ(first_reply.tos, 0xb9);
  EXPECT_EQ(first_reply.ttl, 64);
  EXPECT_NE(first_reply.id.host(), second_reply.id.host());
}

TEST_F(IcmpTest, EchoOfAnySize) {
  for (const std::size_t size : {0U, 1U, 2U, 3U, 55U, 1472U, 8972U}) {
    punt_local(ping4(own4, size));
    poll();
    expect_echo4(own4, size);
    punt_local(ping6(own6, size));
    poll();
    EXPECT_EQ(take_one(Entry::output), icmp6(own6, host6, 129, 0, ident, payload(size)));
  }
}

TEST_F(IcmpTest, EchoInTwoSegmentsSplitAnywhere) {
  constexpr std::size_t size = 301;
  const Bytes packet4 = ping4(own4, size);
  for (std::size_t split = contiguous_headers; split < packet4.size(); ++split) {
    punt(mbufs.make(packet4, {}, split), {.punt = Punt::local});
    poll();
    expect_echo4(own4, size);
  }
  const Bytes packet6 = ping6(own6, size);
  const Bytes expected = icmp6(own6, host6, 129, 0, ident, payload(size));
  for (std::size_t split = contiguous_headers; split < packet6.size(); ++split) {
    punt(mbufs.make(packet6, {}, split), {.punt = Punt::local});
    poll();
    EXPECT_EQ(take_one(Entry::output), expected) << split;
  }
}

TEST_F(IcmpTest, EchoIsMadeInPlaceByTheSameWorker) {
  rte_mbuf* const m = mbufs.make(ping4(own4));
  punt(m, {.punt = Punt::local, .worker = 1});
  poll();
  const auto replies = take(1);
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].mbuf, m);
  EXPECT_GE(replies[0].headroom, RenderedHeader::capacity + sizeof(EthernetHeader));
}

TEST_F(IcmpTest, EchoLeavesOptionsOut) {
  punt_local(ping4(own4, 56, {.options = hex("0727 04") + Bytes(37)}));  // record route
  poll();
  expect_echo4(own4);
}

// RFC 1624: what the request's checksum is adjusted to would be the other zero.
TEST_F(IcmpTest, EchoOfNothingButZeros) {
  punt_local(ipv4(host4, own4, 1, icmp4(8, 0, 0, Bytes(56))));
  poll();
  const Bytes reply = take_one(Entry::output);
  EXPECT_EQ(from(reply, 20), icmp4(0, 0, 0, Bytes(56)));
  EXPECT_EQ(header_at<IcmpHeader>(reply.data() + 20).checksum.host(), 0xffff);
}

TEST_F(IcmpTest, EchoOfIpv6KeepsTheTrafficClass) {
  punt_local(ping6(own6, 56, host6, 0xb9abcde));
  poll();
  EXPECT_EQ(take_one(Entry::output), icmp6(own6, host6, 129, 0, ident, payload(56), 64, 0xb900000));
}

TEST_F(IcmpTest, EchoThroughATunnelIsRouted) {
  punt(ping4(own4, 56, {}, "10.42.2.1"), {.punt = Punt::local, .port = 1});
  punt(ping6(own6, 56, far6), {.punt = Punt::local, .port = 1});
  poll();
  const auto replies = take();
  ASSERT_EQ(replies.size(), 2U);
  EXPECT_EQ(replies[0].entry, Entry::output);
  EXPECT_EQ(header_at<Ipv4Header>(replies[0].bytes.data()).destination, ip4("10.42.2.1"));
  EXPECT_EQ(replies[1].bytes, icmp6(own6, far6, 129, 0, ident, payload(56)));
}

TEST_F(IcmpTest, EchoToOurLinkLocalAddressGoesBackTheWayItCame) {
  for (const std::string_view source : {host_link_local, host6}) {
    punt_local(ping6(own_link_local, 56, source));
    poll();
    EXPECT_EQ(take_one(Entry::transmit),
              ethernet(host_mac, own_mac, ether_type::ipv6,
                       icmp6(own_link_local, source, 129, 0, ident, payload(56))));
  }
}

TEST_F(IcmpTest, EchoFromALinkLocalAddressGoesBackTheWayItCame) {
  punt_local(ping6(own6, 56, host_link_local));
  poll();
  EXPECT_EQ(take_one(Entry::transmit),
            ethernet(host_mac, own_mac, ether_type::ipv6,
                     icmp6(own6, host_link_local, 129, 0, ident, payload(56))));
}

TEST_F(IcmpTest, LinkLocalAddressesOfOthersAreNotOurs) {
  punt_local(ping6("fe80::77", 56, host_link_local));
  poll();
  expect_dropped(Drop::link_local);
}

TEST_F(IcmpTest, LinkLocalAddressOfAnotherPortIsNotHere) {
  punt_local(ping6("fe80::fe", 56, host_link_local));
  poll();
  expect_dropped(Drop::link_local);
}

TEST_F(IcmpTest, LinkLocalAddressOfAPortIsNotReachedThroughATunnel) {
  punt(udp6(host6, own_link_local), {.punt = Punt::local});
  poll();
  expect_dropped(Drop::link_local);
}

TEST_F(IcmpTest, LinkLocalSenderBehindATunnelThatIsGoneIsNotAnswered) {
  punt(ping6(own6, 56, host_link_local), {.punt = Punt::local});
  poll();
  expect_dropped(Drop::link_local);
}

TEST_F(IcmpTest, LinkLocalSenderWithAGroupMacIsNotAnswered) {
  punt(ping6(own_link_local, 56, host_link_local),
       {.punt = Punt::local, .l2 = sizeof(EthernetHeader)},
       ethernet(own_mac, "33:33:00:00:00:01", ether_type::ipv6, {}));
  poll();
  expect_dropped(Drop::link_local);
}

struct Unwanted {
  const char* description;
  Bytes packet;
};

class UnwantedTest : public IcmpTest, public testing::WithParamInterface<Unwanted> {};

TEST_P(UnwantedTest, IsDroppedWithoutAWord) {
  punt_local(GetParam().packet);
  poll();
  expect_dropped(Drop::not_handled);
}

Bytes damaged(Bytes packet) {
  packet.back() ^= std::byte{1};
  return packet;
}

INSTANTIATE_TEST_SUITE_P(
    Icmp, UnwantedTest,
    testing::Values(
        Unwanted{"echo with a wrong checksum", damaged(ping4("192.0.2.254"))},
        Unwanted{"IPv6 echo with a wrong checksum", damaged(ping6("2001:db8::ff"))},
        Unwanted{"echo reply", ipv4("192.0.2.1", "192.0.2.254", 1, icmp4(0, 0, ident, {}))},
        Unwanted{"IPv6 echo reply", icmp6("2001:db8::1", "2001:db8::ff", 129, 0, ident, {})},
        Unwanted{"an error", ipv4("192.0.2.1", "192.0.2.254", 1, icmp4(12, 0, 0, payload(28)))},
        Unwanted{"an IPv6 error", icmp6("2001:db8::1", "2001:db8::ff", 1, 0, 0, payload(48))},
        Unwanted{"timestamp", ipv4("192.0.2.1", "192.0.2.254", 1, icmp4(13, 0, 0, Bytes(12)))},
        Unwanted{"ICMP without its header", ipv4("192.0.2.1", "192.0.2.254", 1, payload(7))},
        Unwanted{"no ICMP at all", ipv4("192.0.2.1", "192.0.2.254", 1, {})},
        Unwanted{"ICMPv6 without its header",
                 ipv6("2001:db8::1", "2001:db8::ff", 58, hex("80 00 0000 000000"))},
        Unwanted{"no ICMPv6 at all", ipv6("2001:db8::1", "2001:db8::ff", 58, {})},
        Unwanted{"first fragment of an echo", ping4("192.0.2.254", 56, {.fragment = 0x2000})},
        Unwanted{"last fragment of an echo", ping4("192.0.2.254", 56, {.fragment = 0x0008})},
        Unwanted{"IPv6 fragment", ipv6("2001:db8::1", "2001:db8::ff", 44, payload(16))},
        Unwanted{"no next header", ipv6("2001:db8::1", "2001:db8::ff", 59, {})},
        Unwanted{"destination options", ipv6("2001:db8::1", "2001:db8::ff", 60, payload(16))},
        Unwanted{"echo from ourselves", ping4("192.0.2.254", 56, {}, "10.0.0.1")},
        Unwanted{"echo from a subnet", ping4("192.0.2.254", 56, {}, "192.0.2.255")},
        Unwanted{"IPv6 echo from ourselves", ping6("2001:db8::ff", 56, "2001:db8::ff")}),
    [](const auto& test) {
      std::string name = test.param.description;
      std::erase_if(name, [](char c) { return c == ' '; });
      return name;
    });

TEST_F(IcmpTest, WhatWeSendToOurselvesIsDropped) {
  punt(ping4(own4), {.punt = Punt::local, .entry = Entry::output});
  poll();
  expect_dropped(Drop::not_handled);
}

TEST_F(IcmpTest, TruncatedEchoIsDropped) {
  const Bytes packet4 = ping4(own4, 8);
  for (std::size_t length = 20; length < packet4.size(); ++length) {
    punt_local(first(packet4, length));
  }
  const Bytes packet6 = ping6(own6, 8);
  for (std::size_t length = 40; length < packet6.size(); ++length) {
    punt_local(first(packet6, length));
  }
  poll();
  EXPECT_EQ(drops(Drop::not_handled), 32U);
  expect_nothing();
}

TEST_F(IcmpTest, AFullRingIsCounted) {
  // Stands in the ring many times and is freed with the last: the ring asks no questions.
  rte_mbuf* const filler = mbufs.make(payload(20));
  std::uint16_t filled = 0;
  while (first_exchange.inject(filler)) {
    ++filled;
  }
  rte_mbuf_refcnt_set(filler, filled);
  punt_local(ping4(own4));
  poll();
  EXPECT_EQ(drops(Drop::tx_full), 1U);
  EXPECT_EQ(take().size(), filled);
}

}  // namespace
}  // namespace culvert::test
