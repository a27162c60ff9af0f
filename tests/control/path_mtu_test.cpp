// SPDX-License-Identifier: BSD-3-Clause
// What errors about outer packets do to a whole gateway's next hops. It has no workers: the test
// punts in their place.
#include <algorithm>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "culvert/control/gateway.hpp"
#include "culvert/control/grammar.hpp"
#include "culvert/control/text.hpp"

#include "support/bytes.hpp"

namespace culvert::test {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

constexpr std::string_view ours = "10.0.0.1";
constexpr std::string_view far = "10.0.1.2";

Engine::Options small() {
  Engine::Options options;
  options.mbufs = 1024;
  return options;
}

class PathMtu : public testing::Test {
 protected:
  PathMtu() {
    run("link add p0 type port device net_null0");
    run("link add p1 type port device net_null1");
    run("link set p0 up");
    run("link set p1 up");
    run("addr add 10.0.0.1/24 dev p0");
    run("addr add 192.168.1.1/24 dev p1");
    run("route add default via 10.0.0.254");
  }
  ~PathMtu() override {
    (void)told();
    EXPECT_EQ(engine.buffers_in_use(), 0U);
  }

  Json run(const std::string& line) {
    Json result = Json::array();
    Json element;
    for (Listing listing = gateway.execute(*parse_line(line)); listing.next(element);) {
      result.push_back(std::move(element));
    }
    return result;
  }
  std::string text(const std::string& line) { return render_text(*parse_line(line), run(line)); }
  void work() {
    while (gateway.work(now)) {
    }
  }
  /// A router says of this outer packet that `mtu` is all that it takes; not worked off yet.
  void refuse(const Bytes& outer, std::uint16_t mtu, std::size_t quoted = 548) {
    const Bytes packet =
        ipv4("10.0.0.254", ours, 1, icmp4(3, 4, mtu, first(outer, std::min(quoted, outer.size()))));
    rte_mbuf* const m = rte_pktmbuf_alloc(engine.pool());
    ASSERT_NE(m, nullptr);
    std::ranges::copy(packet, reinterpret_cast<std::byte*>(rte_pktmbuf_append(
                                  m, static_cast<std::uint16_t>(packet.size()))));
    facts_of(m) = {.punt = Punt::local};
    ASSERT_TRUE(engine.exchanges()[0]->punt(m));
  }
  void learn(std::uint16_t mtu, std::string_view remote = far) {
    refuse(ipv4(ours, remote, 4, payload(100)), mtu, 28);
    work();
  }
  const NextHop& next_hop(std::string_view destination) {
    Forwarding& tables = engine.forwarding();
    return tables.next_hops[tables.ipv4.lookup(ip4(destination))];
  }
  unsigned mtu(std::string_view destination) { return next_hop(destination).mtu; }
  /// What the gateway itself sent meanwhile.
  std::vector<Bytes> told() {
    std::vector<Bytes> all;
    rte_mbuf* m = nullptr;
    while (engine.exchanges()[0]->take_injections(&m, 1) != 0) {
      if (facts_of(m).entry == Entry::output) {
        all.emplace_back(data_of(m), data_of(m) + m->data_len);
      }
      rte_pktmbuf_free(m);
    }
    return all;
  }
  std::uint64_t foreign() { return engine.drops(Drop::foreign_quote); }

  Engine engine{small()};
  Gateway gateway{engine, {}};
  Time now = Clock::now();
};

class OneTunnel : public PathMtu {
 protected:
  OneTunnel() {
    run("tunnel add t0 mode ipip local 10.0.0.1 remote 10.0.1.2 ttl 64");
    run("tunnel add t1 mode ipip local 10.0.0.1 remote 10.0.1.3");
    run("link set t0 up");
    run("link set t1 up");
    run("route add 192.168.2.0/24 dev t0");
    run("route add 192.168.3.0/24 dev t1");
    work();
  }
};

TEST_F(OneTunnel, LearnedForItsRemoteAloneAndForgotten) {
  EXPECT_EQ(mtu("192.168.2.2"), 1480U);
  learn(1300);
  EXPECT_EQ(mtu("192.168.2.2"), 1280U);
  EXPECT_EQ(next_hop("192.168.2.2").path_mtu, 1300U);
  EXPECT_EQ(mtu("192.168.3.2"), 1480U);
  EXPECT_EQ(text("link show t0").find("mtu 1480") != std::string::npos, true);  // the device's
  for (now += 601s; engine.forwarding().path_mtus.size() != 0; now += 50ms) {
    work();
  }
  work();
  EXPECT_EQ(mtu("192.168.2.2"), 1480U);
}

TEST_F(OneTunnel, SurvivesChanges) {
  learn(1300);
  run("tunnel change t0 ttl 32");
  EXPECT_EQ(mtu("192.168.2.2"), 1280U);
  run("tunnel change t0 remote 10.0.1.9");
  EXPECT_EQ(mtu("192.168.2.2"), 1480U);
  run("tunnel change t0 remote 10.0.1.2");
  EXPECT_EQ(mtu("192.168.2.2"), 1280U);
  run("link set t0 mtu 1400");
  EXPECT_EQ(mtu("192.168.2.2"), 1280U);
  run("link set t0 mtu 1200");
  EXPECT_EQ(mtu("192.168.2.2"), 1200U);
  run("route add 10.0.1.0/24 via 10.0.0.253");
  work();
  EXPECT_EQ(mtu("192.168.2.2"), 1200U);
}

TEST_F(OneTunnel, TheNextTunnelToTheRemoteKnows) {
  learn(1300);
  run("tunnel add t2 mode gre local 10.0.0.1 remote 10.0.1.2");
  run("link set t2 up");
  run("route add 192.168.4.0/24 dev t2");
  EXPECT_EQ(mtu("192.168.4.2"), 1276U);
}

TEST_F(OneTunnel, OfATunnelInATunnel) {
  run("tunnel add t2 mode ipip local 192.168.1.1 remote 192.168.2.9");
  run("link set t2 up");
  run("route add 192.168.4.0/24 dev t2");
  EXPECT_EQ(mtu("192.168.4.2"), 1460U);
  learn(1300);
  EXPECT_EQ(mtu("192.168.4.2"), 1260U);
}

TEST_F(OneTunnel, ShownAsByIpAndFlushed) {
  const std::string plain =
      "10.0.1.2 via 10.0.0.254 dev p0 src 10.0.0.1 uid 0 \n"
      "    cache ";
  EXPECT_EQ(text("route get 10.0.1.2"), plain + "\n");
  learn(1300);
  const Json shown = run("route get 10.0.1.2").at(0);
  const int left = shown.at("expires");
  EXPECT_LE(left, 599);
  EXPECT_GE(left, 500);
  EXPECT_EQ(text("route get 10.0.1.2").substr(0, plain.size() + 8), plain + "expires ");
  EXPECT_EQ(shown.at("metrics"), Json::parse(R"([{"mtu":1300}])"));
  EXPECT_EQ(run("route get 10.0.1.3").at(0).contains("expires"), false);
  run("-6 route flush cache");
  EXPECT_EQ(run("route get 10.0.1.2").at(0).contains("expires"), true);
  EXPECT_EQ(run("route flush cache"), Json::array());
  work();
  EXPECT_EQ(text("route get 10.0.1.2"), plain + "\n");
  EXPECT_EQ(mtu("192.168.2.2"), 1480U);
}

TEST_F(OneTunnel, TheSenderIsToldFromTheAddressTowardsIt) {
  const Bytes inner = ipv4("192.168.1.2", "192.168.2.2", 17, payload(1452), {.fragment = 0x4000});
  refuse(ipv4(ours, far, 4, inner), 1300);
  work();
  const auto all = told();
  ASSERT_EQ(all.size(), 1U);
  const auto& ip = header_at<Ipv4Header>(all[0].data());
  EXPECT_EQ(ip.source, ip4("192.168.1.1"));
  EXPECT_EQ(ip.destination, ip4("192.168.1.2"));
  EXPECT_EQ(ip.tos, 0xc0);
  EXPECT_EQ(header_at<IcmpHeader>(all[0].data() + 20).rest.host(), 1280U);
}

TEST_F(PathMtu, OnlyOfPacketsThatCouldBeOurs) {
  run("tunnel add g1 mode gre local 10.0.0.1 remote 10.0.1.2 ikey 9 okey 1");
  run("tunnel add g2 mode gre local 10.0.0.1 remote 10.0.1.2 ikey 8 okey 2");
  run("tunnel add s1 mode sit local 10.0.0.1 remote 10.0.1.5");
  run("tunnel add g3 mode gre local 10.0.0.1 remote 10.0.1.7");
  for (const char* const name : {"g1", "g2", "g3", "s1"}) {
    run(std::string{"link set "} + name + " up");
  }
  run("route add 192.168.2.0/24 dev g1");
  run("route add 192.168.3.0/24 dev g2");
  run("route add 192.168.4.0/24 dev g3");
  run("-6 route add 2001:db8:2::/64 dev s1");
  work();
  const auto keyed = [](std::uint16_t flags, const char* options, std::string_view source = ours) {
    return ipv4(source, far, 47, gre(flags, 0x0800, hex(options), payload(100)));
  };
  struct Case {
    const char* description;
    Bytes outer;
    std::size_t quoted;
    bool ours;
  };
  const Case cases[] = {
      {"the first", keyed(0x2000, "00000001"), 548, true},
      {"the second, in 8 bytes", keyed(0x2000, "00000002"), 28, true},
      {"another key", keyed(0x2000, "00000003"), 548, false},
      {"a smaller key", keyed(0x2000, "00000000"), 548, false},
      {"what we receive", keyed(0x2000, "00000009"), 548, false},
      {"no key", keyed(0, ""), 548, false},
      {"an option more", keyed(0x3000, "00000001 00000000"), 548, false},
      {"a checksum, the key not quoted", keyed(0xa000, "00000000 00000001"), 28, false},
      {"another source", keyed(0x2000, "00000001", "10.0.0.9"), 548, false},
      {"another payload", ipv4(ours, far, 47, gre(0x2000, 0x8847, hex("00000001"), {})), 548,
       false},
      {"another protocol", ipv4(ours, far, 4, payload(100)), 548, false},
      {"sit", ipv4(ours, "10.0.1.5", 41, payload(100)), 548, true},
      {"sit's protocol, of nobody", ipv4(ours, far, 41, payload(100)), 548, false},
      {"a mode of another tunnel to there", ipv4(ours, "10.0.1.7", 4, payload(100)), 548, false},
      {"another destination", ipv4(ours, "10.0.1.6", 41, payload(100)), 548, false},
  };
  std::uint64_t refused = 0;
  for (const Case& c : cases) {
    run("route flush cache");
    refuse(c.outer, 1300, c.quoted);
    work();
    refused += c.ours ? 0U : 1U;
    EXPECT_EQ(foreign(), refused) << c.description;
    EXPECT_EQ(engine.forwarding().path_mtus.size(), c.ours ? 1U : 0U) << c.description;
  }
}

TEST_F(PathMtu, OneToMany) {
  run("tunnel add t0 mode ipip local 10.0.0.1");
  run("link set t0 up");
  run("route add 192.168.2.0/24 via 10.0.1.2 dev t0 onlink");
  run("route add 192.168.3.0/24 via 10.0.1.3 dev t0 onlink");
  work();
  learn(1300);
  learn(1300, "10.0.1.4");
  EXPECT_EQ(foreign(), 1U);
  EXPECT_EQ(mtu("192.168.2.2"), 1280U);
  EXPECT_EQ(mtu("192.168.3.2"), 1480U);
}

// 6rd: no next hop has this remote, but packets may have.
TEST_F(PathMtu, WhereInnerAddressesNameTheRemote) {
  run("tunnel add 6rd0 mode sit local 10.0.0.1");
  run("tunnel 6rd dev 6rd0 6rd-prefix 2001:db8::/32");
  run("link set 6rd0 up");
  run("route add 2001:db8::/32 dev 6rd0");
  refuse(ipv4(ours, far, 41, payload(100)), 1400, 28);
  work();
  EXPECT_EQ(foreign(), 0U);
  EXPECT_EQ(engine.forwarding().path_mtus.lookup(ip4(far)), 1400U);
  refuse(ipv4("10.0.0.9", "10.0.1.3", 41, payload(100)), 1400, 28);
  work();
  EXPECT_EQ(foreign(), 1U);
  EXPECT_EQ(engine.forwarding().path_mtus.lookup(ip4("10.0.1.3")), PathMtuTable::unknown);
}

TEST_F(OneTunnel, ManyNextHopsInManyRounds) {
  constexpr unsigned hops = 2000;
  const auto destination = [](unsigned i) {
    return "172.16." + std::to_string(i / 250) + '.' + std::to_string(i % 250);
  };
  for (unsigned i = 0; i < hops; ++i) {
    const std::string to = destination(i);
    run("route add " + to + " via " + to + " dev t0 onlink");
  }
  work();
  refuse(ipv4(ours, far, 4, payload(100)), 1300, 28);
  const auto done = [&] {
    unsigned count = 0;
    for (unsigned i = 0; i < hops; ++i) {
      count += mtu(destination(i)) == 1280 ? 1U : 0U;
    }
    return count;
  };
  unsigned before = 0;
  unsigned rounds = 0;
  for (bool more = true; more; ++rounds) {
    more = gateway.work(now);
    EXPECT_LE(done() - before, 512U);
    before = done();
  }
  EXPECT_EQ(before, hops);
  EXPECT_GE(rounds, 4U);
}

// As Linux 6.1 did it: `ip tunnel add`, then `ip tunnel change`, on links of 1400 and 1300.
TEST_F(PathMtu, WhatMovesTheDevicesMtu) {
  run("addr add 10.0.9.1/24 dev p1");
  run("link set p0 mtu 1400");
  run("link set p1 mtu 1300");
  const auto device_mtu = [&](const char* name) -> unsigned {
    return run(std::string{"link show "} + name).at(0).at("mtu");
  };
  const auto all = [&] { return std::array{device_mtu("g0"), device_mtu("t0"), device_mtu("s0")}; };
  using Mtus = std::array<unsigned, 3>;
  run("tunnel add g0 mode gre local 10.0.0.1 remote 10.0.0.2");
  run("tunnel add t0 mode ipip local 10.0.0.1 remote 10.0.0.2");
  run("tunnel add s0 mode sit local 10.0.0.1 remote 10.0.0.2");
  EXPECT_EQ(all(), (Mtus{1376, 1380, 1380}));
  const auto change = [&](const std::string& what) {
    for (const char* const name : {"g0", "t0", "s0"}) {
      run(std::string{"tunnel change "} + name + ' ' + what);
    }
    return all();
  };
  EXPECT_EQ(change("remote 10.0.9.2"), (Mtus{1376, 1380, 1380}));
  EXPECT_EQ(change("dev p0"), (Mtus{1376, 1380, 1380}));
  EXPECT_EQ(change("dev p1"), (Mtus{1276, 1280, 1280}));
  run("link set g0 mtu 1250");
  run("link set t0 mtu 1250");
  run("tunnel change g0 key 5");
  EXPECT_EQ(all(), (Mtus{1246, 1250, 1280}));
  EXPECT_EQ(change("ttl 5"), (Mtus{1246, 1250, 1280}));
  run("link set p1 mtu 1280");
  EXPECT_EQ(all(), (Mtus{1246, 1250, 1280}));
}

class DerivedRemotes : public PathMtu {
 protected:
  DerivedRemotes() {
    run("tunnel add r0 mode sit local 10.0.0.1");
    run("tunnel 6rd dev r0 6rd-prefix 2001:db8::/32 6rd-relay_prefix 10.0.0.0/8");
    run("link set r0 up");
    run("addr add 2001:db8:0:100::1/32 dev r0");
    run("route add 2001:db8:ffff::/48 via ::10.0.0.7 dev r0");
    work();
  }
  std::uint16_t learned(std::string_view remote) {
    return engine.forwarding().path_mtus.lookup(ip4(remote));
  }
  void learn_sit(std::string_view local, std::string_view remote) {
    refuse(ipv4(local, remote, 41, payload(100)), 1300, 28);
    work();
  }
};

TEST_F(DerivedRemotes, AreLearnedOfWhereTheDomainHasThem) {
  learn_sit(ours, "10.9.8.7");
  EXPECT_EQ(learned("10.9.8.7"), 1300U);
  learn_sit(ours, "11.9.8.7");
  EXPECT_EQ(learned("11.9.8.7"), 0xffffU);
  learn_sit("10.0.0.9", "10.9.8.6");
  EXPECT_EQ(learned("10.9.8.6"), 0xffffU);
  EXPECT_EQ(foreign(), 2U);
}

TEST_F(DerivedRemotes, ARelayIsKnownByItsRoute) {
  run("tunnel 6rd dev r0 6rd-prefix 2001:db8::/32 6rd-relay_prefix 192.0.0.0/8");
  work();
  learn_sit(ours, "10.0.0.7");
  EXPECT_EQ(learned("10.0.0.7"), 1300U);
  learn_sit(ours, "10.0.0.8");
  EXPECT_EQ(learned("10.0.0.8"), 0xffffU);
}

}  // namespace
}  // namespace culvert::test
