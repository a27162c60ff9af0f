// SPDX-License-Identifier: BSD-3-Clause
// What concerns tunnels: answers that go back through the one that the question came by, and
// neighbours towards remotes that stand in the packet.
#include <gtest/gtest.h>

#include "culvert/codec/modes.hpp"
#include "culvert/fib/sit.hpp"

#include "slowpath/icmp_fixture.hpp"

namespace culvert::test {
namespace {

using Kind = NextHop::Kind;

constexpr std::uint32_t tunnel = 5;
const std::string_view local4 = "10.0.0.1";
const std::string_view remote4 = "10.0.0.2";
const std::string_view local6 = "fe80::5efe:10.0.0.1";
const std::string_view remote6 = "fe80::5efe:10.0.0.2";

class TunnelTest : public IcmpTest {
 protected:
  static NextHop sit(Ipv4Address remote, Kind kind) {
    OuterParameters outer{
        .local = ip4(local4), .remote = remote, .ttl = 64, .payload = ether_type::ipv6};
    NextHop result;
    result.kind = kind;
    result.mode = TunnelMode::sit;
    result.tunnel = tunnel;
    result.mtu = result.device_mtu = result.tunnel_mtu = 1480;
    result.outer = Mode<TunnelMode::sit>::Stack::render(outer);
    return result;
  }
  void SetUp() override {
    rules.isatap = true;
    rules.local = ip4(local4);
    NextHop derived = sit({}, Kind::derived);
    derived.otherwise = Kind::derived;
    derived.sit = &rules;
    host.tunnels[tunnel] = {ip6(local6), derived};
    host.route(ip4("10.0.0.0"), 24, {.mtu = 1500, .port = 1, .kind = Kind::connected});
  }
  void punt_from_tunnel(const Bytes& packet, std::uint32_t index = tunnel) {
    rte_mbuf* const m = mbufs.make(packet);
    set_ingress_tunnel(m, index);
    punt(m, {.punt = Punt::local});
    poll();
  }
  static Bytes encapsulated(const Bytes& inner, const Bytes& sent) {
    const std::uint16_t id = header_at<Ipv4Header>(sent.data()).id.host();
    return ipv4(local4, remote4, 41, inner, {.ttl = 64, .id = id, .fragment = 0x4000});
  }
  SitRules rules;
};

// 05a: ping fe80::5efe:10.0.0.1%is0
TEST_F(TunnelTest, EchoToItsLinkLocalAddressGoesBackThroughIt) {
  punt_from_tunnel(ping6(local6, 56, remote6));
  const Bytes sent = take_one(Entry::output);
  ASSERT_GE(sent.size(), sizeof(Ipv4Header));
  EXPECT_EQ(sent, encapsulated(icmp6(local6, remote6, 129, 0, ident, payload(56)), sent));
  EXPECT_EQ(counters->tunnels[tunnel].tx_packets.get(), 1U);
  EXPECT_EQ(counters->tunnels[tunnel].tx_bytes.get(), 104U);
  EXPECT_EQ(counters->delivered.get(), 1U);
}

TEST_F(TunnelTest, SoDoesOneFromALinkLocalAddress) {
  host.tunnels[tunnel].second = sit(ip4(remote4), Kind::tunnel);
  punt_from_tunnel(ping6(own6, 56, "fe80::77"));
  const Bytes sent = take_one(Entry::output);
  ASSERT_GE(sent.size(), sizeof(Ipv4Header));
  EXPECT_EQ(sent, encapsulated(icmp6(own6, "fe80::77", 129, 0, ident, payload(56)), sent));
}

TEST_F(TunnelTest, AndAnErrorAboutWhatNobodyServes) {
  const Bytes asked = udp6(remote6, local6);
  punt_from_tunnel(asked);
  const Bytes sent = take_one(Entry::output);
  ASSERT_GE(sent.size(), sizeof(Ipv4Header));
  EXPECT_EQ(sent, encapsulated(error6({1, 4}, local6, asked), sent));
}

TEST_F(TunnelTest, LinkLocalAddressOfAnotherTunnelIsNotHere) {
  punt_from_tunnel(ping6("fe80::5efe:10.0.0.7", 56, remote6));
  expect_dropped(Drop::link_local);
}

TEST_F(TunnelTest, NothingGoesBackIntoATunnelThatIsGone) {
  punt_from_tunnel(ping6(local6, 56, remote6), tunnel + 1);
  expect_dropped(Drop::link_local);
}

TEST_F(TunnelTest, NothingGoesBackToWhoCannotBeTold) {
  punt_from_tunnel(ping6(local6, 56, "fe80::77"));  // no ISATAP address
  expect_dropped(Drop::link_local);
}

TEST_F(TunnelTest, ProbesAreAnswered) {  // RFC 4213 section 3.8: without link-layer addresses
  const auto probe = [](std::string_view destination, std::string_view target) {
    return icmp6(remote6, destination, 135, 0, 0, bytes_of(ip6(target)), 255);
  };
  for (const std::string_view target : {local6, own6}) {
    punt_from_tunnel(probe(target, target));
    const Bytes sent = take_one(Entry::output);
    ASSERT_GE(sent.size(), sizeof(Ipv4Header));
    // Router, solicited, override.
    EXPECT_EQ(
        sent,
        encapsulated(icmp6(target, remote6, 136, 0, 0xe0000000, bytes_of(ip6(target)), 255), sent));
  }
  punt_from_tunnel(probe(own6, "2001:db8::77"));  // for somebody else
  EXPECT_EQ(drops(Drop::not_handled), 1U);
  expect_nothing();
}

// The neighbour of a derived remote is that of its outer address.
TEST_F(TunnelTest, WaitsForTheNeighbourOfAnAddressInThePacket) {
  host.route(ip6("2001:db8:5::"), 64, host.tunnels[tunnel].second);
  const Bytes packet = udp6(host6, "2001:db8:5::5efe:10.0.0.2");
  punt_resolve(packet);
  poll();
  ASSERT_NE(neighbour(remote4, 1), nullptr);
  EXPECT_EQ(neighbour(remote4, 1)->held.size(), 1U);
  EXPECT_EQ(take(1).size(), 1U) << "the question, for port 1";
  neighbours->update(*neighbour(remote4, 1), {.mac = mac(host_mac), .reachable = true}, now);
  EXPECT_EQ(take_one(Entry::forward), packet);
}

}  // namespace
}  // namespace culvert::test
