// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/discovery_frame.hpp"

#include <gtest/gtest.h>

#include "support/bytes.hpp"

namespace culvert::test {
namespace {

// RFC 4861 section 4.3, from RFC 8200's header on.
const Bytes solicitation =
    hex("60000000 0020 3a ff |"               // version 6, 32 bytes of ICMPv6, hop limit 255
        "fe800000000000000000000000000002 |"  // source fe80::2
        "ff0200000000000000000001ff000001 |"  // destination: solicited-node group of the target
        "87 00 4a5f 00000000 |"               // neighbour solicitation, code, checksum, reserved
        "20010db8000000000000000000000001 |"  // target 2001:db8::1
        "01 01 020000000102");                // source link-layer address, one unit of 8 bytes

// RFC 4861 section 4.4.
const Bytes advertisement =
    hex("60000000 0020 3a ff |"
        "20010db8000000000000000000000001 |"
        "fe800000000000000000000000000002 |"
        "88 00 38ab e0000000 |"  // neighbour advertisement, flags: router, solicited, override
        "20010db8000000000000000000000001 |"
        "02 01 020000000101");  // target link-layer address

constexpr std::size_t source_at = 8;
constexpr std::size_t destination_at = 24;
constexpr std::size_t icmp_at = 40;
constexpr std::size_t flags_at = 44;
constexpr std::size_t target_at = 48;
constexpr std::size_t option_at = 64;

Bytes with_bytes(Bytes packet, std::size_t at, const Bytes& value) {
  std::copy(value.begin(), value.end(), packet.begin() + static_cast<std::ptrdiff_t>(at));
  return with_icmpv6_checksum(packet);
}

Bytes with_options(const Bytes& packet, const Bytes& options) {
  Bytes result = first(packet, option_at) + options;
  header_at<Ipv6Header>(result.data()).payload_length =
      be16{static_cast<std::uint16_t>(result.size() - sizeof(Ipv6Header))};
  return with_icmpv6_checksum(result);
}

TEST(DiscoveryFrame, SolicitedNodeGroup) {  // RFC 4291 section 2.7.1 has this example
  EXPECT_EQ(solicited_node(ip6("4037::01:800:200e:8c6c")), ip6("ff02::1:ff0e:8c6c"));
}

TEST(DiscoveryFrame, GroupMac) {  // RFC 2464 section 7
  EXPECT_EQ(multicast_mac(ip6("ff02::1:ff0e:8c6c")), mac("33:33:ff:0e:8c:6c"));
}

TEST(DiscoveryFrame, ReadsASolicitation) {
  const auto message = parse_discovery(solicitation);
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->is_solicitation);
  EXPECT_EQ(message->source, ip6("fe80::2"));
  EXPECT_EQ(message->destination, ip6("ff02::1:ff00:1"));
  EXPECT_EQ(message->target, ip6("2001:db8::1"));
  EXPECT_EQ(message->mac, mac("02:00:00:00:01:02"));
}

TEST(DiscoveryFrame, ReadsAnAdvertisement) {
  const auto message = parse_discovery(advertisement);
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->is_solicitation);
  EXPECT_TRUE(message->router);
  EXPECT_TRUE(message->solicited);
  EXPECT_TRUE(message->replace);
  EXPECT_EQ(message->mac, mac("02:00:00:00:01:01"));
}

TEST(DiscoveryFrame, ReadsEachFlag) {
  const auto flags = [](const char* word) {
    return parse_discovery(with_bytes(advertisement, flags_at, hex(word))).value();
  };
  EXPECT_TRUE(flags("80000000").router);
  EXPECT_FALSE(flags("80000000").solicited);
  EXPECT_TRUE(flags("40000000").solicited);
  EXPECT_FALSE(flags("40000000").replace);
  EXPECT_TRUE(flags("20000000").replace);
  EXPECT_FALSE(flags("20000000").router);
}

TEST(DiscoveryFrame, TruncatedAnywhereIsNone) {
  for (const Bytes& packet : {solicitation, advertisement}) {
    for (std::size_t length = 0; length < packet.size(); ++length) {
      EXPECT_FALSE(parse_discovery(first(packet, length))) << length;
    }
    // And where the checksum does not tell: from the message's end to the option's.
    for (std::size_t length = option_at + 1; length < packet.size(); ++length) {
      EXPECT_FALSE(parse_discovery(with_icmpv6_checksum(first(packet, length)))) << length;
    }
  }
}

TEST(DiscoveryFrame, AnyChangedByteShows) {
  for (std::size_t i = 0; i < solicitation.size(); ++i) {
    // Version, class and label, and the length that the pipeline has checked, say nothing here.
    if (i < 6) {
      continue;
    }
    Bytes packet = solicitation;
    packet[i] ^= std::byte{0x04};
    EXPECT_FALSE(parse_discovery(packet)) << i;
  }
}

// RFC 4861 section 7.1.1 and 7.1.2, one by one.
TEST(DiscoveryFrame, ChecksBeforeAnythingIsBelieved) {
  const Bytes zero(16);
  const Bytes group = hex("ff020000000000000000000000000001");
  struct Case {
    const char* description;
    Bytes packet;
  };
  const Case cases[] = {
      {"hop limit 254: forwarded", with_bytes(solicitation, 7, hex("fe"))},
      {"code", with_bytes(solicitation, icmp_at + 1, hex("01"))},
      {"another type", with_bytes(solicitation, icmp_at, hex("85"))},
      {"another protocol", with_bytes(solicitation, 6, hex("11"))},
      {"multicast source", with_bytes(solicitation, source_at, group)},
      {"target is multicast", with_bytes(solicitation, target_at, group)},
      {"target is unspecified", with_bytes(solicitation, target_at, zero)},
      {"option of length 0", with_bytes(solicitation, option_at + 1, hex("00"))},
      {"option beyond the packet", with_bytes(solicitation, option_at + 1, hex("02"))},
      {"other option of length 0", with_bytes(solicitation, option_at, hex("0e00"))},
      {"other option beyond the packet", with_bytes(solicitation, option_at, hex("0e02"))},
      {"option's MAC is a group", with_bytes(solicitation, option_at + 2, hex("03"))},
      {"option's MAC is zero", with_bytes(solicitation, option_at + 2, Bytes(6))},
      {"link-layer address of two units", with_options(solicitation, hex("0102") + Bytes(14))},
      {"unspecified source, with a MAC", with_bytes(solicitation, source_at, zero)},
      {"unspecified source, to all nodes",
       with_options(with_bytes(with_bytes(solicitation, source_at, zero), destination_at, group),
                    {})},
      {"advertised target is multicast", with_bytes(advertisement, target_at, group)},
      {"solicited, but to a group", with_bytes(advertisement, destination_at, group)},
  };
  for (const Case& c : cases) {
    EXPECT_FALSE(parse_discovery(c.packet)) << c.description;
  }
}

TEST(DiscoveryFrame, ProbeForADuplicate) {  // RFC 4862 section 5.4.2
  const auto message =
      parse_discovery(with_options(with_bytes(solicitation, source_at, Bytes(16)), {}));
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->source.is_any());
  EXPECT_FALSE(message->mac);
}

TEST(DiscoveryFrame, UnsolicitedToAllNodes) {
  const Bytes group = hex("ff020000000000000000000000000001");
  EXPECT_TRUE(parse_discovery(
      with_bytes(with_bytes(advertisement, flags_at, hex("20")), destination_at, group)));
}

TEST(DiscoveryFrame, OtherOptionsArePassedOver) {  // RFC 4861 section 4.6
  const auto message = parse_discovery(
      with_options(solicitation, hex("0e01 0102030405 06 | 0101 020000000102 | fd02") + Bytes(14)));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->mac, mac("02:00:00:00:01:02"));
}

TEST(DiscoveryFrame, WithoutOption) {
  EXPECT_FALSE(parse_discovery(with_options(advertisement, {}))->mac);
}

TEST(DiscoveryFrame, WritesASolicitation) {
  const DiscoveryFrame frame =
      make_solicitation(mac("02:00:00:00:01:02"), ip6("fe80::2"), ip6("2001:db8::1"), std::nullopt);
  EXPECT_EQ(bytes_of(frame),
            ethernet("33:33:ff:00:00:01", "02:00:00:00:01:02", ether_type::ipv6, solicitation));
}

TEST(DiscoveryFrame, WritesAProbe) {  // RFC 4861 section 7.3.3: unicast
  const DiscoveryFrame frame = make_solicitation(mac("02:00:00:00:01:02"), ip6("fe80::2"),
                                                 ip6("2001:db8::1"), mac("02:00:00:00:01:01"));
  EXPECT_EQ(bytes_of(frame), ethernet("02:00:00:00:01:01", "02:00:00:00:01:02", ether_type::ipv6,
                                      with_bytes(solicitation, destination_at,
                                                 hex("20010db8000000000000000000000001"))));
}

TEST(DiscoveryFrame, WritesAnAdvertisement) {
  const DiscoveryFrame frame = make_advertisement(
      parse_discovery(solicitation).value(), mac("02:00:00:00:01:01"), mac("02:00:00:00:01:02"));
  EXPECT_EQ(bytes_of(frame),
            ethernet("02:00:00:00:01:02", "02:00:00:00:01:01", ether_type::ipv6, advertisement));
}

TEST(DiscoveryFrame, AdvertisesToAllNodesWhereTheSourceIsUnspecified) {  // section 7.2.4
  DiscoveryMessage probe = parse_discovery(solicitation).value();
  probe.source = {};
  const DiscoveryFrame frame =
      make_advertisement(probe, mac("02:00:00:00:01:01"), mac("02:00:00:00:01:02"));
  EXPECT_EQ(frame.ethernet.destination, mac("33:33:00:00:00:01"));
  EXPECT_EQ(frame.ip.destination, ip6("ff02::1"));
  const auto message = parse_discovery(from(bytes_of(frame), sizeof(EthernetHeader)));
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->solicited);
  EXPECT_TRUE(message->replace);
}

}  // namespace
}  // namespace culvert::test
