// SPDX-License-Identifier: BSD-3-Clause
// A gateway and a far end that does nothing but decapsulate and forward: the tunnel's line, and
// the routes by it.
#include <gtest/gtest.h>

#include "support/network.hpp"
#include "support/whole_gateway.hpp"

namespace culvert::test {
namespace {

using namespace std::chrono_literals;

const std::string in = "l0";
const std::string out = "o0";
const Node& a = node_a;
const Node& b = node_b;
// Without options, and with all of them.
constexpr std::string_view options[] = {"", "key 7", "csum", "seq", "key 7 csum seq"};

class Keepalive : public testing::Test {
 protected:
  Keepalive() {
    gateway.add_port(in, a.inside_mac);
    gateway.add_port(out, a.outside_mac);
    run("link set l0 up");
    run("link set o0 up");
    run("addr add 192.168.1.1/24 dev l0");
    run("addr add 10.0.0.1/24 dev o0");
    run("neigh add 192.168.1.2 lladdr " + std::string(a.host_mac) + " dev l0");
    run("neigh add 10.0.0.2 lladdr " + std::string(b.outside_mac) + " dev o0");
    run("neigh add 10.0.0.3 lladdr " + std::string(outside_mac_of_c) + " dev o0");
  }
  std::string run(const std::string& line) { return gateway.must_run(line); }

  /// 192.168.2.0/24 is behind it, and behind another gateway if it is down.
  void add_tunnel(const std::string& more) {
    run("tunnel add g0 mode gre local 10.0.0.1 remote 10.0.0.2 ttl 64 keepalive 10 3 " + more);
    run("link set g0 addrgenmode none");
    run("link set g0 up");
    run("addr add 172.16.0.1/30 dev g0");
    run("route add 192.168.2.0/24 dev g0");
    run("route add 192.168.2.0/24 via 10.0.0.3 metric 100");
  }

  /// What left by the outer port; the far end sends back what it finds in the tunnel, or does not.
  void exchange(bool answers) {
    for (const Bytes& frame : gateway.sent(out)) {
      const Bytes inner = decapsulated(frame);
      if (answers) {
        gateway.receive(out, ethernet(a.outside_mac, b.outside_mac, ether_type::ipv4, inner));
      }
    }
  }
  Bytes decapsulated(const Bytes& frame) {
    const std::size_t at = sizeof(EthernetHeader) + sizeof(Ipv4Header);
    const std::uint16_t flags = header_at<GreHeader>(frame.data() + at).flags.host();
    std::size_t inner = at + sizeof(GreHeader);
    for (const unsigned bit : {0x8000U, 0x2000U, 0x1000U}) {
      inner += (flags & bit) != 0 ? 4 : 0;
    }
    if ((flags & 0x8000U) != 0) {
      EXPECT_EQ(to_checksum(raw_sum(std::span{frame}.subspan(at))), be16{0});
    }
    if ((flags & 0x1000U) != 0) {
      EXPECT_EQ(header_at<be32>(frame.data() + inner - 4).host(), next_number++);
    }
    return from(frame, inner);
  }

  /// The MAC to which a packet for the other site goes, and whether it is encapsulated.
  std::pair<MacAddress, bool> way() {
    (void)gateway.sent(out);
    gateway.receive(in, ethernet(a.inside_mac, a.host_mac, ether_type::ipv4,
                                 ipv4(a.host4, b.host4, 17, payload(20))));
    const auto frames = gateway.sent(out);
    if (frames.size() != 1) {
      ADD_FAILURE() << frames.size() << " frames";
      return {};
    }
    const Bytes& frame = frames.front();
    const bool in_tunnel =
        header_at<Ipv4Header>(frame.data() + sizeof(EthernetHeader)).protocol == 47;
    next_number += in_tunnel ? 1 : 0;
    return {header_at<EthernetHeader>(frame.data()).destination, in_tunnel};
  }
  void pass(Clock::duration time, bool answers) {
    for (const auto end = elapsed + time; elapsed < end;) {
      gateway.wait_until(elapsed += 1s);
      exchange(answers);
    }
  }
  std::uint64_t all_drops() {
    std::uint64_t sum = 0;
    for (std::size_t i = 1; i < drop_count; ++i) {
      sum += gateway.engine().drops(static_cast<Drop>(i));
    }
    return sum;
  }
  [[nodiscard]] bool shows(const std::string& line, std::string_view text) {
    return run(line).find(text) != std::string::npos;
  }

  const std::pair<MacAddress, bool> by_tunnel{mac(b.outside_mac), true};
  const std::pair<MacAddress, bool> by_other_gateway{mac(outside_mac_of_c), false};
  WholeGateway gateway;
  Clock::duration elapsed{};
  std::uint32_t next_number = 0;
};

class KeepaliveWith : public Keepalive, public testing::WithParamInterface<std::string_view> {};

TEST_P(KeepaliveWith, RoutesFollowTheLine) {
  add_tunnel(std::string(GetParam()));
  pass(100s, true);
  EXPECT_TRUE(shows("link show g0", "<POINTOPOINT,NOARP,UP,LOWER_UP>"));
  EXPECT_EQ(way(), by_tunnel);
  EXPECT_EQ(all_drops(), 0U);
  EXPECT_TRUE(gateway.sent(in).empty());

  pass(20s, false);
  EXPECT_EQ(way(), by_tunnel) << "not yet";
  pass(20s, false);
  EXPECT_TRUE(shows("link show g0", "<NO-CARRIER,POINTOPOINT,NOARP,UP>"));
  EXPECT_TRUE(shows("link show g0", "state DOWN"));
  EXPECT_EQ(way(), by_other_gateway);
  EXPECT_EQ(run("route show 192.168.2.0/24"),
            "192.168.2.0/24 dev g0 scope link linkdown \n"
            "192.168.2.0/24 via 10.0.0.3 dev o0 metric 100 \n");
  EXPECT_TRUE(shows("route show dev g0",
                    "172.16.0.0/30 proto kernel scope link src 172.16.0.1 "
                    "linkdown"));
  EXPECT_FALSE(shows("route get 192.168.2.2", "g0"));
  EXPECT_TRUE(shows("tunnel show g0", "Keepalives are not answered."));

  pass(11s, true);
  EXPECT_TRUE(shows("link show g0", "UP,LOWER_UP>"));
  EXPECT_EQ(way(), by_tunnel);
  EXPECT_FALSE(shows("route show", "linkdown"));
  EXPECT_EQ(all_drops(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Options, KeepaliveWith, testing::ValuesIn(options));

TEST_F(Keepalive, ReceivesWhileTheLineIsDown) {
  add_tunnel("");
  pass(41s, false);
  EXPECT_TRUE(shows("link show g0", "NO-CARRIER"));
  const Bytes inner = ipv4(b.host4, a.host4, 17, payload(20));
  gateway.receive(out, ethernet(a.outside_mac, b.outside_mac, ether_type::ipv4,
                                ipv4("10.0.0.2", "10.0.0.1", 47, gre(0, 0x0800, {}, inner))));
  EXPECT_EQ(gateway.sent(in).size(), 1U);
}

// Its prefix has no other route: those that cover it take over, or nothing.
TEST_F(Keepalive, WithdrawnRoutesUncoverOthers) {
  add_tunnel("");
  run("route del 192.168.2.0/24 metric 100");
  run("route add 192.168.0.0/16 via 10.0.0.3");
  run("route add 2001:db8:2::/48 dev g0");
  pass(41s, false);
  EXPECT_EQ(way(), by_other_gateway);
  EXPECT_EQ(gateway.run("route get 2001:db8:2::2").status, 2);
  pass(11s, true);
  EXPECT_EQ(way(), by_tunnel);
  EXPECT_TRUE(shows("route get 2001:db8:2::2", "dev g0"));
}

TEST_F(Keepalive, OnlyAnswersToTheTunnelCount) {
  add_tunnel("key 7");
  gateway.wait_until(elapsed += 1s);
  const auto arrives = [this](std::string_view source, const Bytes& body) {
    gateway.receive(out, ethernet(a.outside_mac, b.outside_mac, ether_type::ipv4,
                                  ipv4(source, "10.0.0.1", 47, body)));
  };
  const auto key = [](std::uint32_t value) { return bytes_of(be32{value}); };
  arrives("10.0.0.2", gre(0x2000, 0, key(8), {}));
  arrives("10.0.0.2", gre(0, 0, {}, {}));
  arrives("10.0.0.3", gre(0x2000, 0, key(7), {}));
  arrives("10.0.0.2", gre(0x2000, 0x1234, key(7), {}));
  EXPECT_EQ(gateway.engine().drops(Drop::no_tunnel), 3U);
  EXPECT_EQ(gateway.engine().drops(Drop::gre_protocol), 1U);
  EXPECT_TRUE(shows("-s tunnel show g0", "KA: Sent       Received\n    1          0 "));
  arrives("10.0.0.2", gre(0x2000, 0, key(7), {}));
  EXPECT_TRUE(shows("-s tunnel show g0", "KA: Sent       Received\n    1          1 "));
  EXPECT_EQ(all_drops(), 4U);
}

TEST_F(Keepalive, ChangesStartOver) {
  const auto down = [this] { return shows("link show g0", "NO-CARRIER"); };
  add_tunnel("");
  pass(41s, false);
  EXPECT_TRUE(down());
  run("tunnel change g0 ttl 63");
  EXPECT_FALSE(down());
  EXPECT_EQ(way(), by_tunnel);
  pass(41s, false);
  EXPECT_TRUE(down());
  run("tunnel change g0 nokeepalive");
  EXPECT_FALSE(down());
  EXPECT_EQ(run("tunnel show g0"), "g0: gre/ip remote 10.0.0.2 local 10.0.0.1 ttl 63\n");
  (void)gateway.sent(out);
  gateway.wait_until(elapsed += 60s);
  EXPECT_TRUE(gateway.sent(out).empty());
  EXPECT_EQ(way(), by_tunnel);
  run("tunnel change g0 keepalive 1 2");
  pass(4s, false);
  EXPECT_TRUE(down());
  run("link set g0 down");
  EXPECT_FALSE(shows("tunnel show g0", "not answered"));
  (void)gateway.sent(out);
  gateway.wait_until(elapsed += 60s);
  EXPECT_TRUE(gateway.sent(out).empty()) << "none while it is down";
  run("link set g0 up");
  EXPECT_FALSE(down());
  EXPECT_EQ(run("tunnel show g0"),
            "g0: gre/ip remote 10.0.0.2 local 10.0.0.1 ttl 63 keepalive 1 2\n");
  pass(4s, false);
  EXPECT_TRUE(down());
  run("tunnel del g0");
  gateway.wait_until(elapsed += 60s);
  EXPECT_EQ(way(), by_other_gateway);
}

TEST_F(Keepalive, ForUnboundGreWithARemoteOnly) {
  for (const std::string line :
       {"tunnel add x mode ipip remote 10.0.0.2 keepalive 10 3",
        "tunnel add x mode gre local 10.0.0.1 keepalive 10 3",
        "tunnel add x mode gre local 10.0.0.1 remote 239.0.0.1 keepalive 10 3"}) {
    const Reply reply = gateway.run(line);
    EXPECT_EQ(reply.status, 1);
    EXPECT_EQ(reply.error, "keepalive requires a gre tunnel with a remote address") << line;
  }
  add_tunnel("");
  const Reply reply = gateway.run("tunnel change g0 dev o0");
  EXPECT_EQ(reply.status, 1);
  EXPECT_EQ(reply.error, "keepalive and dev are incompatible");
}

// An error about a keepalive is none that the far end, in whose name it was made, is told of.
TEST_F(Keepalive, ErrorsAboutThemTellNobody) {
  add_tunnel("");
  gateway.wait_until(elapsed += 1s);
  const auto frames = gateway.sent(out);
  ASSERT_EQ(frames.size(), 1U);
  const Bytes quote = from(frames.front(), sizeof(EthernetHeader));
  gateway.receive(out, ethernet(a.outside_mac, outside_mac_of_c, ether_type::ipv4,
                                ipv4("10.0.0.3", "10.0.0.1", 1, icmp4(3, 1, 0, quote))));
  EXPECT_TRUE(gateway.sent(out).empty());
  EXPECT_EQ(all_drops(), 0U);
}

}  // namespace
}  // namespace culvert::test
