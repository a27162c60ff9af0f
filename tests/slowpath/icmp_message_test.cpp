// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/icmp_message.hpp"

#include <gtest/gtest.h>

#include "support/bytes.hpp"
#include "support/pcap.hpp"

namespace culvert::test {
namespace {

Bytes packet_of(const Bytes& frame) {
  return from(frame, sizeof(EthernetHeader));
}

// What a comparison with Linux leaves out, and why:
// - the IPv4 identification is a counter of the host's (RFC 6864 section 4), and the header
// checksum
//   covers it;
// - the IPv6 flow label is a hash with a secret (RFC 6437 section 3); no checksum covers it.
Bytes masked(Bytes packet) {
  if ((packet.at(0) >> 4) == std::byte{4}) {
    header_at<Ipv4Header>(packet.data()).id = {};
    header_at<Ipv4Header>(packet.data()).checksum = {};
  } else {
    auto& ip = header_at<Ipv6Header>(packet.data());
    ip.version_class_label = be32{ip.version_class_label.host() & 0xfff00000U};
  }
  return packet;
}

Bytes error4(const IcmpError& error, std::string_view source, const Bytes& original,
             std::uint16_t id = 1) {
  Bytes out(2000);  // more than an error may have
  out.resize(write_icmp_error(out, error, ip4(source), id, original));
  return out;
}

Bytes error6(const IcmpError& error, std::string_view source, const Bytes& original) {
  Bytes out(2000);
  out.resize(write_icmpv6_error(out, error, ip6(source), original));
  return out;
}

void expect_valid_ipv4(const Bytes& packet) {
  EXPECT_TRUE(ipv4_checksum_ok(packet.data(), sizeof(Ipv4Header)));
  EXPECT_EQ(fold(raw_sum(std::span{packet}.subspan(sizeof(Ipv4Header)))), 0xffffU);
}

TEST(IcmpMessage, TimeExceededAsLinuxSaysIt) {
  const auto frames = read_golden("10a-inner-ttl.left");
  const Bytes error =
      error4(icmp_error_for(Drop::ttl_exceeded, 0).value(), "192.168.1.1", packet_of(frames.at(0)));
  EXPECT_EQ(masked(error), masked(packet_of(frames.at(1))));
  expect_valid_ipv4(error);
}

TEST(IcmpMessage, FragmentationNeededAsLinuxSaysIt) {
  const auto frames = read_golden("08a-pmtu-ipip-pmtudisc.left");
  for (const std::size_t at : {0U, 4U}) {  // 1500 bytes, and 1481
    const Bytes error = error4(icmp_error_for(Drop::too_big, 1480).value(), "192.168.1.1",
                               packet_of(frames.at(at)));
    EXPECT_EQ(error.size(), 576U);
    EXPECT_EQ(masked(error), masked(packet_of(frames.at(at + 1))));
    expect_valid_ipv4(error);
  }
}

TEST(IcmpMessage, ParameterProblemAsLinuxSaysIt) {
  const auto frames = read_golden("10b-inner-options.left");
  const Bytes error =
      error4(icmp_error_for(Drop::ip_options, 20).value(), "192.168.1.1", packet_of(frames.at(6)));
  EXPECT_EQ(masked(error), masked(packet_of(frames.at(7))));
  expect_valid_ipv4(error);
}

TEST(IcmpMessage, PortUnreachableAsLinuxSaysIt) {
  const auto frames = read_golden("10j-wrong-source");
  const Bytes error =
      error4({icmp::unreachable, icmp::code_port}, "10.0.0.1", packet_of(frames.at(1)));
  EXPECT_EQ(masked(error), masked(packet_of(frames.at(2))));
}

TEST(IcmpMessage, PacketTooBigAsLinuxSaysIt) {
  const auto frames = read_golden("08f-pmtu-sit.left");
  for (const std::size_t at : {0U, 4U}) {
    const Bytes error = error6(icmpv6_error_for(Drop::too_big, 1480).value(), "2001:db8:1::1",
                               packet_of(frames.at(at)));
    EXPECT_EQ(error.size(), 1280U);
    EXPECT_EQ(masked(error), masked(packet_of(frames.at(at + 1))));
  }
}

TEST(IcmpMessage, EveryByteOfThemCounts) {
  const auto frames = read_golden("10a-inner-ttl.left");
  const Bytes expected = masked(packet_of(frames.at(1)));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    Bytes changed = packet_of(frames.at(1));
    changed[i] ^= std::byte{1};
    const bool is_masked = i == 4 || i == 5 || i == 10 || i == 11;
    EXPECT_EQ(masked(changed) == expected, is_masked) << i;
  }
}

TEST(IcmpMessage, TypesAndCodes) {  // RFC 792, RFC 1812 section 5.2.7, RFC 4443 section 3
  using Error = std::optional<IcmpError>;
  struct Case {
    Drop drop;
    Error ipv4;
    Error ipv6;
  };
  const Case cases[] = {
      {Drop::ttl_exceeded, Error{{11, 0}}, Error{{3, 0}}},
      {Drop::no_route, Error{{3, 0}}, Error{{1, 0}}},
      {Drop::unreachable, Error{{3, 1}}, Error{{1, 0}}},
      {Drop::prohibited, Error{{3, 13}}, Error{{1, 1}}},
      {Drop::neighbour_failed, Error{{3, 1}}, Error{{1, 3}}},
      {Drop::too_big, Error{{3, 4, 1400}}, Error{{2, 0, 1400}}},
      {Drop::no_tunnel, Error{{3, 3}}, {}},
      {Drop::fragment_timeout, Error{{11, 1}}, {}},
      {Drop::source_route, {}, {}},
      {Drop::no_outer_route, {}, {}},
      {Drop::held_overflow, {}, {}},
      {Drop::blackhole, {}, {}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(icmp_error_for(c.drop, 1400), c.ipv4) << name_of(c.drop);
    EXPECT_EQ(icmpv6_error_for(c.drop, 1400), c.ipv6) << name_of(c.drop);
  }
}

TEST(IcmpMessage, PacketTooBigNeverBelowTheMinimum) {  // RFC 8201 section 4
  EXPECT_EQ(icmpv6_error_for(Drop::too_big, 576)->rest, 1280U);
  EXPECT_EQ(icmp_error_for(Drop::too_big, 576)->rest, 576U);
}

TEST(IcmpMessage, TosOfErrors) {  // as Linux: RFC 1812 section 4.3.2.5, without ECN's lower bit
  const auto tos_for = [](std::uint8_t tos) {
    const Bytes original = ipv4("192.0.2.1", "198.51.100.1", 17, payload(8), {.tos = tos});
    return std::to_integer<unsigned>(error4({11, 0}, "192.0.2.254", original).at(1));
  };
  EXPECT_EQ(tos_for(0x00), 0xc0U);
  EXPECT_EQ(tos_for(0x10), 0xd0U);
  EXPECT_EQ(tos_for(0xff), 0xdeU);
}

TEST(IcmpMessage, QuotesAllOfAShortPacketAndSetsTheLengths) {
  const Bytes original = ipv4("192.0.2.1", "198.51.100.1", 17, payload(9));
  const Bytes error = error4({11, 0}, "192.0.2.254", original, 0xabcd);
  ASSERT_EQ(error.size(), 28 + original.size());
  const auto& ip = header_at<Ipv4Header>(error.data());
  EXPECT_EQ(ip.total_length.host(), error.size());
  EXPECT_EQ(ip.id.host(), 0xabcd);
  EXPECT_EQ(ip.destination, ip4("192.0.2.1"));
  EXPECT_EQ(from(error, 28), original);
  expect_valid_ipv4(error);
}

TEST(IcmpMessage, WritesNothingBeyondASmallBuffer) {
  const Bytes original = ipv4("192.0.2.1", "198.51.100.1", 17, payload(100));
  Bytes out(60);  // on the heap, of exactly this size
  EXPECT_EQ(write_icmp_error(out, {11, 0}, ip4("192.0.2.254"), 1, original), 60U);
}

constexpr std::uint16_t later = 0x0001;

TEST(IcmpMessage, WhatMayBeReportedOfIpv4) {  // RFC 1122 section 3.2.2
  struct Case {
    const char* description;
    Bytes packet;
    bool expected;
  };
  const std::string_view a = "192.0.2.1";
  const std::string_view b = "198.51.100.1";
  const Case cases[] = {
      {"UDP", ipv4(a, b, 17, payload(8)), true},
      {"echo request", ipv4(a, b, 1, icmp4(8, 0, 0, {})), true},
      {"echo reply", ipv4(a, b, 1, icmp4(0, 0, 0, {})), true},
      {"unreachable", ipv4(a, b, 1, icmp4(3, 1, 0, {})), false},
      {"source quench", ipv4(a, b, 1, icmp4(4, 0, 0, {})), false},
      {"redirect", ipv4(a, b, 1, icmp4(5, 0, 0, {})), false},
      {"time exceeded", ipv4(a, b, 1, icmp4(11, 0, 0, {})), false},
      {"parameter problem", ipv4(a, b, 1, icmp4(12, 0, 0, {})), false},
      {"unknown ICMP", ipv4(a, b, 1, icmp4(42, 0, 0, {})), false},
      {"ICMP without a type", ipv4(a, b, 1, {}), false},
      {"ICMP error behind options", ipv4(a, b, 1, icmp4(3, 0, 0, {}), {.options = Bytes(40)}),
       false},
      {"first fragment", ipv4(a, b, 17, payload(8), {.fragment = 0x2000}), true},
      {"later fragment", ipv4(a, b, 17, payload(8), {.fragment = later}), false},
      {"to a group", ipv4(a, "224.0.0.1", 17, payload(8)), false},
      {"to all", ipv4(a, "255.255.255.255", 17, payload(8)), false},
      {"from nobody", ipv4("0.0.0.0", b, 17, payload(8)), false},
      {"from net 0", ipv4("0.1.2.3", b, 17, payload(8)), false},
      {"from a group", ipv4("224.0.0.1", b, 17, payload(8)), false},
      {"from all", ipv4("255.255.255.255", b, 17, payload(8)), false},
      {"from loopback", ipv4("127.0.0.1", b, 17, payload(8)), false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(may_be_reported(c.packet), c.expected) << c.description;
  }
}

TEST(IcmpMessage, WhatMayBeReportedOfIpv6) {  // RFC 4443 section 2.4 e
  struct Case {
    const char* description;
    Bytes packet;
    bool expected;
  };
  const std::string_view a = "2001:db8:1::2";
  const std::string_view b = "2001:db8:2::2";
  const Bytes error = hex("01 00 0000 00000000");
  const Bytes request = hex("80 00 0000 00000000");
  const Case cases[] = {
      {"UDP", ipv6(a, b, 17, payload(8)), true},
      {"echo request", ipv6(a, b, 58, request), true},
      {"unreachable", ipv6(a, b, 58, error), false},
      {"type 127, an error", ipv6(a, b, 58, hex("7f")), false},
      {"redirect", ipv6(a, b, 58, hex("89")), false},
      {"ICMPv6 without a type", ipv6(a, b, 58, {}), false},
      {"to a group", ipv6(a, "ff05::1", 17, payload(8)), false},
      {"from nobody", ipv6("::", b, 17, payload(8)), false},
      {"from a group", ipv6("ff02::1", b, 17, payload(8)), false},
      {"error behind hop-by-hop options", ipv6(a, b, 0, hex("3a00 010400000000") + error), false},
      {"UDP behind hop-by-hop options", ipv6(a, b, 0, hex("1100 010400000000") + payload(8)), true},
      {"error behind two headers",
       ipv6(a, b, 60, hex("2b01") + Bytes(14) + hex("3a00 000000000000") + error), false},
      {"first fragment", ipv6(a, b, 44, hex("1100 0001 00000007") + payload(8)), true},
      {"later fragment", ipv6(a, b, 44, hex("1100 0009 00000007") + payload(8)), false},
      {"first fragment of an error", ipv6(a, b, 44, hex("3a00 0001 00000007") + error), false},
      {"chain beyond what is there", ipv6(a, b, 0, hex("00ff") + Bytes(6)), false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(may_be_reported(c.packet), c.expected) << c.description;
  }
}

TEST(IcmpMessage, TruncatedAnywhereIsReadNoFurther) {
  const Bytes packets[] = {
      ipv4("192.0.2.1", "198.51.100.1", 1, icmp4(8, 0, 0, payload(8)), {.options = Bytes(12)}),
      ipv6("2001:db8:1::2", "2001:db8:2::2", 0, hex("2c00") + Bytes(6) + hex("3a00") + Bytes(6)),
  };
  for (const Bytes& packet : packets) {
    for (std::size_t length = 0; length < packet.size(); ++length) {
      const Bytes cut = first(packet, length);  // on the heap, of exactly this size
      if (may_be_reported(cut)) {
        EXPECT_GE(length, sizeof(Ipv4Header) + 12);
      }
    }
  }
}

}  // namespace
}  // namespace culvert::test
