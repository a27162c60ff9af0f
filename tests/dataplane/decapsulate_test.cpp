// SPDX-License-Identifier: BSD-3-Clause
// Stage 2 alone.
#include "culvert/dataplane/decapsulate.hpp"

#include <gtest/gtest.h>

#include "support/stage.hpp"

namespace culvert::test {
namespace {

const std::string_view ours = node_a.outside4;
const std::string_view peer = node_b.outside4;
const Bytes inner4 = ipv4(node_b.host4, node_a.host4, 17, payload(20), {.ttl = 63});
const Bytes inner6 = ipv6(node_b.host6, node_a.host6, 17, payload(20), 63);

Bytes ipip(const Bytes& inner, const Ipv4Options& more = {}) {
  return ipv4(peer, ours, 4, inner, more);
}
Bytes sit(const Bytes& inner, const Ipv4Options& more = {}) {
  return ipv4(peer, ours, 41, inner, more);
}
Bytes gre4(std::uint16_t flags, std::string_view options, const Bytes& inner = inner4) {
  return ipv4(peer, ours, 47, gre(flags, ether_type::ipv4, hex(options), inner));
}
Bytes gre6(const Bytes& inner) {
  return ipv4(peer, ours, 47, gre(0, ether_type::ipv6, {}, inner));
}

/// The first packet of the capture 03c, whose GRE checksum is 77ff.
const Bytes of_capture =
    hex("45000054 2cf14000 3f018a63 c0a80102 c0a80202 0800e61c 082a0001 a1f5016b 00000000 9e840900"
        "00000000 10111213 14151617 18191a1b 1c1d1e1f 20212223 24252627 28292a2b 2c2d2e2f 30313233"
        "34353637");

Outcome decapsulated(TestGateway& gateway, const Bytes& packet, unsigned depth = 0) {
  const Stage stage = parsed([depth](Lane& lane, Packet& column) {
    unsigned count = depth;
    return decapsulate(lane, column, outer_facts(column.ipv4()), count);
  });
  return run_stage_in_every_layout(gateway, stage, packet);
}

struct Case {
  const char* description;
  Bytes packet;
  Outcome expected;
};

void expect_each(TestGateway& gateway, std::span<const Case> cases) {
  for (const Case& c : cases) {
    EXPECT_EQ(decapsulated(gateway, c.packet), c.expected) << c.description;
  }
}

TEST(Decapsulate, EachMode) {
  TestGateway gateway;
  for (const TunnelMode mode : {TunnelMode::ipip, TunnelMode::gre, TunnelMode::sit}) {
    (void)gateway.add_tunnel({.mode = mode, .local = ours, .remote = peer});
  }
  const Case cases[] = {
      {"ipip", ipip(inner4), goes_on(inner4)},
      {"sit", sit(inner6), goes_on(inner6)},
      {"gre with IPv4", gre4(0, ""), goes_on(inner4)},
      {"gre with IPv6", gre6(inner6), goes_on(inner6)},
      {"outer options", ipip(inner4, {.options = hex("94040000")}), goes_on(inner4)},
      {"40 bytes of outer options", sit(inner6, {.options = Bytes(40)}), goes_on(inner6)},
      {"inner options", ipip(ipv4(peer, ours, 17, {}, {.options = Bytes(40)})),
       goes_on(ipv4(peer, ours, 17, {}, {.options = Bytes(40)}))},
      {"outer TTL 1, which counts for forwarding only", ipip(inner4, {.ttl = 1}), goes_on(inner4)},
      {"outer DF", ipip(inner4, {.fragment = 0x4000}), goes_on(inner4)},
      {"bytes behind the inner packet", ipip(inner4 + payload(8)), goes_on(inner4)},
      {"bytes behind an inner IPv6 packet", sit(inner6 + payload(8)), goes_on(inner6)},
      {"inner fragment", ipip(ipv4(peer, ours, 17, payload(8), {.fragment = 0x2001})),
       goes_on(ipv4(peer, ours, 17, payload(8), {.fragment = 0x2001}))},
      {"a sequence number that was not asked for", gre4(0x1000, "00000007"), goes_on(inner4)},
      {"bits 6 to 12, which are ignored", gre4(0x03f8, ""), goes_on(inner4)},
  };
  expect_each(gateway, cases);
}

TEST(Decapsulate, WhatIsNotForATunnelIsLeftAsItIs) {
  TestGateway gateway;
  (void)gateway.add_tunnel({.mode = TunnelMode::ipip, .local = ours, .remote = peer});
  (void)gateway.add_tunnel({.mode = TunnelMode::gre, .local = ours, .remote = peer});
  (void)gateway.add_tunnel({.mode = TunnelMode::ipip, .local = "10.9.9.9", .remote = peer});
  (void)gateway.add_tunnel({.mode = TunnelMode::sit, .local = ours, .remote = peer, .up = false});
  const Bytes packets[] = {
      ipv4("10.0.0.77", ours, 4, inner4),  // another remote
      ipv4(peer, "10.0.0.77", 4, inner4),  // in transit
      ipv4(peer, "10.9.9.9", 4, inner4),   // a tunnel whose local address is not ours
      sit(inner6),                         // a tunnel that is down
      gre4(0x2000, "000004d2"),            // a key that is not expected
      gre4(0x4000, "00000000"),            // routing
      gre4(0x0800, ""),                    // reserved bit 4
      gre4(0x0400, ""),                    // reserved bit 5
      gre4(0x0001, ""),                    // version 1
      ipv4(peer, ours, 47, hex("0000 6558") + inner4),
      ipv4(peer, ours, 47, hex("0000 08")),
      ipv4(peer, ours, 47, {}),
  };
  for (std::size_t i = 0; i < std::size(packets); ++i) {
    EXPECT_EQ(decapsulated(gateway, packets[i]), goes_on(packets[i])) << i;
  }
  EXPECT_EQ(gateway.counters(0).rx_packets.get(), 0U);
  EXPECT_EQ(gateway.counters(1).rx_packets.get(), 0U);
}

TEST(Decapsulate, KeysOfGre) {
  TestGateway gateway;
  (void)gateway.add_tunnel(
      {.mode = TunnelMode::gre, .local = ours, .remote = peer, .input_key = 1234});
  const Case cases[] = {
      {"the right one", gre4(0x2000, "000004d2"), goes_on(inner4)},
      {"with a sequence number behind it", gre4(0x3000, "000004d2 00000000"), goes_on(inner4)},
      {"a wrong one", gre4(0x2000, "000004d3"), goes_on(gre4(0x2000, "000004d3"))},
      {"zero", gre4(0x2000, "00000000"), goes_on(gre4(0x2000, "00000000"))},
      {"none", gre4(0, ""), goes_on(gre4(0, ""))},
      {"a sequence number in its place", gre4(0x1000, "000004d2"),
       goes_on(gre4(0x1000, "000004d2"))},
  };
  expect_each(gateway, cases);
}

TEST(Decapsulate, TunnelsThatNameNotBothAddresses) {
  TestGateway gateway;
  (void)gateway.add_tunnel({.mode = TunnelMode::ipip, .local = ours});  // one to many
  (void)gateway.add_tunnel({.mode = TunnelMode::gre});                  // wildcard
  (void)gateway.add_tunnel({.mode = TunnelMode::sit, .remote = peer});
  const Bytes strange_gre = ipv4(peer, "10.0.0.3", 47, gre(0, ether_type::ipv4, {}, inner4));
  const Case cases[] = {
      {"one to many, from b", ipip(inner4), goes_on(inner4)},
      {"one to many, from c", ipv4(outside4_of_c, ours, 4, inner4), goes_on(inner4)},
      {"wildcard", gre4(0, ""), goes_on(inner4)},
      {"wildcard, to our other address",
       ipv4(peer, node_a.inside4, 47, gre(0, ether_type::ipv4, {}, inner4)), goes_on(inner4)},
      {"wildcard, but not to us", strange_gre, goes_on(strange_gre)},
      {"remote only", sit(inner6), goes_on(inner6)},
      {"remote only, but not to us", ipv4(peer, "10.0.0.3", 41, inner6),
       goes_on(ipv4(peer, "10.0.0.3", 41, inner6))},
  };
  expect_each(gateway, cases);
}

Bytes with_byte(Bytes bytes, std::size_t offset, unsigned value) {
  bytes.at(offset) = static_cast<std::byte>(value);
  return bytes;
}

TEST(Decapsulate, MalformedInnerPackets) {
  TestGateway gateway;
  for (const TunnelMode mode : {TunnelMode::ipip, TunnelMode::gre, TunnelMode::sit}) {
    (void)gateway.add_tunnel({.mode = mode, .local = ours, .remote = peer});
  }
  const Case cases[] = {
      {"none", ipip({}), dropped(Drop::runt)},
      {"15 bytes", ipip(first(inner4, 15)), dropped(Drop::runt)},
      {"IPv6 in protocol 4", ipip(inner6), dropped(Drop::ip_version)},
      {"IPv4 in protocol 41", sit(inner4 + Bytes(20)), dropped(Drop::ip_version)},
      {"IPv6 in GRE's 0x0800", gre4(0, "", inner6), dropped(Drop::ip_version)},
      {"IPv4 in GRE's 0x86dd", gre6(inner4), dropped(Drop::ip_version)},
      {"checksum", ipip(with_byte(inner4, 8, 62)), dropped(Drop::ip_checksum)},
      {"IHL beyond it", ipip(with_byte(first(inner4, 20), 0, 0x46)),
       dropped(Drop::ip_header_length)},
      {"longer than the outer packet", ipip(first(inner4, 39)), dropped(Drop::ip_total_length)},
      {"IPv6 longer than the outer packet", sit(first(inner6, 59)), dropped(Drop::ip_total_length)},
      {"martian source", ipip(ipv4("127.0.0.1", node_a.host4, 17, {})),
       dropped(Drop::martian_source)},
      {"martian destination", ipip(ipv4(node_b.host4, "0.0.0.0", 17, {})),
       dropped(Drop::martian_destination)},
  };
  expect_each(gateway, cases);
}

/// With the ECN bits, and a DSCP that must stay.
Bytes marked(const Bytes& inner, unsigned ecn_bits) {
  Bytes packet = inner;
  if (inner == inner4) {
    return ipv4(node_b.host4, node_a.host4, 17, payload(20),
                {.tos = static_cast<std::uint8_t>(0x28U | ecn_bits), .ttl = 63});
  }
  header_at<Ipv6Header>(packet.data())
      .set_traffic_class(static_cast<std::uint8_t>(0x28U | ecn_bits));
  return packet;
}

TEST(Decapsulate, EcnCellByCell) {  // RFC 6040 figure 4; net/ecn_test has the table by itself
  TestGateway gateway;
  const std::uint32_t ipip_tunnel =
      gateway.add_tunnel({.mode = TunnelMode::ipip, .local = ours, .remote = peer});
  (void)gateway.add_tunnel({.mode = TunnelMode::sit, .local = ours, .remote = peer});
  for (unsigned outer = 0; outer < 4; ++outer) {
    for (unsigned inner = 0; inner < 4; ++inner) {
      const auto tos = static_cast<std::uint8_t>(0xb8U | outer);
      const unsigned result = ecn::decapsulate(tos, static_cast<std::uint8_t>(inner));
      const bool lost = result == ecn::drop;
      EXPECT_EQ(decapsulated(gateway, ipip(marked(inner4, inner), {.tos = tos})),
                lost ? dropped(Drop::ecn) : goes_on(marked(inner4, result)))
          << outer << ' ' << inner;
      EXPECT_EQ(decapsulated(gateway, sit(marked(inner6, inner), {.tos = tos})),
                lost ? dropped(Drop::ecn) : goes_on(marked(inner6, result)))
          << outer << ' ' << inner;
    }
  }
  EXPECT_GT(gateway.counters(ipip_tunnel).rx_errors.get(), 0U);
}

TEST(Decapsulate, CountsInnerPacketsAndTheirBytes) {
  TestGateway gateway;
  const std::uint32_t tunnel =
      gateway.add_tunnel({.mode = TunnelMode::gre, .local = ours, .remote = peer});
  const TunnelCounters& counters = gateway.counters(tunnel);
  const auto receive = [&](const Bytes& packet) {
    const Stage stage = parsed([](Lane& lane, Packet& column) {
      unsigned depth = 0;
      return decapsulate(lane, column, outer_facts(column.ipv4()), depth);
    });
    return run_stage(gateway, stage, packet);
  };
  (void)receive(gre4(0, ""));
  (void)receive(gre6(inner6));
  EXPECT_EQ(counters.rx_packets.get(), 2U);
  EXPECT_EQ(counters.rx_bytes.get(), inner4.size() + inner6.size());
  // As Linux: a malformed packet was received all the same, with all its bytes.
  (void)receive(gre4(0, "", first(inner4, 15)));
  EXPECT_EQ(counters.rx_packets.get(), 3U);
  EXPECT_EQ(counters.rx_bytes.get(), inner4.size() + inner6.size() + 15);
  EXPECT_EQ(counters.rx_errors.get(), 0U);
  // As Linux, too: one dropped for its congestion mark was not.
  (void)receive(ipv4(peer, ours, 47, gre(0, ether_type::ipv4, {}, inner4), {.tos = ecn::ce}));
  EXPECT_EQ(counters.rx_packets.get(), 3U);
  EXPECT_EQ(counters.rx_errors.get(), 1U);
}

TEST(Decapsulate, NestingIsBounded) {
  TestGateway gateway;
  (void)gateway.add_tunnel({.mode = TunnelMode::ipip, .local = ours, .remote = peer});
  EXPECT_EQ(decapsulated(gateway, ipip(inner4), max_nesting - 1), goes_on(inner4));
  EXPECT_EQ(decapsulated(gateway, ipip(inner4), max_nesting), dropped(Drop::nesting));
  EXPECT_EQ(decapsulated(gateway, inner4, max_nesting), goes_on(inner4));
}

TEST(Decapsulate, OnlyWhatWasTakenOutCounts) {
  TestGateway gateway;
  (void)gateway.add_tunnel({.mode = TunnelMode::ipip, .local = ours, .remote = peer});
  unsigned depth = 0;
  const Stage stage = parsed([&](Lane& lane, Packet& column) {
    return decapsulate(lane, column, outer_facts(column.ipv4()), depth);
  });
  (void)run_stage(gateway, stage, ipv4("10.0.0.77", ours, 4, inner4));
  EXPECT_EQ(depth, 0U);
  (void)run_stage(gateway, stage, ipip(inner4));
  EXPECT_EQ(depth, 1U);
}

TEST(Decapsulate, WhyAPacketForUsWasNotTaken) {
  TestGateway gateway;
  const Stage stage =
      parsed([](Lane& lane, Packet& column) -> Verdict { return undeliverable(lane, column); });
  (void)gateway.add_tunnel(
      {.mode = TunnelMode::gre, .local = ours, .remote = peer, .input_key = 7});
  const std::pair<Bytes, Drop> cases[] = {
      {ipip(inner4), Drop::no_tunnel},
      {gre4(0x2000, "000004d2"), Drop::no_tunnel},
      {gre4(0x8000, "77ff0000", of_capture), Drop::no_tunnel},
      {gre4(0x8000, "77fe0000", of_capture), Drop::gre_checksum},
      {gre4(0x4000, "00000000"), Drop::gre_routing},
      {gre4(0x0800, ""), Drop::gre_reserved},
      {gre4(0x0001, ""), Drop::gre_version},
      {ipv4(peer, ours, 47, hex("2000 6558 00000007") + inner4), Drop::gre_protocol},
      {ipv4(peer, ours, 47, hex("0000 6558") + inner4), Drop::no_tunnel},
      {ipv4(peer, ours, 47, hex("0000 08")), Drop::truncated},
      {ipv4(peer, ours, 47, {}), Drop::truncated},
      {ipv4(peer, ours, 47, hex("3000 0800 000004d2")), Drop::truncated},
  };
  for (const auto& [packet, reason] : cases) {
    EXPECT_EQ(run_stage_in_every_layout(gateway, stage, packet), dropped(reason))
        << name_of(reason);
  }
}

}  // namespace
}  // namespace culvert::test
