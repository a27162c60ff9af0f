// SPDX-License-Identifier: BSD-3-Clause
// What each mode puts before a packet, byte by byte.
#include "culvert/codec/header_stack.hpp"

#include <gtest/gtest.h>

#include "culvert/codec/modes.hpp"

#include "support/bytes.hpp"

namespace culvert::test {
namespace {

const Ipv4Address local = ip4("10.0.0.1");
const Ipv4Address remote = ip4("10.0.0.2");

struct Case {
  const char* description;
  TunnelMode mode;
  OuterParameters parameters;
  InnerFacts inner;
  std::uint16_t id;
  const char* expected;
};

// Checksums by hand: the complement of the sum of the words.
const Case cases[] = {
    {"RFC 2003 section 3.1: protocol 4, DF, all else inherited",
     TunnelMode::ipip,
     {.local = local, .remote = remote, .inherit_tos = true, .payload = ether_type::ipv4},
     {.length = 84, .fragment = 0x4000, .tos = 0xb8, .ttl = 63},
     0x9501,
     "45 b8 0068 | 9501 4000 | 3f 04 91d6 | 0a000001 | 0a000002"},
    {"TTL and DSCP of the tunnel, ECN of the packet (RFC 6040), DF not forced",
     TunnelMode::ipip,
     {.local = local,
      .remote = remote,
      .ttl = 64,
      .tos = 0x10,
      .pmtudisc = false,
      .payload = ether_type::ipv4},
     {.length = 84, .fragment = 0x2000, .tos = 0xbb, .ttl = 9},
     0x1234,
     "45 13 0068 | 1234 0000 | 40 04 5449 | 0a000001 | 0a000002"},
    {"DF of the packet where the tunnel does not force it",
     TunnelMode::ipip,
     {.local = local, .remote = remote, .ttl = 64, .pmtudisc = false, .payload = ether_type::ipv4},
     {.length = 84, .fragment = 0x4000, .tos = 0, .ttl = 9},
     0x1234,
     "45 00 0068 | 1234 4000 | 40 04 145c | 0a000001 | 0a000002"},
    {"RFC 4213 section 3.5: protocol 41",
     TunnelMode::sit,
     {.local = local, .remote = remote, .inherit_tos = true, .payload = ether_type::ipv6},
     {.length = 104, .fragment = 0, .tos = 0x02, .ttl = 10},
     0x0007,
     "45 02 007c | 0007 4000 | 0a 29 5c4e | 0a000001 | 0a000002"},
    {"RFC 2784 section 2: GRE with IPv4",
     TunnelMode::gre,
     {.local = local, .remote = remote, .ttl = 255, .payload = ether_type::ipv4},
     {.length = 84, .fragment = 0, .tos = 0, .ttl = 63},
     0xffff,
     "45 00 006c | ffff 4000 | ff 2f 6760 | 0a000001 | 0a000002 | 0000 0800"},
    {"RFC 7676: GRE with IPv6",
     TunnelMode::gre,
     {.local = local, .remote = remote, .ttl = 64, .payload = ether_type::ipv6},
     {.length = 104, .fragment = 0, .tos = 0, .ttl = 63},
     0x0000,
     "45 00 0080 | 0000 4000 | 40 2f 264d | 0a000001 | 0a000002 | 0000 86dd"},
    {"RFC 2890 section 2.1: GRE with a key",
     TunnelMode::gre,
     {.local = local, .remote = remote, .ttl = 64, .key = be32{1234}, .payload = ether_type::ipv4},
     {.length = 84, .fragment = 0, .tos = 0, .ttl = 63},
     0x0001,
     "45 00 0070 | 0001 4000 | 40 2f 265c | 0a000001 | 0a000002 | 2000 0800 | 000004d2"},
};

TEST(HeaderStack, WritesTheHeaderByteByByte) {
  for (const Case& c : cases) {
    visit_mode(c.mode, [&](auto m) {
      using Stack = typename decltype(m)::Stack;
      const RenderedHeader rendered = Stack::render(c.parameters);
      ASSERT_EQ(rendered.length, Stack::size(c.parameters));
      Bytes header(rendered.length);  // on the heap, of exactly this size
      std::copy_n(rendered.begin(), rendered.length, header.begin());
      Stack::fixup(header.data(), rendered, c.inner, c.id);
      EXPECT_EQ(header, hex(c.expected)) << c.description;
      EXPECT_TRUE(ipv4_checksum_ok(header.data(), sizeof(Ipv4Header))) << c.description;
    });
  }
}

TEST(HeaderStack, TemplatesStandAtTheEndOfTheirBytes) {
  for (const Case& c : cases) {
    const auto rendered =
        visit_mode(c.mode, [&](auto m) { return decltype(m)::Stack::render(c.parameters); });
    for (std::size_t i = 0; i < RenderedHeader::capacity - rendered.length; ++i) {
      EXPECT_EQ(rendered.bytes[i], std::byte{0}) << c.description;
    }
    EXPECT_EQ(rendered.begin() + rendered.length, rendered.bytes.data() + rendered.bytes.size());
    EXPECT_EQ(header_at<Ipv4Header>(rendered.begin()).version_ihl, 0x45);
  }
}

TEST(HeaderStack, MatchFindsWhatRenderWrote) {
  for (const Case& c : cases) {
    visit_mode(c.mode, [&](auto m) {
      using Stack = typename decltype(m)::Stack;
      const RenderedHeader rendered = Stack::render(c.parameters);
      const auto outer = header_at<Ipv4Header>(rendered.begin());
      EXPECT_EQ(outer.protocol, Stack::protocol(c.parameters.payload)) << c.description;
      const Match match =
          Stack::match(std::span{rendered.begin(), rendered.length}.subspan(sizeof(Ipv4Header)),
                       protocol_uses[outer.protocol].payload);
      EXPECT_EQ(match.malformed, Malformed::none) << c.description;
      EXPECT_EQ(match.length, rendered.length - sizeof(Ipv4Header)) << c.description;
      EXPECT_EQ(match.payload, c.parameters.payload) << c.description;
      EXPECT_EQ(match.has_key, c.parameters.key.has_value()) << c.description;
      EXPECT_EQ(match.key, c.parameters.key.value_or(be32{})) << c.description;
    });
  }
}

}  // namespace
}  // namespace culvert::test
