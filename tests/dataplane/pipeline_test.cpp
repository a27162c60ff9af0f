// SPDX-License-Identifier: BSD-3-Clause
// The whole row: a frame in, and the frame out, the drop, or what the slow path gets. Each frame in
// every layout.
#include "culvert/dataplane/pipeline.hpp"

#include <numeric>

#include <gtest/gtest.h>

#include "support/gateway.hpp"

namespace culvert::test {
namespace {

constexpr std::uint16_t df = 0x4000;
constexpr std::uint16_t id = TestGateway::first_id;
const std::string_view a = node_a.outside4;
const std::string_view b = node_b.outside4;

Bytes from_host(const Bytes& packet, std::uint16_t type = ether_type::ipv4) {
  return ethernet(node_a.inside_mac, node_a.host_mac, type, packet);
}
Bytes to_host(const Bytes& packet, std::uint16_t type = ether_type::ipv4) {
  return ethernet(node_a.host_mac, node_a.inside_mac, type, packet);
}
Bytes from_b(const Bytes& packet) {
  return ethernet(node_a.outside_mac, node_b.outside_mac, ether_type::ipv4, packet);
}
Bytes to_b(const Bytes& packet) {
  return ethernet(node_b.outside_mac, node_a.outside_mac, ether_type::ipv4, packet);
}

Bytes out4(std::uint8_t ttl, std::uint16_t fragment = 0, std::size_t size = 20) {
  return ipv4(node_a.host4, node_b.host4, 17, payload(size), {.ttl = ttl, .fragment = fragment});
}
Bytes out6(std::uint8_t hop_limit, std::size_t size = 20) {
  return ipv6(node_a.host6, node_b.host6, 17, payload(size), hop_limit);
}
Bytes in4(std::uint8_t ttl) {
  return ipv4(node_b.host4, node_a.host4, 17, payload(20), {.ttl = ttl});
}
Bytes in6(std::uint8_t hop_limit) {
  return ipv6(node_b.host6, node_a.host6, 17, payload(20), hop_limit);
}

struct Case {
  const char* description;
  std::uint16_t port;
  Bytes frame;
  Outcome expected;
};

class Pipeline : public testing::Test {
 protected:
  Pipeline() {
    const TestTunnel ipip{.mode = TunnelMode::ipip, .local = a, .remote = b};
    const TestTunnel gre{.mode = TunnelMode::gre,
                         .local = a,
                         .remote = b,
                         .ttl = 64,
                         .input_key = 5678,
                         .output_key = 1234};
    const TestTunnel sit{.mode = TunnelMode::sit, .local = a, .remote = b};
    ipip_tunnel = gateway.add_tunnel(ipip);
    gre_tunnel = gateway.add_tunnel(gre);
    sit_tunnel = gateway.add_tunnel(sit);
    gateway.route(node_b.inside_net4, gateway.through(ipip, ipip_tunnel, ether_type::ipv4));
    gateway.route(node_b.inside_net6, gateway.through(sit, sit_tunnel, ether_type::ipv6));
    gateway.route("172.16.0.0/16", gateway.through(gre, gre_tunnel, ether_type::ipv4));
    gateway.route("2001:db8:16::/48", gateway.through(gre, gre_tunnel, ether_type::ipv6));
    gateway.route("10.0.0.0/24", gateway.of_kind(NextHop::Kind::connected));
  }

  void expect_each(std::span<const Case> cases) {
    for (const Case& c : cases) {
      EXPECT_EQ(gateway.receive_in_every_layout(c.port, c.frame), c.expected) << c.description;
    }
  }

  TestGateway gateway;
  std::uint32_t ipip_tunnel = 0;
  std::uint32_t gre_tunnel = 0;
  std::uint32_t sit_tunnel = 0;
};

TEST_F(Pipeline, PlainForwarding) {
  const Bytes udp = ipv4(node_a.host4, b, 17, payload(20));
  const Bytes fragment = ipv4(b, outside4_of_c, 4, payload(64), {.ttl = 63, .fragment = 0x2001});
  const Case cases[] = {
      {"IPv4", inside, from_host(udp),
       sent(outside, to_b(ipv4(node_a.host4, b, 17, payload(20), {.ttl = 63})))},
      {"IPv4, padded", inside, from_host(udp + Bytes(6)),
       sent(outside, to_b(ipv4(node_a.host4, b, 17, payload(20), {.ttl = 63})))},
      {"IPv4 back to where it came from", outside, from_b(in4(9)), sent(inside, to_host(in4(8)))},
      {"IPv6", outside, ethernet(node_a.outside_mac, node_b.outside_mac, ether_type::ipv6, in6(9)),
       sent(inside, to_host(in6(8), ether_type::ipv6))},
      {"with options", outside,
       from_b(ipv4(node_b.host4, node_a.host4, 17, {}, {.options = Bytes(40)})),
       sent(inside,
            to_host(ipv4(node_b.host4, node_a.host4, 17, {}, {.ttl = 63, .options = Bytes(40)})))},
      {"a fragment of a tunnel packet in transit", outside,
       from_b(ipv4(b, outside4_of_c, 4, payload(64), {.fragment = 0x2001})),
       sent(outside, ethernet(outside_mac_of_c, node_a.outside_mac, ether_type::ipv4, fragment))},
      {"a tunnel packet in transit", outside, from_b(ipv4(b, outside4_of_c, 47, payload(3))),
       sent(outside, ethernet(outside_mac_of_c, node_a.outside_mac, ether_type::ipv4,
                              ipv4(b, outside4_of_c, 47, payload(3), {.ttl = 63})))},
  };
  expect_each(cases);
}

TEST_F(Pipeline, IntoTunnels) {
  const Bytes six = ipv6(node_a.host6, "2001:db8:16::1", 17, payload(20));
  const Bytes six_on = ipv6(node_a.host6, "2001:db8:16::1", 17, payload(20), 63);
  const Bytes four = ipv4(node_a.host4, "172.16.0.1", 17, payload(20));
  const Bytes four_on = ipv4(node_a.host4, "172.16.0.1", 17, payload(20), {.ttl = 63});
  const Case cases[] = {
      {"ipip", inside, from_host(out4(64)),
       sent(outside, to_b(ipv4(a, b, 4, out4(63), {.ttl = 63, .id = id, .fragment = df})))},
      {"ipip, padded", inside, from_host(out4(64) + Bytes(6)),
       sent(outside, to_b(ipv4(a, b, 4, out4(63), {.ttl = 63, .id = id, .fragment = df})))},
      {"the last hop", inside, from_host(out4(2)),
       sent(outside, to_b(ipv4(a, b, 4, out4(1), {.ttl = 1, .id = id, .fragment = df})))},
      {"sit", inside, from_host(out6(64), ether_type::ipv6),
       sent(outside, to_b(ipv4(a, b, 41, out6(63), {.ttl = 63, .id = id, .fragment = df})))},
      {"gre with a key, IPv4", inside, from_host(four),
       sent(outside, to_b(ipv4(a, b, 47, gre(0x2000, 0x0800, hex("000004d2"), four_on),
                               {.id = id, .fragment = df})))},
      {"gre with a key, IPv6", inside, from_host(six, ether_type::ipv6),
       sent(outside, to_b(ipv4(a, b, 47, gre(0x2000, 0x86dd, hex("000004d2"), six_on),
                               {.id = id, .fragment = df})))},
      {"an inner fragment", inside, from_host(out4(64, 0x2010)),
       sent(outside, to_b(ipv4(a, b, 4, out4(63, 0x2010), {.ttl = 63, .id = id, .fragment = df})))},
  };
  expect_each(cases);
}

TEST_F(Pipeline, OutOfTunnels) {
  const Bytes nested2 = ipv4(b, a, 4, ipv4(b, a, 4, in4(64)));
  const Bytes through = ipv4("172.16.0.9", node_b.host4, 17, payload(20), {.ttl = 7});
  const Bytes through_on = ipv4("172.16.0.9", node_b.host4, 17, payload(20), {.ttl = 6});
  const Case cases[] = {
      {"ipip", outside, from_b(ipv4(b, a, 4, in4(64))), sent(inside, to_host(in4(63)))},
      {"ipip, padded and with bytes behind the inner packet", outside,
       from_b(ipv4(b, a, 4, in4(64) + payload(8)) + Bytes(6)), sent(inside, to_host(in4(63)))},
      {"sit", outside, from_b(ipv4(b, a, 41, in6(64))),
       sent(inside, to_host(in6(63), ether_type::ipv6))},
      {"gre, IPv4", outside, from_b(ipv4(b, a, 47, gre(0x2000, 0x0800, hex("0000162e"), in4(64)))),
       sent(inside, to_host(in4(63)))},
      {"gre, IPv6", outside, from_b(ipv4(b, a, 47, gre(0x2000, 0x86dd, hex("0000162e"), in6(64)))),
       sent(inside, to_host(in6(63), ether_type::ipv6))},
      {"outer TTL 1", outside, from_b(ipv4(b, a, 4, in4(64), {.ttl = 1})),
       sent(inside, to_host(in4(63)))},
      {"outer options", outside, from_b(ipv4(b, a, 4, in4(64), {.options = Bytes(40)})),
       sent(inside, to_host(in4(63)))},
      {"nested twice", outside, from_b(nested2), sent(inside, to_host(in4(63)))},
      {"sit in gre", outside,
       from_b(ipv4(b, a, 47, gre(0x2000, 0x0800, hex("0000162e"), ipv4(b, a, 41, in6(64))))),
       sent(inside, to_host(in6(63), ether_type::ipv6))},
      {"nested four times", outside, from_b(ipv4(b, a, 4, ipv4(b, a, 4, nested2))),
       sent(inside, to_host(in4(63)))},
      {"nested five times", outside, from_b(ipv4(b, a, 4, ipv4(b, a, 4, ipv4(b, a, 4, nested2)))),
       dropped(Drop::nesting)},
      {"out of one tunnel into another", outside,
       from_b(ipv4(b, a, 47, gre(0x2000, 0x0800, hex("0000162e"), through))),
       sent(outside, to_b(ipv4(a, b, 4, through_on, {.ttl = 6, .id = id, .fragment = df})))},
      {"a congestion mark", outside,
       from_b(ipv4(b, a, 4, ipv4(node_b.host4, node_a.host4, 17, {}, {.tos = 2}), {.tos = 3})),
       sent(inside, to_host(ipv4(node_b.host4, node_a.host4, 17, {}, {.tos = 3, .ttl = 63})))},
      {"a congestion mark that the packet does not support", outside,
       from_b(ipv4(b, a, 4, in4(64), {.tos = 3})), dropped(Drop::ecn)},
  };
  expect_each(cases);
}

TEST_F(Pipeline, TunnelPacketsForUsThatAreNotTaken) {
  const Bytes other_remote = from_b(ipv4("10.0.0.77", a, 4, in4(64)));
  const Bytes wrong_key = from_b(ipv4(b, a, 47, gre(0x2000, 0x0800, hex("000004d2"), in4(64))));
  const Bytes no_key = from_b(ipv4(b, a, 47, gre(0, 0x0800, {}, in4(64))));
  const Bytes no_key_ethernet = from_b(ipv4(b, a, 47, hex("0000 6558") + payload(20)));
  const Case cases[] = {
      {"another remote", outside, other_remote, reported(Drop::no_tunnel, outside, other_remote)},
      {"a wrong key", outside, wrong_key, reported(Drop::no_tunnel, outside, wrong_key)},
      {"no key", outside, no_key, reported(Drop::no_tunnel, outside, no_key)},
      {"GRE with Ethernet and no key", outside, no_key_ethernet,
       reported(Drop::no_tunnel, outside, no_key_ethernet)},
      {"a wrong GRE checksum", outside,
       from_b(ipv4(b, a, 47, gre(0xa000, 0x0800, hex("00000000 0000162e"), in4(64)))),
       dropped(Drop::gre_checksum)},
      {"GRE cut short", outside, from_b(ipv4(b, a, 47, hex("2000 0800 0000"))),
       dropped(Drop::truncated)},
      {"GRE with Ethernet", outside,
       from_b(ipv4(b, a, 47, hex("2000 6558 0000162e") + payload(20))),
       dropped(Drop::gre_protocol)},
      {"nothing inside", outside, from_b(ipv4(b, a, 4, {})), dropped(Drop::runt)},
      {"IPv6 in protocol 4", outside, from_b(ipv4(b, a, 4, in6(64))), dropped(Drop::ip_version)},
  };
  expect_each(cases);
}

/// Out of the tunnel, hence without a link header.
Outcome without_link(Outcome outcome) {
  outcome.link.clear();
  return outcome;
}

TEST_F(Pipeline, ToTheSlowPath) {
  const Bytes echo = ipv4(node_a.host4, node_a.inside4, 1, hex("0800 f7ff 0000 0000"));
  const Bytes echo6 = ipv6(node_a.host6, node_a.inside6, 58, payload(24));
  const Bytes tunnelled = ipv4(node_b.host4, node_a.inside4, 1, payload(20));
  const Bytes solicitation = ethernet("33:33:ff:00:00:01", node_a.host_mac, ether_type::ipv6,
                                      ipv6(node_a.host6, "ff02::1:ff00:1", 58, payload(24), 255));
  const Bytes arp = ethernet("ff:ff:ff:ff:ff:ff", node_a.host_mac, ether_type::arp, payload(46));
  Outcome arp_punt = punted(Punt::arp, inside, arp);
  arp_punt.bytes = arp;
  const Bytes near = ipv4(node_a.host4, "10.0.0.200", 17, payload(8));
  const Bytes expired_inside = ipv4(node_b.host4, node_a.host4, 17, payload(8), {.ttl = 1});
  const Bytes big = out4(64, df, 1500 - 20 - 20 + 1);
  const Bytes big6 = out6(64, 1500 - 20 - 40 + 1);
  const Case cases[] = {
      {"ARP", inside, arp, without_link(arp_punt)},
      {"for us", inside, from_host(echo), punted(Punt::local, inside, from_host(echo))},
      {"for our other address (weak host)", outside, from_b(echo),
       punted(Punt::local, outside, from_b(echo))},
      {"for us, IPv6", inside, from_host(echo6, ether_type::ipv6),
       punted(Punt::local, inside, from_host(echo6, ether_type::ipv6))},
      {"for us, out of a tunnel",
       outside,
       from_b(ipv4(b, a, 4, tunnelled)),
       {.kind = Outcome::Kind::punted, .port = outside, .bytes = tunnelled, .punt = Punt::local}},
      {"neighbour discovery", inside, solicitation, punted(Punt::local, inside, solicitation)},
      {"on link, neighbour not known yet", inside, from_host(near),
       punted(Punt::resolve, inside, from_host(near))},
      {"TTL 1", inside, from_host(out4(1)),
       reported(Drop::ttl_exceeded, inside, from_host(out4(1)))},
      {"TTL 0", inside, from_host(out4(0)),
       reported(Drop::ttl_exceeded, inside, from_host(out4(0)))},
      {"hop limit 1", inside, from_host(out6(1), ether_type::ipv6),
       reported(Drop::ttl_exceeded, inside, from_host(out6(1), ether_type::ipv6))},
      {"TTL 1 out of a tunnel",
       outside,
       from_b(ipv4(b, a, 4, expired_inside)),
       {.kind = Outcome::Kind::punted,
        .port = outside,
        .bytes = expired_inside,
        .drop = Drop::ttl_exceeded,
        .punt = Punt::error}},
      {"no route", inside, from_host(ipv4(node_a.host4, "8.8.8.8", 17, payload(8))),
       reported(Drop::no_route, inside, from_host(ipv4(node_a.host4, "8.8.8.8", 17, payload(8))))},
      {"no route, IPv6", inside,
       from_host(ipv6(node_a.host6, "2001:db8:99::1", 17, payload(8)), ether_type::ipv6),
       reported(Drop::no_route, inside,
                from_host(ipv6(node_a.host6, "2001:db8:99::1", 17, payload(8)), ether_type::ipv6))},
      {"one byte too big, with DF", inside, from_host(big),
       reported(Drop::too_big, inside, from_host(big), 1480)},
      {"one byte too big, IPv6", inside, from_host(big6, ether_type::ipv6),
       reported(Drop::too_big, inside, from_host(big6, ether_type::ipv6), 1480)},
      {"just fits", inside, from_host(out4(64, df, 1500 - 20 - 20)),
       sent(outside, to_b(ipv4(a, b, 4, out4(63, df, 1500 - 20 - 20),
                               {.ttl = 63, .id = id, .fragment = df})))},
  };
  expect_each(cases);
}

TEST_F(Pipeline, ToNobody) {
  const Case cases[] = {
      {"multicast", inside,
       ethernet("01:00:5e:00:00:05", node_a.host_mac, ether_type::ipv4,
                ipv4(node_a.host4, "224.0.0.5", 17, payload(8))),
       dropped(Drop::multicast)},
      {"broadcast", inside,
       ethernet("ff:ff:ff:ff:ff:ff", node_a.host_mac, ether_type::ipv4,
                ipv4(node_a.host4, "255.255.255.255", 17, payload(8))),
       dropped(Drop::broadcast)},
      {"unicast in a broadcast frame", inside,
       ethernet("ff:ff:ff:ff:ff:ff", node_a.host_mac, ether_type::ipv4, out4(64)),
       dropped(Drop::l2_broadcast)},
      {"IPv6 multicast other than ICMPv6", inside,
       ethernet("33:33:00:00:00:fb", node_a.host_mac, ether_type::ipv6,
                ipv6(node_a.host6, "ff02::fb", 17, payload(8))),
       dropped(Drop::multicast)},
      {"multicast out of a tunnel", outside,
       from_b(ipv4(b, a, 4, ipv4(node_b.host4, "224.0.0.5", 17, payload(8)))),
       dropped(Drop::multicast)},
      {"broadcast out of a tunnel", outside,
       from_b(ipv4(b, a, 4, ipv4(node_b.host4, "255.255.255.255", 17, payload(8)))),
       dropped(Drop::broadcast)},
      {"another station's frame", inside,
       ethernet("02:00:00:00:01:99", node_a.host_mac, ether_type::ipv4, out4(64)),
       dropped(Drop::other_host)},
      {"martian", inside, from_host(ipv4("127.0.0.1", node_b.host4, 17, payload(8))),
       dropped(Drop::martian_source)},
  };
  expect_each(cases);
}

TEST_F(Pipeline, NothingComesFromOurselves) {
  const std::string_view host = node_a.host4;
  const Bytes ours6 = ipv6(node_a.inside6, node_a.host6, 17, payload(20));
  const Case cases[] = {
      {"out of a tunnel", outside, from_b(ipv4(b, a, 4, ipv4(a, host, 17, payload(20)))),
       dropped(Drop::martian_source)},
      {"out of a tunnel, for us", outside,
       from_b(ipv4(b, a, 4, ipv4(node_a.inside4, a, 17, payload(20)))),
       dropped(Drop::martian_source)},
      {"out of a tunnel, IPv6", outside, from_b(ipv4(b, a, 41, ours6)),
       dropped(Drop::martian_source)},
      {"not out of a tunnel", outside, from_b(ipv4(node_a.inside4, host, 17, payload(20))),
       dropped(Drop::martian_source)},
      {"not out of a tunnel, IPv6", outside,
       ethernet(node_a.outside_mac, node_b.outside_mac, ether_type::ipv6, ours6),
       dropped(Drop::martian_source)},
      {"a tunnel packet", outside, from_b(ipv4(a, a, 4, in4(64))), dropped(Drop::martian_source)},
  };
  expect_each(cases);
}

TEST_F(Pipeline, KeepalivesGoBack) {  // capture 03g, its second half, from the other end
  (void)gateway.add_tunnel({.mode = TunnelMode::gre, .local = a, .remote = b});
  const auto inner = [](std::string_view from_address, std::string_view to_address,
                        std::uint8_t ttl, const Bytes& body) {
    return ipv4(from_address, to_address, 47, body, {.tos = 0xc0, .ttl = ttl, .id = 7});
  };
  const auto in_gre = [](const Bytes& packet) {
    return from_b(ipv4(b, a, 47, gre(0, 0x0800, {}, packet), {.tos = 0xc0, .ttl = 255}));
  };
  const Bytes nothing = hex("0000 0000");
  const Case cases[] = {
      {"a keepalive", outside, in_gre(inner(a, b, 255, nothing)),
       sent(outside, to_b(inner(a, b, 254, nothing)))},
      {"with a key", outside, in_gre(inner(a, b, 255, hex("2000 0000 000004d2"))),
       sent(outside, to_b(inner(a, b, 254, hex("2000 0000 000004d2"))))},
      {"to somebody else", outside, in_gre(inner(a, outside4_of_c, 255, nothing)),
       dropped(Drop::martian_source)},
      {"from another address of ours", outside, in_gre(inner(node_a.inside4, b, 255, nothing)),
       dropped(Drop::martian_source)},
      {"with something in it", outside, in_gre(inner(a, b, 255, hex("0000 0800") + in4(64))),
       dropped(Drop::martian_source)},
      {"another version", outside, in_gre(inner(a, b, 255, hex("0001 0000"))),
       dropped(Drop::martian_source)},
      {"cut short", outside, in_gre(inner(a, b, 255, hex("0000"))), dropped(Drop::martian_source)},
      {"not out of GRE", outside, from_b(ipv4(b, a, 4, inner(a, b, 255, nothing))),
       dropped(Drop::martian_source)},
      {"not out of a tunnel", outside, from_b(inner(a, b, 255, nothing)),
       dropped(Drop::martian_source)},
  };
  expect_each(cases);
}

TEST_F(Pipeline, PacketsWaitUnchangedForTheirNeighbour) {
  gateway.peer(b).destination = 0;
  const Bytes frame = from_host(out4(64));
  EXPECT_EQ(gateway.receive_in_every_layout(inside, frame), punted(Punt::resolve, inside, frame));
  EXPECT_EQ(gateway.counters(ipip_tunnel).tx_packets.get(), 0U);
  // The slow path has found it, and gives the packet back as it got it.
  gateway.peer(b).destination =
      MacWord{mac(node_b.outside_mac), static_cast<std::uint16_t>(Reachability::ready)}.word();
  EXPECT_EQ(gateway.resume(out4(64), {.entry = Entry::forward, .port = inside}),
            sent(outside, to_b(ipv4(a, b, 4, out4(63), {.ttl = 63, .id = id, .fragment = df}))));
}

TEST_F(Pipeline, NeighboursInUseAreMarked) {
  std::atomic<std::uint64_t>& word = gateway.peer(b).destination;
  word = MacWord{mac(node_b.outside_mac), static_cast<std::uint16_t>(Reachability::idle)}.word();
  EXPECT_EQ(gateway.receive(inside, from_host(out4(64))).kind, Outcome::Kind::sent);
  EXPECT_EQ(MacWord{word}.extra(), static_cast<std::uint16_t>(Reachability::ready));
  EXPECT_EQ(to_string(MacWord{word}.mac()), node_b.outside_mac);
}

TEST_F(Pipeline, WhatComesBackIntoTheRow) {
  const Bytes own = ipv4(node_a.inside4, node_b.host4, 1, payload(20), {.ttl = 1});
  const Bytes own6 = ipv6(node_a.inside6, node_b.host6, 58, payload(20), 1);
  EXPECT_EQ(gateway.resume(own, {.entry = Entry::output}),
            sent(outside, to_b(ipv4(a, b, 4, own, {.ttl = 1, .id = id, .fragment = df}))));
  EXPECT_EQ(gateway.resume(own6, {.entry = Entry::output}),
            sent(outside, to_b(ipv4(a, b, 41, own6, {.ttl = 1, .id = id, .fragment = df}))));
  EXPECT_EQ(gateway.resume(out4(2), {.entry = Entry::forward, .port = inside}),
            sent(outside, to_b(ipv4(a, b, 4, out4(1), {.ttl = 1, .id = id, .fragment = df}))));
  EXPECT_EQ(gateway.resume(payload(60), {.entry = Entry::transmit, .port = inside}),
            sent(inside, payload(60)));
}

TEST_F(Pipeline, ABurstOfEverything) {
  const Bytes none = from_host(ipv4(node_a.host4, "8.8.8.8", 17, payload(8)));
  const Bytes frames[] = {from_host(out4(64)), none, from_host(first(out4(64), 30)),
                          from_host(out6(64), ether_type::ipv6), from_host(out4(64))};
  const auto outer = [](std::uint8_t protocol, const Bytes& inner, std::uint16_t number) {
    return sent(outside,
                to_b(ipv4(a, b, protocol, inner, {.ttl = 63, .id = number, .fragment = df})));
  };
  const std::vector expected{outer(4, out4(63), id), outer(41, out6(63), id + 1),
                             outer(4, out4(63), id + 2), reported(Drop::no_route, inside, none),
                             dropped(Drop::ip_total_length)};
  EXPECT_EQ(gateway.receive_burst(inside, frames), expected);
}

TEST_F(Pipeline, CountsWhatItReceivesAndSends) {
  const std::vector<Bytes> frames(max_burst, from_host(out4(64)));
  EXPECT_EQ(gateway.receive_burst(inside, frames).size(), max_burst);
  EXPECT_EQ(gateway.counters().received.get(), max_burst);
  EXPECT_EQ(gateway.counters().sent.get(), max_burst);
  const TunnelCounters& counters = gateway.counters(ipip_tunnel);
  EXPECT_EQ(counters.tx_packets.get(), max_burst);
  EXPECT_EQ(counters.tx_bytes.get(), max_burst * out4(64).size());
  EXPECT_EQ(counters.rx_packets.get(), 0U);
  EXPECT_EQ(gateway.counters(gre_tunnel).tx_packets.get(), 0U);
}

TEST_F(Pipeline, WithoutRoomForTheOuterHeader) {
  EXPECT_EQ(gateway.receive(inside, from_host(out4(64)), {.headroom = 63}),
            dropped(Drop::no_headroom));
  EXPECT_EQ(gateway.receive(inside, from_host(out4(64)), {.headroom = 64}).kind,
            Outcome::Kind::sent);
  EXPECT_EQ(gateway.counters(ipip_tunnel).tx_errors.get(), 1U);
}

}  // namespace
}  // namespace culvert::test
