// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/arp_frame.hpp"

#include <gtest/gtest.h>

#include "support/bytes.hpp"
#include "support/pcap.hpp"

namespace culvert::test {
namespace {

// RFC 826, "packet format", with the Ethernet header before it.
const Bytes who_has =
    hex("ffffffffffff 020000000102 0806 |"  // to everybody, from the host, ARP
        "0001 0800 06 04 0001 |"            // Ethernet, IPv4, their lengths, request
        "020000000102 c0a80102 |"           // the sender: 02:00:00:00:01:02 has 192.168.1.2
        "000000000000 c0a80101");           // the target: who has 192.168.1.1?

Bytes with_byte(Bytes bytes, std::size_t at, unsigned value) {
  bytes.at(at) = static_cast<std::byte>(value);
  return bytes;
}

TEST(ArpFrame, ReadsARequest) {
  const auto frame = parse_arp(who_has);
  ASSERT_TRUE(frame);
  EXPECT_TRUE(frame->is_request());
  EXPECT_FALSE(frame->is_probe());
  EXPECT_FALSE(frame->is_gratuitous());
  EXPECT_EQ(frame->arp.sender, ip4("192.168.1.2"));
  EXPECT_EQ(frame->arp.sender_mac, mac("02:00:00:00:01:02"));
  EXPECT_EQ(frame->arp.target, ip4("192.168.1.1"));
}

TEST(ArpFrame, PaddingIsNoMatter) {
  EXPECT_TRUE(parse_arp(who_has + Bytes(18)));
}

TEST(ArpFrame, TruncatedAnywhereIsNone) {
  for (std::size_t length = 0; length < who_has.size(); ++length) {
    EXPECT_FALSE(parse_arp(first(who_has, length))) << length;
  }
}

TEST(ArpFrame, EveryFieldIsLookedAt) {
  struct Case {
    const char* description;
    std::size_t at;
    unsigned value;
  };
  const Case cases[] = {
      {"Ethernet source is a group", 6, 0x03},
      {"EtherType", 12, 0x09},
      {"hardware type", 14, 0x01},
      {"hardware type", 15, 0x06},
      {"protocol type", 16, 0x86},
      {"protocol type", 17, 0x01},
      {"hardware length", 18, 8},
      {"protocol length", 19, 16},
      {"operation", 20, 1},
      {"operation 0", 21, 0},
      {"operation 3: RARP", 21, 3},
      {"sender's MAC is a group", 22, 0x03},
      {"sender is multicast", 28, 224},
      {"sender is loopback", 28, 127},
      {"target is multicast", 38, 239},
      {"target is loopback", 38, 127},
  };
  for (const Case& c : cases) {
    EXPECT_FALSE(parse_arp(with_byte(who_has, c.at, c.value))) << c.description;
  }
  EXPECT_TRUE(parse_arp(with_byte(who_has, 21, 2))) << "a reply";
}

TEST(ArpFrame, SenderWithoutMacIsNone) {
  Bytes frame = who_has;
  std::fill_n(frame.begin() + 22, 6, std::byte{0});
  EXPECT_FALSE(parse_arp(frame));
}

TEST(ArpFrame, BroadcastSenderIsNone) {
  Bytes frame = who_has;
  std::fill_n(frame.begin() + 28, 4, std::byte{0xff});
  EXPECT_FALSE(parse_arp(frame));
}

// RFC 5227 section 1.1.
TEST(ArpFrame, ProbeHasNoSender) {
  Bytes frame = who_has;
  std::fill_n(frame.begin() + 28, 4, std::byte{0});
  const auto probe = parse_arp(frame);
  ASSERT_TRUE(probe);
  EXPECT_TRUE(probe->is_probe());
  EXPECT_FALSE(parse_arp(with_byte(frame, 21, ArpHeader::reply))) << "a reply has one";
}

// RFC 5227 section 3: sender and target are the same address.
TEST(ArpFrame, Gratuitous) {
  Bytes frame = who_has;
  std::copy_n(frame.begin() + 28, 4, frame.begin() + 38);
  EXPECT_TRUE(parse_arp(frame)->is_gratuitous());
  frame = with_byte(frame, 21, ArpHeader::reply);
  EXPECT_FALSE(parse_arp(frame)->is_gratuitous()) << "a reply names the MAC twice, too";
  std::copy_n(frame.begin() + 22, 6, frame.begin() + 32);
  EXPECT_TRUE(parse_arp(frame)->is_gratuitous());
}

TEST(ArpFrame, WritesTheRequestThatLinuxSends) {
  const auto captured = read_golden("09f-outer-no-neighbour");
  const ArpFrame request =
      make_arp_request(mac("02:00:00:00:00:0a"), ip4("10.0.0.1"), broadcast_mac, ip4("10.0.0.66"));
  EXPECT_EQ(bytes_of(request), captured.front());
}

TEST(ArpFrame, WritesTheReplyThatLinuxSends) {
  // Request and reply of two Linux hosts, inside GRE: 14 bytes Ethernet, 20 IPv4, 4 GRE.
  constexpr std::size_t outer = 38;
  const auto captured = read_golden("03h-gretap");
  const auto request = parse_arp(from(captured.at(0), outer));
  ASSERT_TRUE(request);
  const ArpFrame reply = make_arp_reply(*request, mac("02:00:00:00:aa:02"));
  EXPECT_EQ(bytes_of(reply), from(captured.at(1), outer));
}

}  // namespace
}  // namespace culvert::test
