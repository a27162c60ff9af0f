// SPDX-License-Identifier: BSD-3-Clause
// Packets that do not fit, through the whole row: which of them are cut, where, and what is
// counted. Sizes are those of captures 08a, 08c, 08d, 08g and 10c.
#include "culvert/dataplane/oversize.hpp"

#include <gtest/gtest.h>

#include "support/gateway.hpp"

namespace culvert::test {
namespace {

constexpr std::uint16_t df = 0x4000;
constexpr std::uint16_t more = 0x2000;
constexpr std::uint16_t id = TestGateway::first_id;
const std::string_view a = node_a.outside4;
const std::string_view b = node_b.outside4;

Bytes from_host(const Bytes& packet, std::uint16_t type = ether_type::ipv4) {
  return ethernet(node_a.inside_mac, node_a.host_mac, type, packet);
}
Outcome to_b(const Bytes& packet) {
  return sent(outside, ethernet(node_b.outside_mac, node_a.outside_mac, ether_type::ipv4, packet));
}

/// An inner packet's part, as it is received or (a hop on) sent.
Bytes part(const Bytes& body, std::size_t begin, std::size_t end, std::uint16_t fragment,
           std::uint8_t ttl = 63) {
  return ipv4(node_a.host4, node_b.host4, 17, from(first(body, end), begin),
              {.ttl = ttl, .fragment = fragment});
}
Bytes behind_outer(const Bytes& inner, std::uint16_t number) {
  return ipv4(a, b, 4, inner, {.ttl = 63, .id = number, .fragment = df});
}

class Oversize : public testing::Test {
 protected:
  NextHop ipip(bool pmtudisc = true) {
    return gateway.through({.local = a, .remote = b, .pmtudisc = pmtudisc}, 1, ether_type::ipv4);
  }
  void route(const NextHop& next_hop) { gateway.route(node_b.inside_net4, next_hop); }
  void route6(const NextHop& next_hop) { gateway.route(node_b.inside_net6, next_hop); }

  std::vector<Outcome> receive(const Bytes& packet, std::uint16_t type = ether_type::ipv4) {
    const Bytes frames[] = {from_host(packet, type)};
    return gateway.receive_burst(inside, frames);
  }

  TestGateway gateway;
};

TEST_F(Oversize, PlainForwardingCutsToThePortsMtu) {
  route(gateway.forward_to(gateway.peer(b), 1280));
  const Bytes body = payload(1480);
  const std::vector expected{to_b(part(body, 0, 1256, more)), to_b(part(body, 1256, 1480, 157))};
  EXPECT_EQ(receive(part(body, 0, 1480, 0, 64)), expected);
  EXPECT_EQ(gateway.counters().fragmented.get(), 1U);
  EXPECT_EQ(gateway.counters().fragments.get(), 2U);
  EXPECT_EQ(gateway.counters().sent.get(), 2U);
}

TEST_F(Oversize, WholeOrCutInEveryLayout) {
  route(gateway.forward_to(gateway.peer(b), 60));
  const Bytes body = payload(64);
  const std::vector expected{to_b(part(body, 0, 40, more)), to_b(part(body, 40, 64, 5))};
  const Bytes frame = from_host(part(body, 0, 64, 0, 64));
  for_each_layout(frame.size(), [&](const Layout& layout) {
    gateway.renew_lane();
    rte_mbuf* m = make_mbuf(gateway.pool(), frame, layout);
    gateway.forward(inside, {&m, 1});
    EXPECT_EQ(gateway.outcomes(), expected) << to_string(layout);
    EXPECT_EQ(gateway.missing_mbufs(), 0U);
  });
}

TEST_F(Oversize, ATunnelCutsTheInnerPacket) {  // 08a, and ours for 08c
  route(ipip());
  const Bytes body = payload(1480);
  const std::vector expected{to_b(behind_outer(part(body, 0, 1456, more), id)),
                             to_b(behind_outer(part(body, 1456, 1480, 182), id + 1))};
  EXPECT_EQ(receive(part(body, 0, 1480, 0, 64)), expected);
  EXPECT_EQ(gateway.counters(1).tx_packets.get(), 2U);  // as in 08a, each is a packet
  EXPECT_EQ(gateway.counters(1).tx_bytes.get(), 1476U + 44U);
  EXPECT_EQ(gateway.counters(1).tx_errors.get(), 0U);
}

TEST_F(Oversize, FragmentsAreCutAgainAndNotMerged) {  // 08a, 10c: 3028 bytes, which came in three
  route(ipip());
  const Bytes body = payload(3008);
  const Bytes frames[] = {from_host(part(body, 0, 1480, more, 64)),
                          from_host(part(body, 1480, 2960, more | 185, 64)),
                          from_host(part(body, 2960, 3008, 370, 64))};
  const std::vector expected{
      to_b(behind_outer(part(body, 0, 1456, more), id)),
      to_b(behind_outer(part(body, 1456, 1480, more | 182), id + 1)),
      to_b(behind_outer(part(body, 1480, 2936, more | 185), id + 2)),
      to_b(behind_outer(part(body, 2936, 2960, more | 367), id + 3)),
      to_b(behind_outer(part(body, 2960, 3008, 370), id + 4)),
  };
  EXPECT_EQ(gateway.receive_burst(inside, frames), expected);
}

TEST_F(Oversize, ATunnelWithoutPathMtuDiscoveryCutsTheOuterPacket) {  // 08d
  NextHop next_hop = ipip(false);
  next_hop.device_mtu = 1500;
  route(next_hop);
  const Bytes inner = part(payload(1480), 0, 1480, 0, 64);
  const Bytes on = part(payload(1480), 0, 1480, 0);
  const std::vector expected{
      to_b(ipv4(a, b, 4, first(on, 1480), {.ttl = 63, .id = id, .fragment = more})),
      to_b(ipv4(a, b, 4, from(on, 1480), {.ttl = 63, .id = id, .fragment = 185}))};
  EXPECT_EQ(receive(inner), expected);
  EXPECT_EQ(gateway.counters(1).tx_packets.get(), 1U);
  EXPECT_EQ(gateway.counters(1).tx_bytes.get(), 1500U);

  const Bytes frame = from_host(part(payload(1480), 0, 1480, df, 64));
  EXPECT_EQ(gateway.receive(inside, frame), reported(Drop::too_big, inside, frame, 1480));
}

TEST_F(Oversize, BothInnerAndOuterPacketsAreCut) {
  NextHop next_hop = ipip(false);
  next_hop.device_mtu = 1500;
  route(next_hop);
  const Bytes body = payload(1600);
  const Bytes head = part(body, 0, 1480, more);
  const std::vector expected{
      to_b(ipv4(a, b, 4, first(head, 1480), {.ttl = 63, .id = id, .fragment = more})),
      to_b(ipv4(a, b, 4, from(head, 1480), {.ttl = 63, .id = id, .fragment = 185})),
      to_b(ipv4(a, b, 4, part(body, 1480, 1600, 185), {.ttl = 63, .id = id + 1}))};
  EXPECT_EQ(receive(part(body, 0, 1600, 0, 64)), expected);
}

TEST_F(Oversize, Ipv6OverAPathThatIsTooNarrowForIt) {  // 08g
  for (const TunnelMode mode : {TunnelMode::sit, TunnelMode::gre}) {
    const bool is_gre = mode == TunnelMode::gre;
    NextHop next_hop = gateway.through({.mode = mode, .local = a, .remote = b}, 1, 0x86dd);
    next_hop.mtu = static_cast<std::uint16_t>(1280 - next_hop.outer.length);
    next_hop.device_mtu = 1280;
    next_hop.path_mtu = 1280;
    next_hop.outer.fragment = 0;
    route6(next_hop);
    const Bytes six = ipv6(node_a.host6, node_b.host6, 17, payload(1240), 64);
    const Bytes on = ipv6(node_a.host6, node_b.host6, 17, payload(1240), 63);
    const Bytes body = is_gre ? gre(0, 0x86dd, {}, on) : on;
    const std::uint8_t protocol = is_gre ? 47 : 41;
    const std::vector expected{
        to_b(ipv4(a, b, protocol, first(body, 1256), {.ttl = 63, .id = id, .fragment = more})),
        to_b(ipv4(a, b, protocol, from(body, 1256), {.ttl = 63, .id = id, .fragment = 157}))};
    EXPECT_EQ(receive(six, ether_type::ipv6), expected);

    const Bytes frame = from_host(ipv6(node_a.host6, node_b.host6, 17, payload(1241)), 0x86dd);
    EXPECT_EQ(gateway.receive(inside, frame), reported(Drop::too_big, inside, frame, 1280));
  }
}

TEST_F(Oversize, PiecesWaitWholeForTheirNeighbour) {
  NextHop next_hop = ipip();
  next_hop.neighbour = &gateway.add_neighbour(outside, "02:00:00:00:00:77");
  next_hop.neighbour->destination = 0;
  route(next_hop);
  const Bytes frame = from_host(part(payload(1480), 0, 1480, 0, 64));
  EXPECT_EQ(gateway.receive(inside, frame), punted(Punt::resolve, inside, frame));
}

/// A tunnel's outer packets enter another one: each piece is a packet there.
TEST_F(Oversize, TunnelsInTunnels) {
  const NextHopId gre_hop = gateway.forwarding().next_hops.create(
      gateway.through({.mode = TunnelMode::gre, .local = a, .remote = b}, 2, ether_type::ipv4));
  NextHop next_hop = ipip(false);
  next_hop.device_mtu = 1480;
  next_hop.path_mtu = 1476;
  next_hop.mtu = 1456;
  next_hop.neighbour = nullptr;
  next_hop.next = gre_hop;
  route(next_hop);
  const Bytes on = part(payload(1460), 0, 1460, 0);  // 1480 bytes, 1500 behind the outer header
  const auto in_gre = [](const Bytes& body, std::uint16_t fragment, std::uint16_t number) {
    const Bytes middle = ipv4(a, b, 4, body, {.ttl = 63, .id = id, .fragment = fragment});
    return to_b(
        ipv4(a, b, 47, gre(0, 0x0800, {}, middle), {.ttl = 63, .id = number, .fragment = df}));
  };
  const std::vector expected{in_gre(first(on, 1456), more, id + 1),
                             in_gre(from(on, 1456), 182, id + 2)};
  EXPECT_EQ(receive(part(payload(1460), 0, 1460, 0, 64)), expected);
  EXPECT_EQ(gateway.counters(1).tx_packets.get(), 1U);
  EXPECT_EQ(gateway.counters(2).tx_packets.get(), 2U);
}

TEST_F(Oversize, NestingIsBounded) {
  NextHop loop = ipip(false);
  loop.mtu = 100;
  loop.path_mtu = 100;
  loop.neighbour = nullptr;
  const NextHopId hop = gateway.forwarding().next_hops.create(loop);
  loop.next = hop;
  gateway.forwarding().next_hops.replace(hop, loop);
  gateway.route(node_b.inside_net4, hop);
  const std::vector<Outcome> all = receive(part(payload(800), 0, 800, 0, 64));
  EXPECT_FALSE(all.empty());
  for (const Outcome& outcome : all) {
    EXPECT_EQ(outcome.kind, Outcome::Kind::dropped);
  }
}

TEST_F(Oversize, WhatIsTooNarrowToCutFor) {
  route(gateway.forward_to(gateway.peer(b), 27));
  EXPECT_EQ(receive(part(payload(100), 0, 100, 0, 64)), std::vector{dropped(Drop::too_big)});
  EXPECT_EQ(gateway.counters().fragments.get(), 0U);
}

TEST_F(Oversize, WithoutBuffersTheRestIsDropped) {
  route(gateway.forward_to(gateway.peer(b), 100));
  gateway.renew_lane();
  rte_mbuf* m = make_mbuf(gateway.pool(), from_host(part(payload(200), 0, 200, 0, 64)));
  std::vector<rte_mbuf*> others;
  while (rte_mbuf* const other = rte_pktmbuf_alloc(gateway.pool())) {
    others.push_back(other);
  }
  rte_pktmbuf_free(others.back());
  others.pop_back();
  gateway.forward(inside, {&m, 1});
  rte_pktmbuf_free_bulk(others.data(), static_cast<unsigned>(others.size()));
  EXPECT_EQ(gateway.outcomes(),
            (std::vector{to_b(part(payload(200), 0, 80, more)), dropped(Drop::no_mbuf)}));
  EXPECT_EQ(gateway.counters().fragments.get(), 1U);
  EXPECT_EQ(gateway.counters().fragmented.get(), 0U);
}

TEST_F(Oversize, OurOwnPacketsAreCutToo) {
  route(gateway.forward_to(gateway.peer(b), 1500));
  const Bytes body = payload(3000);
  gateway.renew_lane();
  rte_mbuf* m =
      make_mbuf(gateway.pool(), ipv4(node_a.inside4, node_b.host4, 1, body), {.cuts = {1700}});
  facts_of(m) = {.entry = Entry::output};
  resume_burst(gateway.lane(), {&m, 1});
  gateway.lane().finish_burst();
  std::vector<Outcome> expected;
  for (const auto& [begin, end, fragment] :
       {std::tuple{0U, 1480U, 0x2000}, {1480U, 2960U, 0x20b9}, {2960U, 3000U, 0x0172}}) {
    expected.push_back(to_b(ipv4(node_a.inside4, node_b.host4, 1, from(first(body, end), begin),
                                 {.fragment = static_cast<std::uint16_t>(fragment)})));
  }
  EXPECT_EQ(gateway.outcomes(), expected);
}

}  // namespace
}  // namespace culvert::test
