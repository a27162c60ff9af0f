// SPDX-License-Identifier: BSD-3-Clause
// Stages 5 and 6, each alone. What the outer header's fields are is codec/fixup_test's; here it is
// that they are made from the right packet.
#include "culvert/dataplane/encapsulate.hpp"

#include <gtest/gtest.h>

#include "culvert/dataplane/transmit.hpp"

#include "support/stage.hpp"

namespace culvert::test {
namespace {

const std::string_view ours = node_a.outside4;
const std::string_view peer = node_b.outside4;
constexpr std::uint16_t id = TestGateway::first_id;

Bytes udp4(const Ipv4Options& more = {}) {
  return ipv4(node_a.host4, node_b.host4, 17, payload(20), more);
}
Bytes udp6(std::uint8_t hop_limit, std::uint32_t label) {
  return ipv6(node_a.host6, node_b.host6, 17, payload(20), hop_limit, label);
}

class Encapsulate : public testing::Test {
 protected:
  Outcome run(const NextHop& next_hop, const Bytes& packet) {
    const Stage stage = parsed([&](Lane& lane, Packet& column) {
      const NextHop* at = &next_hop;
      return encapsulate(lane, column, at);
    });
    return run_stage_in_every_layout(gateway, stage, packet);
  }
  NextHop through(const TestTunnel& tunnel, std::uint16_t type = ether_type::ipv4) {
    return gateway.through(tunnel, 3, type);
  }
  TestGateway gateway;
};

constexpr std::uint16_t df = 0x4000;

TEST_F(Encapsulate, NothingWhereTheNextHopIsNoTunnel) {
  EXPECT_EQ(run(gateway.forward_to(gateway.host()), udp4()), goes_on(udp4()));
}

TEST_F(Encapsulate, EachMode) {
  const Bytes four = udp4({.tos = 0xb8, .ttl = 9});
  const Bytes six = udp6(9, 0xb8U << 20U | 0x12345U);
  EXPECT_EQ(run(through({.mode = TunnelMode::ipip, .local = ours, .remote = peer}), four),
            goes_on(ipv4(ours, peer, 4, four, {.ttl = 9, .id = id, .fragment = df})));
  EXPECT_EQ(
      run(through({.mode = TunnelMode::sit, .local = ours, .remote = peer}, ether_type::ipv6), six),
      goes_on(ipv4(ours, peer, 41, six, {.ttl = 9, .id = id, .fragment = df})));
  EXPECT_EQ(run(through({.mode = TunnelMode::gre, .local = ours, .remote = peer}), four),
            goes_on(ipv4(ours, peer, 47, gre(0, ether_type::ipv4, {}, four),
                         {.ttl = 9, .id = id, .fragment = df})));
  EXPECT_EQ(
      run(through({.mode = TunnelMode::gre, .local = ours, .remote = peer}, ether_type::ipv6), six),
      goes_on(ipv4(ours, peer, 47, gre(0, ether_type::ipv6, {}, six),
                   {.ttl = 9, .id = id, .fragment = df})));
  EXPECT_EQ(
      run(through({.mode = TunnelMode::gre, .local = ours, .remote = peer, .output_key = 1234}),
          four),
      goes_on(ipv4(ours, peer, 47, gre(0x2000, ether_type::ipv4, hex("000004d2"), four),
                   {.ttl = 9, .id = id, .fragment = df})));
}

TEST_F(Encapsulate, TtlAndTosInheritedFromEitherFamily) {
  const TestTunnel four{
      .mode = TunnelMode::ipip, .local = ours, .remote = peer, .inherit_tos = true};
  const TestTunnel six{.mode = TunnelMode::sit, .local = ours, .remote = peer, .inherit_tos = true};
  for (unsigned tos = 0; tos < 256; tos += 0x15) {
    const auto byte = static_cast<std::uint8_t>(tos);
    const Ipv4Options outer{.tos = byte, .ttl = 63, .id = id, .fragment = df};
    const Bytes packet4 = udp4({.tos = byte, .ttl = 63});
    EXPECT_EQ(run(through(four), packet4), goes_on(ipv4(ours, peer, 4, packet4, outer)));
    const Bytes packet6 = udp6(63, tos << 20U | 0xfffffU);
    EXPECT_EQ(run(through(six, ether_type::ipv6), packet6),
              goes_on(ipv4(ours, peer, 41, packet6, outer)));
  }
}

// `tos inherit/10`: the 0x10 is for payloads that are not IP.
TEST_F(Encapsulate, TosInheritedWithAValueForOthers) {
  const TestTunnel tunnel{
      .mode = TunnelMode::gre, .local = ours, .remote = peer, .tos = 0x11, .inherit_tos = true};
  for (unsigned tos = 0; tos < 256; ++tos) {
    const Bytes packet4 = udp4({.tos = static_cast<std::uint8_t>(tos), .ttl = 9});
    const Ipv4Options outer{
        .tos = static_cast<std::uint8_t>(tos), .ttl = 9, .id = id, .fragment = df};
    EXPECT_EQ(run(through(tunnel), packet4),
              goes_on(ipv4(ours, peer, 47, gre(0, ether_type::ipv4, {}, packet4), outer)));
    const Bytes packet6 = udp6(9, tos << 20U);
    EXPECT_EQ(run(through(tunnel, ether_type::ipv6), packet6),
              goes_on(ipv4(ours, peer, 47, gre(0, ether_type::ipv6, {}, packet6), outer)));
  }
}

TEST_F(Encapsulate, TtlAndTosFixed) {
  for (unsigned ecn_bits = 0; ecn_bits < 4; ++ecn_bits) {  // RFC 6040 section 4.1
    const auto tos = static_cast<std::uint8_t>(0x10U | ecn_bits);
    const Ipv4Options outer{.tos = tos, .ttl = 64, .id = id, .fragment = df};
    const Bytes packet4 = udp4({.tos = static_cast<std::uint8_t>(0xb8U | ecn_bits), .ttl = 9});
    EXPECT_EQ(
        run(through(
                {.mode = TunnelMode::ipip, .local = ours, .remote = peer, .ttl = 64, .tos = 0x10}),
            packet4),
        goes_on(ipv4(ours, peer, 4, packet4, outer)));
    const Bytes packet6 = udp6(9, (0xb8U | ecn_bits) << 20U);
    EXPECT_EQ(
        run(through(
                {.mode = TunnelMode::sit, .local = ours, .remote = peer, .ttl = 64, .tos = 0x10},
                ether_type::ipv6),
            packet6),
        goes_on(ipv4(ours, peer, 41, packet6, outer)));
  }
}

TEST_F(Encapsulate, DontFragment) {
  struct Case {
    bool pmtudisc;
    std::uint16_t inner;
    std::uint16_t outer;
  };
  for (const Case& c : {Case{true, 0, df}, Case{true, df, df}, Case{false, 0, 0},
                        Case{false, df, df}, Case{false, 0x2001, 0}}) {
    const Bytes packet = udp4({.fragment = c.inner});
    EXPECT_EQ(run(through({.local = ours, .remote = peer, .pmtudisc = c.pmtudisc}), packet),
              goes_on(ipv4(ours, peer, 4, packet, {.id = id, .fragment = c.outer})));
  }
  const Bytes six = udp6(64, 0);
  EXPECT_EQ(run(through({.mode = TunnelMode::sit, .local = ours, .remote = peer, .pmtudisc = false},
                        ether_type::ipv6),
                six),
            goes_on(ipv4(ours, peer, 41, six, {.id = id})));
}

TEST_F(Encapsulate, CountsInnerPacketsAndTheirBytes) {
  const NextHop next_hop = through({.mode = TunnelMode::gre, .local = ours, .remote = peer});
  const Stage stage = parsed([&](Lane& lane, Packet& column) {
    const NextHop* at = &next_hop;
    return encapsulate(lane, column, at);
  });
  (void)run_stage(gateway, stage, udp4());
  (void)run_stage(gateway, stage, udp4({.options = Bytes(40)}));
  EXPECT_EQ(gateway.counters(3).tx_packets.get(), 2U);
  EXPECT_EQ(gateway.counters(3).tx_bytes.get(), 2 * udp4().size() + 40);
  EXPECT_EQ(gateway.counters(3).tx_errors.get(), 0U);
}

TEST_F(Encapsulate, NeedsRoomForItsTemplateAndForEthernet) {
  const NextHop next_hop = through({.local = ours, .remote = peer});
  const Stage stage = parsed([&](Lane& lane, Packet& column) {
    const NextHop* at = &next_hop;
    return encapsulate(lane, column, at);
  });
  constexpr std::uint16_t enough = RenderedHeader::capacity + sizeof(EthernetHeader);
  for (const auto storage : {Layout::Storage::pool, Layout::Storage::heap}) {
    for (std::uint16_t headroom = 0; headroom < enough; ++headroom) {
      EXPECT_EQ(run_stage(gateway, stage, udp4(), {.storage = storage, .headroom = headroom}),
                dropped(Drop::no_headroom));
    }
    EXPECT_EQ(run_stage(gateway, stage, udp4(), {.storage = storage, .headroom = enough}),
              goes_on(ipv4(ours, peer, 4, udp4(), {.id = id, .fragment = df})));
  }
  EXPECT_EQ(gateway.counters(3).tx_errors.get(), 2U * enough);
  EXPECT_EQ(gateway.counters(3).tx_packets.get(), 2U);
}

TEST_F(Encapsulate, ATunnelInATunnel) {
  const NextHopId gre_hop = gateway.forwarding().next_hops.create(
      gateway.through({.mode = TunnelMode::gre, .local = ours, .remote = peer, .inherit_tos = true},
                      8, ether_type::ipv4));
  NextHop next_hop = gateway.through(
      {.local = "172.16.0.1", .remote = "172.16.0.2", .ttl = 1, .inherit_tos = true}, 9,
      ether_type::ipv4, peer);
  next_hop.outer = Mode<TunnelMode::ipip>::Stack::render({.local = ip4("172.16.0.1"),
                                                          .remote = ip4("172.16.0.2"),
                                                          .ttl = 1,
                                                          .inherit_tos = true,
                                                          .pmtudisc = false,
                                                          .payload = ether_type::ipv4});
  next_hop.neighbour = nullptr;
  next_hop.next = gre_hop;
  const Bytes inner = udp4({.tos = 0x2b});
  const Bytes middle =
      ipv4("172.16.0.1", "172.16.0.2", 4, inner, {.tos = 0x2b, .ttl = 1, .id = id});
  // The middle header is ours: its TTL is not counted down, nor checked.
  EXPECT_EQ(run(next_hop, inner),
            goes_on(ipv4(ours, peer, 47, gre(0, ether_type::ipv4, {}, middle),
                         {.tos = 0x2b, .ttl = 1, .id = id + 1, .fragment = df})));
  EXPECT_EQ(gateway.counters(8).tx_bytes.get() - gateway.counters(9).tx_bytes.get(),
            gateway.counters(8).tx_packets.get() * sizeof(Ipv4Header));
}

TEST_F(Encapsulate, ATunnelWhoseOuterPacketHasNoWay) {
  NextHop next_hop = through({.local = ours, .remote = peer, .ttl = 64});
  next_hop.neighbour = nullptr;
  const Bytes outer = ipv4(ours, peer, 4, udp4(), {.ttl = 64, .id = id, .fragment = df});
  next_hop.next = gateway.forwarding().next_hops.create(gateway.of_kind(NextHop::Kind::connected));
  EXPECT_EQ(run(next_hop, udp4()), (Outcome{.kind = Outcome::Kind::punted,
                                            .port = inside,
                                            .bytes = outer,
                                            .punt = Punt::resolve,
                                            .entry = Entry::output}));
  next_hop.next = gateway.forwarding().next_hops.create(gateway.of_kind(NextHop::Kind::blackhole));
  EXPECT_EQ(run(next_hop, udp4()), dropped(Drop::blackhole));
  NextHop narrow = through({.mode = TunnelMode::gre, .local = ours, .remote = peer});
  narrow.mtu = static_cast<std::uint16_t>(outer.size() - 1);
  next_hop.next = gateway.forwarding().next_hops.create(narrow);
  EXPECT_EQ(run(next_hop, udp4()), (Outcome{.kind = Outcome::Kind::punted,
                                            .port = inside,
                                            .bytes = outer,
                                            .drop = Drop::too_big,
                                            .punt = Punt::error,
                                            .entry = Entry::output,
                                            .mtu = narrow.mtu}));
}

TEST_F(Encapsulate, NestingIsBounded) {
  // A loop, which the resolver would have found; the headroom is enough for it.
  NextHop loop = through({.local = ours, .remote = peer, .ttl = 64});
  loop.neighbour = nullptr;
  const NextHopId hop = gateway.forwarding().next_hops.create(loop);
  loop.next = hop;
  gateway.forwarding().next_hops.replace(hop, loop);
  const Stage stage = parsed([&](Lane& lane, Packet& column) {
    const NextHop* at = &gateway.forwarding().next_hops[hop];
    return encapsulate(lane, column, at);
  });
  EXPECT_EQ(run_stage(gateway, stage, udp4(), {.headroom = 512}), dropped(Drop::nesting));
  EXPECT_EQ(gateway.counters(3).tx_packets.get(), max_nesting);
}

class Transmit : public testing::Test {
 protected:
  Stage to(const Neighbour& neighbour) {
    return parsed([&](Lane& lane, Packet& column) { return transmit(lane, column, neighbour); });
  }
  TestGateway gateway;
};

TEST_F(Transmit, EthernetOfTheNeighbour) {
  Neighbour& neighbour = gateway.add_neighbour(outside, "02:aa:bb:cc:dd:ee");
  const Bytes six = udp6(64, 0);
  EXPECT_EQ(run_stage_in_every_layout(gateway, to(neighbour), udp4()),
            sent(outside, ethernet("02:aa:bb:cc:dd:ee", node_a.outside_mac, 0x0800, udp4())));
  EXPECT_EQ(run_stage_in_every_layout(gateway, to(neighbour), six),
            sent(outside, ethernet("02:aa:bb:cc:dd:ee", node_a.outside_mac, 0x86dd, six)));
}

TEST_F(Transmit, NeedsRoomForEthernet) {
  for (const auto storage : {Layout::Storage::pool, Layout::Storage::heap}) {
    const Stage stage = to(gateway.host());
    for (std::uint16_t headroom = 0; headroom < sizeof(EthernetHeader); ++headroom) {
      EXPECT_EQ(run_stage(gateway, stage, udp4(), {.storage = storage, .headroom = headroom}),
                dropped(Drop::no_headroom));
    }
    EXPECT_EQ(run_stage(gateway, stage, udp4(), {.storage = storage, .headroom = 14}),
              sent(inside, ethernet(node_a.host_mac, node_a.inside_mac, 0x0800, udp4())));
  }
}

}  // namespace
}  // namespace culvert::test
