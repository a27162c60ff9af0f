// SPDX-License-Identifier: BSD-3-Clause
// What comes out of sit tunnels whose inner addresses name outer ones. The packets are those that
// Linux was sent in the captures 05a to 05d, at node b, and what it made of them; and the RFCs'.
#include <gtest/gtest.h>

#include "culvert/dataplane/decapsulate.hpp"

#include "support/stage.hpp"

namespace culvert::test {
namespace {

constexpr std::uint32_t counters = 7;
const std::string_view ours = node_b.outside4;  // 10.0.0.2

struct Case {
  const char* description;
  const char* outer;
  const char* source;
  const char* destination;
  Drop expected = Drop::none;
};

class SitChecks : public testing::Test {
 protected:
  void add(const SitRules& rules, std::string_view local = ours) {
    rules_ = rules;
    Tunnel tunnel;
    tunnel.local = ip4(local);
    tunnel.mode = TunnelMode::sit;
    tunnel.up = true;
    tunnel.local_is_ours = true;
    tunnel.index = counters;
    tunnel.sit = &rules_;
    gateway.forwarding().tunnels.insert(tunnel);
  }
  void expect_each(std::span<const Case> cases) {
    const Stage stage = parsed([](Lane& lane, Packet& column) {
      unsigned depth = 0;
      return decapsulate(lane, column, outer_facts(column.ipv4()), depth);
    });
    for (const Case& c : cases) {
      const auto& count = gateway.counters(counters);
      const std::uint64_t errors = count.rx_errors.get();
      const std::uint64_t packets = count.rx_packets.get();
      const Bytes inner = ipv6(c.source, c.destination, 17, payload(20));
      const bool passes = c.expected == Drop::none;
      EXPECT_EQ(run_stage(gateway, stage, ipv4(c.outer, ours, 41, inner)),
                passes ? goes_on(inner) : dropped(c.expected))
          << c.description;
      // RX errors + 1, as the captures show; what is dropped was not received.
      EXPECT_EQ(count.rx_errors.get() - errors, passes ? 0U : 1U) << c.description;
      EXPECT_EQ(count.rx_packets.get() - packets, passes ? 1U : 0U) << c.description;
    }
  }
  static SitRules sixrd(const char* prefix, unsigned length, const char* relay = "0.0.0.0",
                        unsigned relay_length = 0) {
    SitRules rules;
    rules.map = SixRdMap{{{ip6(prefix), length}, {ip4(relay), relay_length}}};
    return rules;
  }

  TestGateway gateway{node_b};

 private:
  SitRules rules_;
};

SitRules isatap() {
  SitRules rules;
  rules.isatap = true;
  rules.routers = {ip4("10.0.0.1")};
  rules.on_link = {{ip6("fe80::"), 64}, {ip6("2001:db8:5::"), 64}};
  return rules;
}

constexpr const char* isatap_b = "2001:db8:5::5efe:10.0.0.2";

TEST_F(SitChecks, Isatap) {  // 05a by sequence number; RFC 5214 section 7.3
  add(isatap());
  const Case cases[] = {
      {"101: from a router, any source", "10.0.0.1", "2001:db8:1::2", isatap_b},
      {"102: the source embeds the outer one", "10.0.0.9", "2001:db8:5::5efe:a00:9", isatap_b},
      {"103: it does not", "10.0.0.9", "2001:db8:1::9", isatap_b, Drop::spoofed_source},
      {"104: it embeds another", "10.0.0.9", "2001:db8:5::5efe:a00:8", isatap_b,
       Drop::spoofed_source},
      {"105: with the universal bit", "10.0.0.9", "2001:db8:5::200:5efe:a00:9", isatap_b},
      {"link-local", "10.0.0.9", "fe80::5efe:10.0.0.9", "fe80::5efe:10.0.0.2"},
      {"under a prefix that is not the tunnel's", "10.0.0.9", "2001:db8:6::5efe:a00:9", isatap_b,
       Drop::spoofed_source},
      {"to whichever destination", "10.0.0.1", "2001:db8:1::2", "2001:db8:9::1"},
  };
  expect_each(cases);
}

TEST_F(SitChecks, IsatapRoutersComeAndGo) {  // 05a: 106 and 107
  SitRules rules = isatap();
  rules.routers = {ip4("10.0.0.9")};
  add(rules);
  const Case cases[] = {
      {"106: on the list now", "10.0.0.9", "2001:db8:1::9", isatap_b},
      {"107: no longer", "10.0.0.1", "2001:db8:1::2", isatap_b, Drop::spoofed_source},
  };
  expect_each(cases);
}

constexpr const char* sixrd_b = "2001:db8:a00:2::1";

TEST_F(SitChecks, BorderRelay) {  // 05b; RFC 5969 section 9.2
  add(sixrd("2001:db8::", 32));
  const Case cases[] = {
      {"both addresses match", "10.0.0.1", "2001:db8:a00:1::1", sixrd_b},
      {"101: another's source", "10.0.0.1", "2001:db8:a00:9::1", sixrd_b, Drop::spoofed_source},
      {"102: a source outside the domain", "10.0.0.1", "2001:dead::1", sixrd_b},
      {"for the IPv6 Internet", "10.0.0.1", "2001:db8:a00:1::1", "2001:db9::1"},
      {"another's destination", "10.0.0.1", "2001:db8:a00:1::1", "2001:db8:a00:9::1",
       Drop::foreign_destination},
      {"to itself, section 8", "10.0.0.1", "2001:db8:a00:1::1", "2001:db8:a00:1::2"},
  };
  expect_each(cases);
}

TEST_F(SitChecks, CustomerEdge) {  // RFC 5969 sections 9.2 and 12
  SitRules rules = sixrd("2001:db8::", 32);
  rules.routers = {ip4("10.0.0.1"), ip4("10.0.0.77")};
  add(rules);
  const Case cases[] = {
      {"from another edge", "10.0.0.9", "2001:db8:a00:9::1", sixrd_b},
      {"from a relay", "10.0.0.1", "2001:dead::1", sixrd_b},
      {"from another relay", "10.0.0.77", "2001:dead::1", sixrd_b},
      {"from none", "10.0.0.9", "2001:dead::1", sixrd_b, Drop::spoofed_source},
      {"from another edge by a relay", "10.0.0.1", "2001:db8:a00:9::1", sixrd_b},
      {"from itself by a relay, section 8", "10.0.0.1", sixrd_b, sixrd_b},
      {"from another edge's address", "10.0.0.8", "2001:db8:a00:9::1", sixrd_b,
       Drop::spoofed_source},
      {"not for us", "10.0.0.1", "2001:dead::1", "2001:db9::1", Drop::foreign_destination},
      {"for another edge", "10.0.0.1", "2001:dead::1", "2001:db8:a00:9::1",
       Drop::foreign_destination},
      {"for the whole of our prefix", "10.0.0.1", "2001:dead::1", "2001:db8:a00:2:f:f:f:f"},
      {"for the tunnel itself", "10.0.0.1", "fe80::a00:1", "fe80::a00:2"},
  };
  expect_each(cases);
}

TEST_F(SitChecks, RelayPrefix) {  // 05c
  add(sixrd("2001:db8::", 32, "10.0.0.0", 8));
  const Case cases[] = {
      {"match", "10.0.0.1", "2001:db8:0:100::1", "2001:db8:0:200::1"},
      {"another's source", "10.0.0.1", "2001:db8:0:900::1", "2001:db8:0:200::1",
       Drop::spoofed_source},
      {"the same bits, but not of the domain", "11.0.0.1", "2001:db8:0:100::1", "2001:db8:0:200::1",
       Drop::spoofed_source},
  };
  expect_each(cases);
}

TEST_F(SitChecks, SixToFour) {  // 05d; RFC 3964 section 4.1
  add(SitRules{});
  const Case cases[] = {
      {"match", "10.0.0.1", "2002:a00:1::1", "2002:a00:2::1"},
      {"101: another's source", "10.0.0.1", "2002:a00:9::1", "2002:a00:2::1", Drop::spoofed_source},
      {"from a relay", "10.0.0.1", "2001:db8::1", "2002:a00:2::1"},
      {"another's destination", "10.0.0.1", "2002:a00:1::1", "2002:a00:9::1",
       Drop::foreign_destination},
  };
  expect_each(cases);
}

TEST_F(SitChecks, SourcesThatAreNone) {  // RFC 4213 section 3.6, RFC 4291 sections 2.5 and 2.7
  add(sixrd("2001:db8::", 32));
  gateway.route("10.0.0.255/32", gateway.of_kind(NextHop::Kind::broadcast));
  const Case cases[] = {
      {"outer: one of ours", "10.0.0.2", "2001:dead::1", sixrd_b, Drop::martian_source},
      {"outer: broadcast of a subnet", "10.0.0.255", "2001:dead::1", sixrd_b, Drop::martian_source},
  };
  expect_each(cases);
  const Stage stage = parsed([](Lane& lane, Packet& column) {
    unsigned depth = 0;
    return decapsulate(lane, column, outer_facts(column.ipv4()), depth);
  });
  for (const char* const source : {"::1", "ff02::1", "::ffff:10.0.0.1", "::127.0.0.1",
                                   "::224.0.0.1", "::255.255.255.255", "::0.0.0.2"}) {
    const Bytes inner = ipv6(source, sixrd_b, 17, payload(20));
    EXPECT_EQ(run_stage(gateway, stage, ipv4("10.0.0.1", ours, 41, inner)),
              dropped(Drop::martian_source))
        << source;
  }
  const Bytes inner = ipv6("::10.0.0.1", sixrd_b, 17, payload(20));
  EXPECT_EQ(run_stage(gateway, stage, ipv4("10.0.0.1", ours, 41, inner)), goes_on(inner));
}

}  // namespace
}  // namespace culvert::test
