// SPDX-License-Identifier: BSD-3-Clause
// Stage 4 alone.
#include "culvert/dataplane/route.hpp"

#include <gtest/gtest.h>

#include "support/stage.hpp"

namespace culvert::test {
namespace {

using Kind = NextHop::Kind;

const std::string_view from4 = node_a.host4;
const std::string_view to4 = node_b.host4;
const std::string_view from6 = node_a.host6;
const std::string_view to6 = node_b.host6;

Bytes udp4(std::uint8_t ttl, std::uint16_t fragment = 0, std::size_t size = 20) {
  return ipv4(from4, to4, 17, payload(size), {.ttl = ttl, .fragment = fragment});
}
Bytes udp6(std::uint8_t hop_limit, std::size_t size = 20) {
  return ipv6(from6, to6, 17, payload(size), hop_limit);
}

/// Punted as it came, with nothing before it.
Outcome to_slow_path(Punt punt, const Bytes& packet, Entry entry = Entry::forward,
                     Drop drop = Drop::none, std::uint16_t mtu = 0) {
  return {.kind = Outcome::Kind::punted,
          .port = inside,
          .bytes = packet,
          .drop = drop,
          .punt = punt,
          .entry = entry,
          .mtu = mtu};
}
Outcome error(Drop drop, const Bytes& packet, Entry entry = Entry::forward, std::uint16_t mtu = 0) {
  return to_slow_path(Punt::error, packet, entry, drop, mtu);
}

class Route : public testing::Test {
 protected:
  Outcome run(const NextHop& next_hop, const Bytes& packet, Entry entry = Entry::forward) {
    const Stage stage =
        parsed([&](Lane& lane, Packet& column) { return route(lane, column, next_hop, entry); });
    return run_stage_in_every_layout(gateway, stage, packet);
  }
  TestGateway gateway;
};

TEST_F(Route, KindsThatSendNothingOn) {
  const Bytes packet = udp4(64);
  const std::pair<Kind, Outcome> cases[] = {
      {Kind::none, error(Drop::no_route, packet)},
      {Kind::connected, to_slow_path(Punt::resolve, packet)},
      {Kind::local, to_slow_path(Punt::local, packet)},
      {Kind::broadcast, dropped(Drop::broadcast)},
      {Kind::unreachable, error(Drop::unreachable, packet)},
      {Kind::prohibited, error(Drop::prohibited, packet)},
      {Kind::blackhole, dropped(Drop::blackhole)},
      {Kind::no_outer_route, error(Drop::no_outer_route, packet)},
      {Kind::dead_loop, dropped(Drop::dead_loop)},
      {Kind::no_remote, error(Drop::no_remote, packet)},
  };
  for (const auto& [kind, expected] : cases) {
    EXPECT_EQ(run(gateway.of_kind(kind), packet), expected) << static_cast<int>(kind);
  }
}

TEST_F(Route, TunnelsThatLeadNowhereCountIt) {
  NextHop next_hop = gateway.of_kind(Kind::no_outer_route);
  next_hop.tunnel = 5;
  const Stage stage = parsed(
      [&](Lane& lane, Packet& column) { return route(lane, column, next_hop, Entry::forward); });
  (void)run_stage(gateway, stage, udp4(64));
  next_hop.kind = Kind::dead_loop;
  (void)run_stage(gateway, stage, udp4(64));
  (void)run_stage(gateway, stage, udp4(64));
  EXPECT_EQ(gateway.counters(5).tx_errors.get(), 3U);
  EXPECT_EQ(gateway.counters(5).tx_no_route.get(), 1U);
  EXPECT_EQ(gateway.counters(5).tx_dead_loop.get(), 2U);
  EXPECT_EQ(gateway.counters(5).tx_packets.get(), 0U);
}

TEST_F(Route, TunnelPacketsForUsThatNoTunnelTook) {
  const NextHop local = gateway.of_kind(Kind::local);
  const std::string_view ours = node_a.outside4;
  const Bytes packet = ipv4("10.0.0.77", ours, 4, udp4(64));
  EXPECT_EQ(run(local, packet), error(Drop::no_tunnel, packet));
  EXPECT_EQ(run(local, ipv4("10.0.0.77", ours, 47, hex("8000 0800 00000000"))),  // should be 77ff
            dropped(Drop::gre_checksum));
}

TEST_F(Route, HopsLeft) {
  const NextHop next_hop = gateway.forward_to(gateway.host());
  for (const std::uint8_t ttl : {std::uint8_t{0}, std::uint8_t{1}}) {
    EXPECT_EQ(run(next_hop, udp4(ttl)), error(Drop::ttl_exceeded, udp4(ttl)));
    EXPECT_EQ(run(next_hop, udp6(ttl)), error(Drop::ttl_exceeded, udp6(ttl)));
    // RFC 1812 section 5.3.1: not for packets that we send or that are for us.
    EXPECT_EQ(run(next_hop, udp4(ttl), Entry::output), goes_on(udp4(ttl)));
    EXPECT_EQ(run(next_hop, udp6(ttl), Entry::output), goes_on(udp6(ttl)));
    EXPECT_EQ(run(gateway.of_kind(Kind::local), udp4(ttl)), to_slow_path(Punt::local, udp4(ttl)));
  }
  EXPECT_EQ(run(next_hop, udp4(2)), goes_on(udp4(1)));
  EXPECT_EQ(run(next_hop, udp6(2)), goes_on(udp6(1)));
  EXPECT_EQ(run(next_hop, udp4(255)), goes_on(udp4(254)));
  EXPECT_EQ(run(next_hop, udp6(255)), goes_on(udp6(254)));
  EXPECT_EQ(run(next_hop, udp4(64), Entry::output), goes_on(udp4(64)));
}

TEST_F(Route, SizesAroundTheMtu) {
  const NextHop next_hop = gateway.forward_to(gateway.host(), 100);
  EXPECT_EQ(run(next_hop, udp4(64, 0x4000, 80)), goes_on(udp4(63, 0x4000, 80)));
  EXPECT_EQ(run(next_hop, udp4(64, 0x4000, 81)),
            error(Drop::too_big, udp4(64, 0x4000, 81), Entry::forward, 100));
  EXPECT_EQ(run(next_hop, udp4(64, 0, 81)), goes_on(udp4(63, 0, 81)));  // to be fragmented
  EXPECT_EQ(run(next_hop, udp6(64, 60)), goes_on(udp6(63, 60)));
  EXPECT_EQ(run(next_hop, udp6(64, 61)), error(Drop::too_big, udp6(64, 61), Entry::forward, 100));
  EXPECT_EQ(run(next_hop, udp4(64, 0x4000, 81), Entry::output),
            error(Drop::too_big, udp4(64, 0x4000, 81), Entry::output, 100));
}

TEST_F(Route, HopsBeforeSizeBeforeNeighbour) {  // RFC 1812 section 5.2.1, and see route()
  Neighbour& silent = gateway.add_neighbour(inside, "00:00:00:00:00:00", Reachability::unresolved);
  const NextHop next_hop = gateway.forward_to(silent, 100);
  EXPECT_EQ(run(next_hop, udp4(1, 0x4000, 200)), error(Drop::ttl_exceeded, udp4(1, 0x4000, 200)));
  EXPECT_EQ(run(next_hop, udp4(64, 0x4000, 200)),
            error(Drop::too_big, udp4(64, 0x4000, 200), Entry::forward, 100));
  EXPECT_EQ(run(next_hop, udp4(64)), to_slow_path(Punt::resolve, udp4(64)));
  EXPECT_EQ(run(next_hop, udp6(64)), to_slow_path(Punt::resolve, udp6(64)));
}

TEST_F(Route, FragmentsThatEndBeyondTheLongestPacketAreNotCut) {
  const NextHop next_hop = gateway.forward_to(gateway.host(), 100);
  EXPECT_EQ(run(next_hop, udp4(64, 8180, 88)), goes_on(udp4(63, 8180, 88)));
  EXPECT_EQ(run(next_hop, udp4(64, 8181, 88)), dropped(Drop::fragment_size));
  EXPECT_EQ(run(next_hop, udp4(64, 8191, 80)), goes_on(udp4(63, 8191, 80)));  // not our business
}

TEST_F(Route, WhatMayBeFragmentedBehindItsOuterHeader) {  // captures 08d and 08g
  NextHop next_hop =
      gateway.through({.local = node_a.outside4, .remote = node_b.outside4, .pmtudisc = false}, 7,
                      ether_type::ipv4);
  next_hop.mtu = 100;
  next_hop.device_mtu = 120;
  EXPECT_EQ(run(next_hop, udp4(64, 0x4000, 81)),
            error(Drop::too_big, udp4(64, 0x4000, 81), Entry::forward, 100));
  EXPECT_EQ(run(next_hop, udp4(64, 0, 200)), goes_on(udp4(63, 0, 200)));
  EXPECT_EQ(run(next_hop, udp6(64, 80)), goes_on(udp6(63, 80)));
  EXPECT_EQ(run(next_hop, udp6(64, 81)), error(Drop::too_big, udp6(64, 81), Entry::forward, 120));
  next_hop.outer.fragment = Ipv4Header::dont_fragment;
  EXPECT_EQ(run(next_hop, udp6(64, 80)), error(Drop::too_big, udp6(64, 80), Entry::forward, 100));
}

TEST_F(Route, TunnelsCountWhatTheirDeviceWouldHaveTaken) {  // 08c, but not 08a
  NextHop next_hop =
      gateway.through({.local = node_a.outside4, .remote = node_b.outside4}, 7, ether_type::ipv4);
  next_hop.mtu = 100;
  next_hop.device_mtu = 101;
  const Stage stage = parsed(
      [&](Lane& lane, Packet& column) { return route(lane, column, next_hop, Entry::forward); });
  (void)run_stage(gateway, stage, udp4(64, 0x4000, 81));
  EXPECT_EQ(gateway.counters(7).tx_errors.get(), 1U);
  (void)run_stage(gateway, stage, udp4(64, 0x4000, 82));
  EXPECT_EQ(gateway.counters(7).tx_errors.get(), 1U);
}

TEST_F(Route, IdleNeighboursAreMarkedAsUsed) {
  for (const auto& [before, after] :
       {std::pair{Reachability::idle, Reachability::ready},
        std::pair{Reachability::ready, Reachability::ready},
        std::pair{Reachability::unresolved, Reachability::unresolved}}) {
    Neighbour& neighbour = gateway.add_neighbour(inside, "02:00:00:00:01:77", before);
    (void)run(gateway.forward_to(neighbour), udp4(64));
    const MacWord word{neighbour.destination.load()};
    EXPECT_EQ(word.extra(), static_cast<std::uint16_t>(after));
    EXPECT_EQ(to_string(word.mac()), "02:00:00:00:01:77");
  }
}

TEST_F(Route, LinkLocalAndUnspecifiedSourcesStayOnTheirLink) {  // RFC 4291 sections 2.5.2, 2.5.6
  const NextHop next_hop = gateway.forward_to(gateway.host());
  for (const std::string_view source : {"fe80::1", "::"}) {
    const Bytes packet = ipv6(source, to6, 17, payload(8));
    EXPECT_EQ(run(next_hop, packet), dropped(Drop::link_local)) << source;
    EXPECT_EQ(run(next_hop, packet, Entry::output), goes_on(packet)) << source;
    EXPECT_EQ(run(gateway.of_kind(Kind::local), packet), to_slow_path(Punt::local, packet));
  }
}

class RouteSpecial : public testing::Test {
 protected:
  Outcome run(const Bytes& packet, bool group, std::uint8_t l2 = 0) {
    const Stage stage = parsed([&](Lane& lane, Packet& column) {
      column.l2_group = group;
      column.l2 = l2;
      return route_special(lane, column, Entry::forward);
    });
    return run_stage(gateway, stage, packet);
  }
  TestGateway gateway;
};

TEST_F(RouteSpecial, Ipv4) {
  const auto to = [](std::string_view destination) {
    return ipv4(from4, destination, 17, payload(8));
  };
  EXPECT_EQ(run(to(to4), false), goes_on(to(to4)));
  EXPECT_EQ(run(to(to4), true), dropped(Drop::l2_broadcast));  // RFC 1812 section 5.3.4
  for (const std::string_view group : {"224.0.0.1", "239.255.255.255"}) {
    EXPECT_EQ(run(to(group), true), dropped(Drop::multicast));
    EXPECT_EQ(run(to(group), false), dropped(Drop::multicast));
  }
  EXPECT_EQ(run(to("255.255.255.255"), true), dropped(Drop::broadcast));
}

TEST_F(RouteSpecial, Ipv6) {
  const Bytes udp = ipv6(from6, "ff02::1", 17, payload(8));
  const Bytes icmp = ipv6(from6, "ff02::1:ff00:1", 58, payload(24));
  const Bytes near = ipv6("fe80::2", "fe80::1", 58, payload(24));
  EXPECT_EQ(run(udp6(64), false), goes_on(udp6(64)));
  EXPECT_EQ(run(udp6(64), true), dropped(Drop::l2_broadcast));
  EXPECT_EQ(run(udp, true, 14), dropped(Drop::multicast));
  EXPECT_EQ(run(icmp, true), dropped(Drop::multicast));  // out of a tunnel
  EXPECT_EQ(run(near, false), to_slow_path(Punt::local, near));
}

}  // namespace
}  // namespace culvert::test
