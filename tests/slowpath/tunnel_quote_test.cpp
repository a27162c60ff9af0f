// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/tunnel_quote.hpp"

#include <gtest/gtest.h>

#include "support/bytes.hpp"

namespace culvert::test {
namespace {

constexpr std::string_view ours = "10.0.0.1";
constexpr std::string_view far = "10.0.1.2";

/// An outer packet, and of it no more than the least that an error quotes (RFC 792).
Bytes outer(std::uint8_t protocol, const Bytes& body, const Ipv4Options& more = {}) {
  return ipv4(ours, far, protocol, body, more);
}
Bytes least(const Bytes& packet) {
  return first(packet, sizeof(Ipv4Header) + 8);
}

TEST(TunnelQuote, EightBytesOfEachMode) {
  // Captures 09a, 09e and 09d begin like this.
  const auto ipip =
      read_tunnel_quote(hex("4500 05dc 2070 4000 4004 0000 0a000001 0a000102"  // outer
                            "4500 05c8 0000 4000"));                           // of the inner one
  ASSERT_TRUE(ipip);
  EXPECT_EQ(ipip->local, ip4(ours));
  EXPECT_EQ(ipip->remote, ip4(far));
  EXPECT_EQ(ipip->mode, TunnelMode::ipip);
  EXPECT_EQ(ipip->payload, ether_type::ipv4);
  EXPECT_EQ(ipip->length, 1500U);
  EXPECT_EQ(ipip->inner, 20U);
  const auto sit = read_tunnel_quote(least(outer(41, payload(100))));
  ASSERT_TRUE(sit);
  EXPECT_EQ(sit->mode, TunnelMode::sit);
  EXPECT_EQ(sit->payload, ether_type::ipv6);
  EXPECT_EQ(sit->inner, 20U);
  const auto gre_quote = read_tunnel_quote(least(outer(47, gre(0, 0x86dd, {}, payload(100)))));
  ASSERT_TRUE(gre_quote);
  EXPECT_EQ(gre_quote->mode, TunnelMode::gre);
  EXPECT_EQ(gre_quote->payload, ether_type::ipv6);
  EXPECT_EQ(gre_quote->gre_flags, 0U);
  EXPECT_EQ(gre_quote->inner, 24U);
  EXPECT_FALSE(gre_quote->lacks_key());
}

TEST(TunnelQuote, OptionsOfGreInTheOrderOfRfc2890) {
  struct Case {
    std::uint16_t flags;
    std::string_view options;
    std::uint16_t inner;
    bool lacks_key_in_eight_bytes;
  };
  const Case cases[] = {
      {0x2000, "01020304", 28, false},                  // the key stands directly behind
      {0x3000, "01020304 00000009", 32, false},         // before the sequence number
      {0xa000, "abcd0000 01020304", 32, true},          // but behind the checksum
      {0xb000, "abcd0000 01020304 00000009", 36, true}  // capture 03e
  };
  for (const Case& c : cases) {
    const Bytes packet = outer(47, gre(c.flags, 0x0800, hex(c.options), payload(40)));
    const auto whole = read_tunnel_quote(packet);
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->key, 0x01020304U) << c.flags;
    EXPECT_EQ(whole->gre_flags, c.flags);
    EXPECT_EQ(whole->inner, c.inner);
    const auto part = read_tunnel_quote(least(packet));
    ASSERT_TRUE(part);
    EXPECT_EQ(part->lacks_key(), c.lacks_key_in_eight_bytes);
    EXPECT_EQ(part->inner, c.inner);
  }
}

TEST(TunnelQuote, WhatIsNoTunnelsPacket) {
  EXPECT_FALSE(read_tunnel_quote(outer(17, payload(20))));
  EXPECT_FALSE(read_tunnel_quote(outer(4, payload(20), {.fragment = 1})));  // a later fragment
  EXPECT_TRUE(read_tunnel_quote(outer(4, payload(20), {.fragment = 0x2000})));
  Bytes version6 = outer(4, payload(20));
  version6[0] = std::byte{0x65};
  EXPECT_FALSE(read_tunnel_quote(version6));
  Bytes short_header = outer(4, payload(20));
  short_header[0] = std::byte{0x44};
  EXPECT_FALSE(read_tunnel_quote(short_header));
}

TEST(TunnelQuote, CutAnywhere) {
  const Bytes packet = outer(47, gre(0xb000, 0x0800, hex("abcd0000 01020304 00000009"), {}),
                             {.options = hex("01010101")});
  for (std::size_t size = 0; size <= packet.size(); ++size) {
    const Bytes cut = first(packet, size);  // on the heap: AddressSanitizer sees its end
    const auto quote = read_tunnel_quote(cut);
    EXPECT_EQ(quote.has_value(), size >= 24 + 8) << size;
    EXPECT_FALSE(quote && quote->lacks_key() && size >= 24 + 12) << size;
  }
}

TEST(TunnelQuote, EndsWhereThePacketOrTheExtensionSays) {
  const Bytes packet = outer(4, payload(60));
  const Bytes extended = packet + payload(70);
  EXPECT_EQ(quote_of(packet, 1300).size(), packet.size());
  EXPECT_EQ(quote_of(first(packet, 28), 0).size(), 28U);
  EXPECT_EQ(quote_of(extended, 0).size(), packet.size());  // padded
  // RFC 4884 section 4.1: 16 words of quote, then the extensions; the low half is the MTU.
  EXPECT_EQ(quote_of(extended, 0x00100514).size(), 64U);
  EXPECT_EQ(quote_of(first(packet, 10), 0x00ff0000).size(), 10U);
  EXPECT_EQ(quote_of({}, 0).size(), 0U);
}

TEST(TunnelQuote, InnerPacketsThatShowEnough) {
  const Bytes four = ipv4("192.168.1.2", "192.168.2.2", 17, payload(20));
  const Bytes six = ipv6("2001:db8:1::2", "2001:db8:2::2", 17, payload(20));
  const Bytes small4 = ipv4("192.168.1.2", "192.168.2.2", 17, payload(3));
  const Bytes small6 = ipv6("2001:db8:1::2", "2001:db8:2::2", 59, {});
  const Bytes options =
      ipv4("192.168.1.2", "192.168.2.2", 17, payload(20), {.options = payload(8)});
  const auto enough = [](const Bytes& inner, std::uint16_t type) {
    return is_quoted_enough(inner, type);
  };
  EXPECT_TRUE(enough(first(four, 28), ether_type::ipv4));
  EXPECT_FALSE(enough(first(four, 27), ether_type::ipv4));
  EXPECT_TRUE(enough(first(options, 36), ether_type::ipv4));
  EXPECT_FALSE(enough(first(options, 35), ether_type::ipv4));
  EXPECT_TRUE(enough(first(six, 48), ether_type::ipv6));
  EXPECT_FALSE(enough(first(six, 47), ether_type::ipv6));
  EXPECT_TRUE(enough(small4, ether_type::ipv4));  // all of it
  EXPECT_TRUE(enough(small6, ether_type::ipv6));
  EXPECT_FALSE(enough(four, ether_type::ipv6));
  EXPECT_FALSE(enough(six, ether_type::ipv4));
  EXPECT_FALSE(enough(four, 0x8847));
  EXPECT_FALSE(enough({}, ether_type::ipv4));
}

}  // namespace
}  // namespace culvert::test
