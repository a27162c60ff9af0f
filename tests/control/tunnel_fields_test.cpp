// SPDX-License-Identifier: BSD-3-Clause
// What GRE's optional fields change beside the packets: the elements of `tunnel show` and
// `link show`, as text-details records them of the real `ip`, and the MTU.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "culvert/control/gateway.hpp"
#include "culvert/control/grammar.hpp"
#include "culvert/control/text.hpp"

namespace culvert {
namespace {

using Json = nlohmann::ordered_json;

class TunnelFields : public testing::Test {
 protected:
  TunnelFields() {
    run("link add eth0 type port device net_null0");
    run("link set eth0 up");
    run("addr add 10.0.0.1/24 dev eth0");
  }

  static Engine::Options options() {
    Engine::Options options;
    options.mbufs = 1024;
    return options;
  }

  Json run(const std::string& line) {
    Json element;
    Listing listing = gateway.execute(parse_line(line).value());
    (void)listing.next(element);
    return element;
  }
  unsigned mtu(const std::string& name) { return run("link show " + name).at("mtu"); }

  Engine engine{options()};
  Gateway gateway{engine, {}};
};

TEST_F(TunnelFields, AreShown) {
  run("tunnel add g1 mode gre remote 10.0.0.9 local 10.0.0.1 key 1.2.3.4 csum seq");
  run("tunnel add g2 mode gre remote 10.0.0.9 ikey 5 okey 6 icsum oseq");
  run("tunnel add g3 mode gre local 10.0.0.1 ikey 5 iseq ocsum");
  run("tunnel add plain mode gre remote 10.0.0.9");
  EXPECT_EQ(run("tunnel show g1").at("flags"),
            (Json{"rx_drop_ooseq", "rx_csum", "tx_seq", "tx_csum"}));
  EXPECT_EQ(run("tunnel show g2").at("flags"), (Json{"rx_csum", "tx_seq"}));
  EXPECT_EQ(run("tunnel show g3").at("flags"), (Json{"rx_drop_ooseq", "tx_csum"}));
  EXPECT_EQ(run("tunnel show plain").at("flags"), Json::array());
  const Json info = run("-d link show g1").at("linkinfo").at("info_data");
  std::vector<std::string> keys;
  for (const auto& [key, value] : info.items()) {
    keys.push_back(key);
  }
  EXPECT_EQ(keys, (std::vector<std::string>{"remote", "local", "ttl", "pmtudisc", "ikey", "okey",
                                            "iseq", "oseq", "icsum", "ocsum"}));
  EXPECT_EQ(mtu("g1"), 1464U);
  EXPECT_EQ(mtu("g2"), 1468U);
  EXPECT_EQ(mtu("g3"), 1472U);
}

TEST_F(TunnelFields, AChangeMovesTheMtu) {
  run("tunnel add g mode gre remote 10.0.0.9 local 10.0.0.1");
  run("link set g mtu 1300");
  run("tunnel change g icsum iseq");  // nothing more to send
  EXPECT_EQ(mtu("g"), 1300U);
  run("tunnel change g csum");
  EXPECT_EQ(mtu("g"), 1296U);
  run("tunnel change g oseq okey 7");
  EXPECT_EQ(mtu("g"), 1288U);
  EXPECT_EQ(run("tunnel show g").at("flags"),
            (Json{"rx_drop_ooseq", "rx_csum", "tx_seq", "tx_csum"}))
      << "a change only adds, as ip's does";
  run("tunnel add low mode gre remote 10.0.0.9 local 10.0.0.1 ikey 1");
  run("link set low mtu 70");
  run("tunnel change low csum");
  EXPECT_EQ(mtu("low"), 68U);
}

TEST_F(TunnelFields, TcpMss) {
  const auto limit = [this](const auto& destination) -> unsigned {
    Forwarding& tables = engine.forwarding();
    if constexpr (std::is_same_v<std::decay_t<decltype(destination)>, Ipv4Address>) {
      return tables.next_hops[tables.ipv4.lookup(destination)].tcp_mss;
    } else {
      return tables.next_hops[tables.ipv6.lookup(destination)].tcp_mss;
    }
  };
  const auto text = [this](const std::string& line) {
    return render_text(parse_line(line).value(), Json::array({run(line)}));
  };
  const Ipv4Address four = parse_ipv4("10.9.0.1").value();
  const Ipv6Address six = parse_ipv6("2001:db8:9::1").value();
  run("tunnel add g mode gre remote 10.0.0.9 local 10.0.0.1 tcp-mss pmtu");
  run("link set g up");
  run("route add 10.9.0.0/16 dev g");
  run("route add 2001:db8:9::/48 dev g");
  EXPECT_EQ(limit(four), 1476U - 40U);
  EXPECT_EQ(limit(six), 1476U - 60U);
  run("link set g mtu 1300");
  EXPECT_EQ(limit(four), 1260U);
  EXPECT_EQ(run("tunnel show g").at("tcp_mss"), "pmtu");
  run("tunnel change g tcp-mss 1000");
  EXPECT_EQ(limit(four), 1000U);
  EXPECT_EQ(limit(six), 1000U);
  EXPECT_EQ(text("tunnel show g"),
            "g: gre/ip remote 10.0.0.9 local 10.0.0.1 ttl inherit tcp-mss 1000\n");
  run("tunnel change g ttl 64");
  EXPECT_EQ(limit(four), 1000U);
  run("tunnel change g tcp-mss none");
  EXPECT_EQ(limit(four), 0U);
  EXPECT_FALSE(run("tunnel show g").contains("tcp_mss"));
  for (const std::string value : {"87", "65496", "-1", "auto", "65535"}) {
    EXPECT_THROW(run("tunnel change g tcp-mss " + value), CommandError) << value;
  }
}

TEST_F(TunnelFields, Keepalive) {
  run("tunnel add g mode gre remote 10.0.0.9 local 10.0.0.1 keepalive 10 3");
  const auto waits = [this] {
    return engine.forwarding()
        .tunnels
        .lookup({.local = parse_ipv4("10.0.0.1").value(),
                 .remote = parse_ipv4("10.0.0.9").value(),
                 .key = {},
                 .mode = TunnelMode::gre})
        ->keepalive;
  };
  EXPECT_EQ(run("tunnel show g").at("keepalive").dump(),
            R"({"seconds":10,"retries":3,"state":"off"})");
  run("link set g up");
  EXPECT_TRUE(waits());
  EXPECT_EQ(run("tunnel show g").at("keepalive").at("state"), "up");
  EXPECT_TRUE(run("-s tunnel show g").at("keepalive").contains("received"));
  run("tunnel change g keepalive 5 255");
  EXPECT_EQ(run("tunnel show g").at("keepalive").at("retries"), 255);
  run("tunnel change g nokeepalive");
  EXPECT_FALSE(waits());
  EXPECT_FALSE(run("tunnel show g").contains("keepalive"));
}

TEST_F(TunnelFields, AddressesOfOursAreKnownAsSources) {
  const OwnAddresses& own = engine.forwarding().own;
  const Ipv4Address four = parse_ipv4("10.0.0.1").value();
  const Ipv6Address six = parse_ipv6("2001:db8::1").value();
  EXPECT_TRUE(own.may_have(four));
  EXPECT_FALSE(own.may_have(six));
  run("addr add 2001:db8::1/64 dev eth0");
  EXPECT_TRUE(own.may_have(six));
  run("tunnel add t mode ipip remote 10.0.0.9 local 10.0.0.1");
  run("addr add 10.0.0.1/32 dev t");  // twice ours
  run("addr del 10.0.0.1/24 dev eth0");
  EXPECT_TRUE(own.may_have(four));
  run("tunnel del t");
  EXPECT_FALSE(own.may_have(four));
  run("link del eth0");
  EXPECT_FALSE(own.may_have(six));
}

}  // namespace
}  // namespace culvert
