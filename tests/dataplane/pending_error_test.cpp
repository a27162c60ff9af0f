// SPDX-License-Identifier: BSD-3-Clause
// Errors still to be told: the next packets of that tunnel go on, and copies of them to the slow
// path.
#include <gtest/gtest.h>

#include "support/gateway.hpp"

namespace culvert::test {
namespace {

const std::string_view a = node_a.outside4;
const std::string_view b = node_b.outside4;

class PendingError : public testing::Test {
 protected:
  PendingError() {
    const TestTunnel sit{.mode = TunnelMode::sit, .local = a, .remote = b};
    four = gateway.add_tunnel(ipip);
    six = gateway.add_tunnel(sit);
    gateway.route(node_b.inside_net4, gateway.through(ipip, four, ether_type::ipv4));
    gateway.route(node_b.inside_net6, gateway.through(sit, six, ether_type::ipv6));
  }

  void add(std::uint32_t tunnel) {
    gateway.forwarding().pending_errors.add(tunnel);
    gateway.forwarding().pending_errors.set_any(true);
  }
  std::vector<Outcome> receive(std::uint16_t type, const Bytes& packet) {
    const Bytes frame = ethernet(node_a.inside_mac, node_a.host_mac, type, packet);
    return gateway.receive_burst(inside, {&frame, 1});
  }
  static Bytes udp4(std::uint8_t ttl, std::size_t size = 20) {
    return ipv4(node_a.host4, node_b.host4, 17, payload(size), {.ttl = ttl});
  }
  static Outcome through(std::uint8_t protocol, const Bytes& packet) {
    return sent(outside,
                ethernet(node_b.outside_mac, node_a.outside_mac, ether_type::ipv4,
                         ipv4(a, b, protocol, packet,
                              {.ttl = 63, .id = TestGateway::first_id, .fragment = 0x4000})));
  }
  static Outcome copied(const Bytes& packet) {
    return {.kind = Outcome::Kind::punted,
            .port = inside,
            .bytes = packet,
            .punt = Punt::pending_error};
  }

  TestTunnel ipip{.mode = TunnelMode::ipip, .local = a, .remote = b};
  TestGateway gateway;
  std::uint32_t four = 0;
  std::uint32_t six = 0;
};

TEST_F(PendingError, IsToldOnceForEach) {
  add(four);
  add(four);
  const std::vector<Outcome> told{through(4, udp4(63)), copied(udp4(63))};
  EXPECT_EQ(receive(ether_type::ipv4, udp4(64)), told);
  EXPECT_EQ(receive(ether_type::ipv4, udp4(64)), told);
  EXPECT_EQ(receive(ether_type::ipv4, udp4(64)), std::vector{through(4, udp4(63))});
  EXPECT_EQ(gateway.counters(four).tx_packets.get(), 3U);
  EXPECT_EQ(gateway.counters(four).tx_errors.get(), 0U);
}

TEST_F(PendingError, NotToThoseOfOtherTunnels) {
  add(four);
  const Bytes packet = ipv6(node_a.host6, node_b.host6, 17, payload(20), 64);
  const Bytes forwarded = ipv6(node_a.host6, node_b.host6, 17, payload(20), 63);
  EXPECT_EQ(receive(ether_type::ipv6, packet), std::vector{through(41, forwarded)});
  add(six);
  EXPECT_EQ(receive(ether_type::ipv6, packet),
            (std::vector{through(41, forwarded), copied(forwarded)}));
}

TEST_F(PendingError, OnlyTheStartIsCopied) {
  add(four);
  const Bytes packet = udp4(63, 1400);
  EXPECT_EQ(receive(ether_type::ipv4, udp4(64, 1400)),
            (std::vector{through(4, packet), copied(first(packet, 1280))}));
}

TEST_F(PendingError, IsLostWhereTheRingIsFull) {
  std::size_t waiting = 0;
  for (bool room = true; room; waiting += room ? 1U : 0U) {
    rte_mbuf* const m = rte_pktmbuf_alloc(gateway.pool());
    ASSERT_NE(m, nullptr);
    facts_of(m) = {};
    room = gateway.exchange().punt(m);
    if (!room) {
      rte_pktmbuf_free(m);
    }
  }
  add(four);
  const Bytes frame = ethernet(node_a.inside_mac, node_a.host_mac, ether_type::ipv4, udp4(64));
  const auto all = gateway.receive_burst(inside, {&frame, 1});
  EXPECT_EQ(all.front(), through(4, udp4(63)));
  EXPECT_EQ(all.size(), 1 + waiting);  // no drop is counted: the packet went on
}

}  // namespace
}  // namespace culvert::test
