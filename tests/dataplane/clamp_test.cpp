// SPDX-License-Identifier: BSD-3-Clause
// Which packets of which tunnels have their MSS lowered; how is net/tcp_mss_test's.
#include <gtest/gtest.h>

#include "support/gateway.hpp"

namespace culvert::test {
namespace {

const std::string_view a = node_a.outside4;
const std::string_view b = node_b.outside4;

/// A SYN that announces 1460, or what `mss` says; its TCP checksum is right if that of 1460 is.
Bytes syn(std::string_view mss = "05b4", std::string_view checksum = "1234") {
  return hex("c350 0050 01020304 00000000 6002 ffff") + hex(checksum) + hex("0000 0204") + hex(mss);
}
const std::string_view low = "0578";           // 1400
const std::string_view low_checksum = "1270";  // RFC 1624: 1234 + 05b4 - 0578

class Clamp : public testing::Test {
 protected:
  void use(std::uint16_t tcp_mss) {
    const TestTunnel four{.local = a, .remote = b, .ttl = 64, .tcp_mss = tcp_mss};
    const TestTunnel six{
        .mode = TunnelMode::sit, .local = a, .remote = b, .ttl = 64, .tcp_mss = tcp_mss};
    gateway.route(node_b.inside_net4, gateway.through(four, gateway.add_tunnel(four), 0x0800));
    gateway.route(node_b.inside_net6, gateway.through(six, gateway.add_tunnel(six), 0x86dd));
  }
  /// The TCP segment of what was sent.
  Bytes sent_on(std::uint16_t port, std::uint16_t type, const Bytes& packet, std::size_t headers) {
    const bool in = port == inside;
    const Outcome outcome = gateway.receive_in_every_layout(
        port, ethernet(in ? node_a.inside_mac : node_a.outside_mac,
                       in ? node_a.host_mac : node_b.outside_mac, type, packet));
    EXPECT_EQ(outcome.kind, Outcome::Kind::sent);
    return from(outcome.bytes, sizeof(EthernetHeader) + headers);
  }
  Bytes into4(const Bytes& segment) {
    return sent_on(inside, 0x0800, ipv4(node_a.host4, node_b.host4, 6, segment), 20 + 20);
  }
  Bytes into6(const Bytes& segment) {
    return sent_on(inside, 0x86dd, ipv6(node_a.host6, node_b.host6, 6, segment), 20 + 40);
  }
  Bytes out_of4(const Bytes& segment, std::string_view source = node_b.host4) {
    return sent_on(outside, 0x0800, ipv4(b, a, 4, ipv4(source, node_a.host4, 6, segment)), 20);
  }
  Bytes out_of6(const Bytes& segment) {
    return sent_on(outside, 0x0800, ipv4(b, a, 41, ipv6(node_b.host6, node_a.host6, 6, segment)),
                   40);
  }

  TestGateway gateway;
};

TEST_F(Clamp, BothWaysBothFamilies) {
  use(1400);
  const Bytes lowered = syn(low, low_checksum);
  EXPECT_EQ(into4(syn()), lowered);
  EXPECT_EQ(into6(syn()), lowered);
  EXPECT_EQ(out_of4(syn()), lowered);
  EXPECT_EQ(out_of6(syn()), lowered);
  EXPECT_EQ(into4(syn("0577")), syn("0577")) << "never raised";
}

TEST_F(Clamp, OutOfATunnelAsTheWayBackIs) {
  use(1400);
  gateway.route("172.16.0.0/16", gateway.forward_to(gateway.peer(b)));
  EXPECT_EQ(out_of4(syn(), "172.16.0.1"), syn()) << "not by a tunnel";
}

TEST_F(Clamp, NothingWhereNoTunnelAsksForIt) {
  use(0);
  EXPECT_EQ(into4(syn()), syn());
  EXPECT_EQ(into6(syn()), syn());
  EXPECT_EQ(out_of4(syn()), syn());
  EXPECT_EQ(out_of6(syn()), syn());
}

}  // namespace
}  // namespace culvert::test
