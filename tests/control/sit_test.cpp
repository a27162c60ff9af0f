// SPDX-License-Identifier: BSD-3-Clause
// What workers see of sit tunnels as the commands come: captures 05a to 05d, RFC 5969 section 9.2.
#include "culvert/fib/sit.hpp"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "culvert/control/gateway.hpp"
#include "culvert/control/grammar.hpp"

namespace culvert {
namespace {

using Kind = NextHop::Kind;

Ipv4Address v4(const char* text) {
  return parse_ipv4(text).value();
}
Ipv6Address v6(const char* text) {
  return parse_ipv6(text).value();
}

class Sit : public testing::Test {
 protected:
  void run(const std::string& line) {
    if (const auto command = parse_line(line)) {
      (void)gateway.execute(*command);
      while (gateway.work(Clock::now())) {
      }
    }
  }
  /// A port of that name, up, with that address.
  void port(const std::string& name, const std::string& address) {
    run("link add " + name + " type port device net_null" + std::to_string(ports++));
    run("link set " + name + " up");
    run("addr add " + address + " dev " + name);
  }
  [[nodiscard]] const Tunnel* tunnel(const char* local = "10.0.0.1") {
    return engine.forwarding().tunnels.lookup(
        {.local = v4(local), .remote = v4("10.0.0.200"), .key = {}, .mode = TunnelMode::sit});
  }
  [[nodiscard]] const SitRules* rules() { return tunnel()->sit; }
  [[nodiscard]] const NextHop& next_hop(const char* destination) {
    Forwarding& tables = engine.forwarding();
    return tables.next_hops[tables.ipv6.lookup(v6(destination))];
  }

  static Engine::Options options() {
    Engine::Options options;
    options.mbufs = 1024;
    return options;
  }
  Engine engine{options()};
  Gateway gateway{engine, {}};
  unsigned ports = 0;
};

TEST_F(Sit, SixToFourUnlessSomethingElseIsSaid) {  // 05d
  port("p0", "10.0.0.1/24");
  run("tunnel add t0 mode sit local 10.0.0.1 ttl 64");
  run("link set t0 up");
  run("addr add 2002:a00:1::1/16 dev t0");
  EXPECT_EQ(next_hop("2002:a00:2::1").kind, Kind::derived);
  EXPECT_EQ(next_hop("::10.0.0.2").kind, Kind::derived);  // Linux's ::/96
  EXPECT_EQ(next_hop("::10.0.0.1").kind, Kind::local);
  EXPECT_EQ(rules()->map, SixRdMap{sixtofour});
  run("tunnel 6rd dev t0 6rd-prefix 2001:db8::/32");
  EXPECT_TRUE(rules()->map.contains(v6("2001:db8::")));
  run("tunnel 6rd dev t0 6rd-reset");
  EXPECT_EQ(rules()->map, SixRdMap{sixtofour});
}

TEST_F(Sit, ARemoteSaysAll) {
  port("p0", "10.0.0.1/24");
  run("tunnel add t0 mode sit local 10.0.0.1 remote 10.0.0.200");
  run("link set t0 up");
  run("route add 2002::/16 dev t0");
  EXPECT_EQ(rules(), nullptr);
  EXPECT_EQ(next_hop("2002:a00:2::1").kind, Kind::tunnel);
}

TEST_F(Sit, BorderRelaysMakeACustomerEdge) {  // 05b
  port("p0", "10.0.0.1/24");
  run("tunnel add t0 mode sit local 10.0.0.1");
  run("tunnel 6rd dev t0 6rd-prefix 2001:db8::/32");
  run("link set t0 up");
  EXPECT_TRUE(rules()->routers.empty());
  run("route add 2001:db9::/32 via ::10.0.0.2 dev t0");
  run("route add 2001:dba::/32 via ::10.0.0.3 dev t0");
  EXPECT_EQ(rules()->routers, (std::vector{v4("10.0.0.2"), v4("10.0.0.3")}));
  EXPECT_EQ(next_hop("2001:db9::1").kind, Kind::derived);
  EXPECT_EQ(next_hop("2001:db9::1").otherwise, Kind::tunnel);
  run("route replace 2001:dba::/32 dev t0");
  EXPECT_EQ(rules()->routers, std::vector{v4("10.0.0.2")});
  EXPECT_EQ(next_hop("2001:dba::1").otherwise, Kind::derived);
  run("route del 2001:db9::/32");
  EXPECT_TRUE(rules()->routers.empty());
  run("route add 2001:db9::/32 via ::10.0.0.2 dev t0");
  run("link set t0 down");
  run("link set t0 up");
  EXPECT_TRUE(rules()->routers.empty());
}

// Without a domain of its own the tunnel is one to many, and its gateways are no border relays.
TEST_F(Sit, GatewaysOfOneToManyAreNoRelays) {
  port("p0", "10.0.0.1/24");
  run("tunnel add t0 mode sit local 10.0.0.1");
  run("link set t0 up");
  run("route add 2001:db9::/32 via ::10.0.0.2 dev t0");
  EXPECT_TRUE(rules()->routers.empty());
}

TEST_F(Sit, Isatap) {  // 05a
  port("p0", "10.0.0.2/24");
  run("tunnel add is0 mode isatap local 10.0.0.2 ttl 64");
  run("tunnel prl prl-default 10.0.0.1 dev is0");
  run("link set is0 up");
  run("addr add 2001:db8:5::5efe:10.0.0.2/64 dev is0");
  run("route add 2001:db8:1::/64 via fe80::5efe:10.0.0.1 dev is0");
  run("route add 2001:db8:2::/64 via fe80::1 dev is0");
  const SitRules& isatap = *tunnel("10.0.0.2")->sit;
  EXPECT_TRUE(isatap.isatap);
  EXPECT_EQ(isatap.routers, std::vector{v4("10.0.0.1")});
  EXPECT_TRUE(isatap.is_on_link(v6("2001:db8:5::5efe:a00:9")));
  EXPECT_TRUE(isatap.is_on_link(v6("fe80::5efe:a00:9")));  // the link-local address came by itself
  EXPECT_FALSE(isatap.is_on_link(v6("2001:db8:1::5efe:a00:9")));
  EXPECT_EQ(next_hop("2001:db8:1::2").kind, Kind::tunnel);
  EXPECT_EQ(header_at<Ipv4Header>(next_hop("2001:db8:1::2").outer.begin()).destination,
            v4("10.0.0.1"));
  EXPECT_EQ(next_hop("2001:db8:2::2").kind, Kind::no_remote);
  EXPECT_EQ(next_hop("2001:db8:5::5efe:a00:9").kind, Kind::derived);
  run("tunnel prl prl-delete 10.0.0.1 dev is0");
  EXPECT_TRUE(tunnel("10.0.0.2")->sit->routers.empty());
  run("addr del 2001:db8:5::5efe:10.0.0.2/64 dev is0");
  EXPECT_FALSE(tunnel("10.0.0.2")->sit->is_on_link(v6("2001:db8:5::5efe:a00:9")));
}

TEST_F(Sit, ChangesReachWorkers) {
  port("p0", "10.0.0.1/24");
  run("tunnel add t0 mode sit local 10.0.0.1");
  run("link set t0 up");
  run("route add 2002::/16 dev t0");
  EXPECT_EQ(next_hop("2002:a00:2::1").sit->local, v4("10.0.0.1"));
  run("tunnel change t0 local 10.0.0.7 nopmtudisc");
  EXPECT_EQ(next_hop("2002:a00:2::1").sit->local, v4("10.0.0.7"));
  EXPECT_FALSE(next_hop("2002:a00:2::1").sit->pmtudisc);
  run("tunnel change t0 dev p0");
  EXPECT_EQ(next_hop("2002:a00:2::1").sit->bound_port, 0U);
  run("link set t0 mtu 1400");
  EXPECT_EQ(next_hop("2002:a00:2::1").tunnel_mtu, 1400U);
  run("tunnel del t0");
  EXPECT_EQ(next_hop("2002:a00:2::1").kind, Kind::none);
}

// RFC 5214 section 6.1 and RFC 4213 section 3.7; Linux, as in transcripts/show-sit.txt.
TEST_F(Sit, AddressesThatComeByThemselves) {
  port("p0", "10.0.0.1/24");
  run("tunnel add is0 mode isatap local 10.0.0.1");
  run("tunnel add is1 mode isatap local 192.1.2.3");
  run("tunnel add t0 mode sit local 10.0.0.1 remote 10.0.0.200");
  for (const char* const name : {"is0", "is1", "t0"}) {
    run(std::string{"link set "} + name + " up");
  }
  const auto link_local = [this](const char* local) {
    return gateway.tunnel_link_local(tunnel(local)->index);
  };
  EXPECT_EQ(link_local("192.1.2.3"), v6("fe80::200:5efe:192.1.2.3"));
  EXPECT_EQ(link_local("10.0.0.1"), v6("fe80::10.0.0.1"));
  run("tunnel del t0");
  EXPECT_EQ(link_local("10.0.0.1"), v6("fe80::5efe:10.0.0.1"));
}

TEST_F(Sit, ACompatibleAddressIsASourceTowardsItsLikeOnly) {  // RFC 6724 section 5, rule 6
  port("p0", "10.0.0.1/24");
  run("tunnel add s0 mode sit local 10.0.0.1");
  run("link set s0 up");
  run("addr add 2001:db8::1/64 dev s0");
  run("route add 2001:db8:2::/64 via ::10.0.0.2 dev s0");
  EXPECT_EQ(gateway.source_towards(v6("2001:db8:2::2")), v6("2001:db8::1"));
  EXPECT_EQ(gateway.source_towards(v6("::10.0.0.2")), v6("::10.0.0.1"));
  run("addr del 2001:db8::1/64 dev s0");
  EXPECT_EQ(gateway.source_towards(v6("2001:db8:2::2")), v6("::10.0.0.1"));
}

TEST_F(Sit, TheWayBackIntoATunnel) {
  port("p0", "10.0.0.1/24");
  run("tunnel add t0 mode sit local 10.0.0.1 remote 10.0.0.200");
  const std::uint32_t index = 0;
  EXPECT_EQ(gateway.tunnel_hop(index, ether_type::ipv6), std::nullopt);
  run("link set t0 up");
  EXPECT_EQ(gateway.tunnel_hop(index, ether_type::ipv6)->kind, Kind::tunnel);
  EXPECT_EQ(gateway.tunnel_hop(index + 1, ether_type::ipv6), std::nullopt);
  run("tunnel del t0");
  EXPECT_EQ(gateway.tunnel_hop(index, ether_type::ipv6), std::nullopt);
  EXPECT_EQ(gateway.tunnel_link_local(index), std::nullopt);
}

// The configurations that are shipped are such that can be loaded.
TEST_F(Sit, Examples) {
  for (const char* const name : {"6rd-border-relay", "6rd-customer-edge", "6to4", "isatap"}) {
    SCOPED_TRACE(name);
    std::ifstream file(std::string{CULVERT_SOURCE_DIR "/conf/"} + name + ".conf");
    ASSERT_TRUE(file);
    std::vector<std::string> links;
    for (std::string line; std::getline(file, line);) {
      if (const auto device = line.find("device "); device != std::string::npos && line[0] != '#') {
        line = line.substr(0, device) + "device net_null" + std::to_string(ports++);
      }
      EXPECT_NO_THROW(run(line)) << line;
      if (line.starts_with("link add ")) {
        links.push_back(line.substr(9, line.find(' ', 9) - 9));
      } else if (line.starts_with("tunnel add ")) {
        links.insert(links.begin(), line.substr(11, line.find(' ', 11) - 11));
      }
    }
    EXPECT_EQ(links.size(), 3U);
    for (const std::string& link : links) {
      run("link del " + link);
    }
    for (const char* const rest : {"2001:db8:102:300::/56", "2002:c633:6407::/48"}) {
      try {
        run(std::string{"route del "} + rest);
      } catch (const CommandError&) {
      }
    }
  }
}

}  // namespace
}  // namespace culvert
