// SPDX-License-Identifier: BSD-3-Clause
// Outer destinations out of inner ones, and the packets that go there: what Linux sent in the
// captures 05a to 05d, at node a.
#include "culvert/dataplane/derive.hpp"

#include <gtest/gtest.h>

#include "culvert/codec/modes.hpp"
#include "culvert/fib/sit.hpp"

#include "support/stage.hpp"

namespace culvert::test {
namespace {

using Kind = NextHop::Kind;

constexpr std::uint32_t index = 7;
constexpr std::uint16_t df = 0x4000;
const std::string_view ours = node_a.outside4;

class Derive : public testing::Test {
 protected:
  Derive() {
    rules.local = ip4(ours);
    gateway.route("10.1.0.0/16", gateway.of_kind(Kind::connected));
    gateway.route("10.0.0.255/32", gateway.of_kind(Kind::broadcast));
    gateway.route("10.2.0.0/16", gateway.of_kind(Kind::unreachable));
    gateway.route("10.3.0.0/16",
                  gateway.through({.local = ours, .remote = node_b.outside4}, 3, ether_type::ipv4));
    gateway.route("10.4.0.0/16", gateway.through({.local = ours, .remote = node_b.outside4}, index,
                                                 ether_type::ipv4));
    // Everybody else is behind c, but who is nobody.
    gateway.route("192.0.0.0/8", gateway.forward_to(gateway.peer(outside4_of_c)));
  }
  NextHop next_hop(Kind otherwise = Kind::derived) const {
    OuterParameters outer{
        .local = rules.local, .remote = {}, .ttl = 64, .payload = ether_type::ipv6};
    NextHop result;
    result.kind = Kind::derived;
    result.otherwise = otherwise;
    result.mode = TunnelMode::sit;
    result.tunnel = index;
    result.tunnel_mtu = 1480;
    result.outer = Mode<TunnelMode::sit>::Stack::render(outer);
    result.sit = &rules;
    return result;
  }
  NextHop derived(std::string_view destination, Kind otherwise = Kind::derived) {
    return derive(gateway.forwarding(), next_hop(otherwise), ip6(destination));
  }
  void set_domain(const char* prefix, unsigned length, const char* relay = "0.0.0.0",
                  unsigned relay_length = 0) {
    rules.map = SixRdMap{{{ip6(prefix), length}, {ip4(relay), relay_length}}};
  }
  static Bytes packet(std::string_view destination, std::size_t size = 20) {
    return ipv6(node_a.host6, destination, 17, payload(size), 64, 0xb8U << 20U);
  }
  /// From the host inside to `destination`, which is routed to the derived next hop.
  Outcome forwarded(std::string_view destination, std::size_t size = 20) {
    return gateway.receive(inside, ethernet(node_a.inside_mac, node_a.host_mac, ether_type::ipv6,
                                            packet(destination, size)));
  }
  void expect_sent(std::string_view destination, std::string_view remote,
                   std::string_view neighbour_mac) {
    Bytes inner = packet(destination);
    header_at<Ipv6Header>(inner.data()).hop_limit = 63;
    const Bytes outer =
        ipv4(ours, remote, 41, inner, {.ttl = 64, .id = TestGateway::first_id, .fragment = df});
    EXPECT_EQ(forwarded(destination),
              sent(outside, ethernet(neighbour_mac, node_a.outside_mac, ether_type::ipv4, outer)))
        << destination;
  }

  TestGateway gateway;
  SitRules rules;
};

TEST_F(Derive, SixRd) {  // 05b, 05c
  set_domain("2001:db8::", 32);
  gateway.route("2001:db8:a00::/40", next_hop());
  expect_sent("2001:db8:a00:2::1", node_b.outside4, node_b.outside_mac);
  expect_sent("2001:db8:a00:3::1", outside4_of_c, outside_mac_of_c);
  set_domain("2001:db8::", 32, "10.0.0.0", 8);
  gateway.route("2001:db8:0::/48", next_hop());
  expect_sent("2001:db8:0:200::1", node_b.outside4, node_b.outside_mac);
  EXPECT_EQ(gateway.counters(index).tx_packets.get(), 3U);
  EXPECT_EQ(gateway.counters(index).tx_bytes.get(), 3U * 60U);
}

TEST_F(Derive, SixToFour) {  // 05d, RFC 3056 section 2
  gateway.route("2002::/16", next_hop());
  expect_sent("2002:a00:2::1", node_b.outside4, node_b.outside_mac);
  expect_sent("2002:c000:201::1", "192.0.2.1", outside_mac_of_c);
}

TEST_F(Derive, Isatap) {  // 05a, RFC 5214 section 7.2
  rules.isatap = true;
  gateway.route("2001:db8:5::/64", next_hop());
  expect_sent("2001:db8:5::5efe:10.0.0.2", node_b.outside4, node_b.outside_mac);
  expect_sent("2001:db8:5::200:5efe:10.0.0.2", node_b.outside4, node_b.outside_mac);
  EXPECT_EQ(derived("2002:a00:2::1").kind, Kind::no_remote);  // no 6to4 here
  EXPECT_EQ(derived("::10.0.0.2").kind, Kind::no_remote);
}

TEST_F(Derive, Compatible) {
  gateway.route("::/96", next_hop());
  expect_sent("::10.0.0.2", node_b.outside4, node_b.outside_mac);
}

// 05a: Linux drops it and counts it, and tells nobody. Ours tells (RFC 4443 section 3.1).
TEST_F(Derive, NobodyThatTheDestinationNames) {
  rules.isatap = true;
  gateway.route("2001:db8:77::/64", next_hop());
  const Bytes frame =
      ethernet(node_a.inside_mac, node_a.host_mac, ether_type::ipv6, packet("2001:db8:77::1"));
  EXPECT_EQ(gateway.receive(inside, frame), reported(Drop::no_remote, inside, frame));
  EXPECT_EQ(gateway.counters(index).tx_errors.get(), 1U);
  EXPECT_EQ(gateway.counters(index).tx_packets.get(), 0U);
}

TEST_F(Derive, AddressesThatAreNoEndpoint) {  // RFC 3964 section 4.1
  const std::pair<const char*, Kind> cases[] = {
      {"2002:0:1::1", Kind::no_remote},          // 0.0.0.1
      {"2002:7f00:1::1", Kind::no_remote},       // 127.0.0.1
      {"2002:e000:1::1", Kind::no_remote},       // 224.0.0.1
      {"2002:ffff:ffff::1", Kind::no_remote},    // 255.255.255.255
      {"2002:a00:ff::1", Kind::no_remote},       // 10.0.0.255, a subnet's broadcast
      {"2002:a00:1::1", Kind::dead_loop},        // 10.0.0.1, ours
      {"2002:a04:1::1", Kind::dead_loop},        // by the tunnel itself
      {"2002:a02:1::1", Kind::no_outer_route},   // unreachable
      {"2002:c800:1::1", Kind::no_outer_route},  // no route
      {"2002:a01:1::1", Kind::connected},        // a neighbour still to be found
      {"2001:db8::1", Kind::no_remote},          // not of the domain
  };
  for (const auto& [destination, kind] : cases) {
    EXPECT_EQ(derived(destination).kind, kind) << destination;
  }
  EXPECT_EQ(remote_of(derived("2002:a01:1::1")), ip4("10.1.0.1"));
}

TEST_F(Derive, OtherwiseAsTheNextHopSays) {  // 05b: a border relay
  NextHop relay = gateway.through({.mode = TunnelMode::sit, .local = ours, .ttl = 64}, index,
                                  ether_type::ipv6, node_b.outside4);
  relay.kind = Kind::derived;
  relay.otherwise = Kind::tunnel;
  relay.tunnel_mtu = 1480;
  relay.sit = &rules;
  set_domain("2001:db8::", 32);
  gateway.route("2001:db8::/31", relay);
  expect_sent("2001:db9::1", node_b.outside4, node_b.outside_mac);
  // What is inside the domain goes straight to whom it is for.
  expect_sent("2001:db8:a00:3::1", outside4_of_c, outside_mac_of_c);
  EXPECT_EQ(derived("2001:db9::1", Kind::no_outer_route).kind, Kind::no_outer_route);
  EXPECT_EQ(derived("::10.0.0.2", Kind::no_remote).kind, Kind::no_remote);
}

TEST_F(Derive, NeighbourStillUnknown) {
  gateway.route("2002::/16", next_hop());
  const Bytes frame =
      ethernet(node_a.inside_mac, node_a.host_mac, ether_type::ipv6, packet("2002:a01:1::1"));
  EXPECT_EQ(gateway.receive(inside, frame), punted(Punt::resolve, inside, frame));
  gateway.route("10.1.0.1/32", gateway.forward_to(gateway.add_neighbour(
                                   outside, "02:00:00:00:00:77", Reachability::unresolved)));
  EXPECT_EQ(gateway.receive(inside, frame), punted(Punt::resolve, inside, frame));
}

TEST_F(Derive, ByAnotherTunnel) {
  gateway.route("2002::/16", next_hop());
  Bytes inner = packet("2002:a03:1::1");
  header_at<Ipv6Header>(inner.data()).hop_limit = 63;
  const Bytes outer = ipv4(
      ours, node_b.outside4, 4,
      ipv4(ours, "10.3.0.1", 41, inner, {.ttl = 64, .id = TestGateway::first_id, .fragment = df}),
      {.ttl = 64, .id = TestGateway::first_id + 1, .fragment = df});
  EXPECT_EQ(
      forwarded("2002:a03:1::1"),
      sent(outside, ethernet(node_b.outside_mac, node_a.outside_mac, ether_type::ipv4, outer)));
}

TEST_F(Derive, BoundToAPort) {
  rules.bound_port = outside;
  EXPECT_EQ(derived("2002:a00:2::1").kind, Kind::tunnel);
  rules.bound_port = inside;
  EXPECT_EQ(derived("2002:a00:2::1").kind, Kind::no_outer_route);
  EXPECT_EQ(derived("2002:a03:1::1").kind, Kind::no_outer_route);
}

TEST_F(Derive, SourceOfAPortWhereTheTunnelHasNone) {
  rules.local = {};
  NextHop outer = gateway.forward_to(gateway.peer(node_b.outside4));
  outer.own = ip4("10.0.0.99");
  gateway.route("10.9.0.0/16", outer);
  const NextHop found = derived("2002:a09:1::1");
  EXPECT_EQ(header_at<Ipv4Header>(found.outer.begin()).source, ip4("10.0.0.99"));
}

TEST_F(Derive, Limits) {
  EXPECT_EQ(derived("2002:a00:2::1").mtu, 1480U);
  gateway.route("10.9.0.0/16", gateway.forward_to(gateway.peer(node_b.outside4), 1400));
  EXPECT_EQ(derived("2002:a09:1::1").mtu, 1380U);
  EXPECT_EQ(derived("2002:a09:1::1").outer.fragment, df);
  // What was learned of the path to one remote is of no account to another.
  gateway.forwarding().path_mtus.put({ip4("10.9.0.1"), 1300, 100}, 0);
  EXPECT_EQ(derived("2002:a09:1::1").mtu, 1280U);
  EXPECT_EQ(derived("2002:a09:2::1").mtu, 1380U);
  // RFC 4213 section 3.2.2: under 1300 the outer packet may be fragmented.
  gateway.forwarding().path_mtus.put({ip4("10.9.0.1"), 1280, 100}, 0);
  EXPECT_EQ(derived("2002:a09:1::1").whole_mtu(), 1280U);
  EXPECT_EQ(derived("2002:a09:1::1").outer.fragment, 0U);
  rules.pmtudisc = false;
  EXPECT_EQ(derived("2002:a00:2::1").outer.fragment, 0U);
}

TEST_F(Derive, TooBigTellsWhatFits) {
  gateway.route("2002::/16", next_hop());
  const Bytes frame =
      ethernet(node_a.inside_mac, node_a.host_mac, ether_type::ipv6, packet("2002:a00:2::1", 1441));
  EXPECT_EQ(gateway.receive(inside, frame), reported(Drop::too_big, inside, frame, 1480));
}

}  // namespace
}  // namespace culvert::test
