// SPDX-License-Identifier: BSD-3-Clause
// What is sent and when, and what is made of the answers. The bytes are laid out by hand from RFC
// 791, RFC 2784 and RFC 2890, as routers send them.
#include "culvert/slowpath/keepalive.hpp"

#include <gtest/gtest.h>

#include "culvert/codec/modes.hpp"

#include "slowpath/fixture.hpp"

namespace culvert::test {
namespace {

constexpr std::uint32_t tunnel = 1;

class KeepaliveTest : public SlowPathTest {
 protected:
  static OuterParameters plain() {
    return {.local = ip4("10.0.0.1"),
            .remote = ip4("10.0.0.2"),
            .ttl = 64,
            .payload = ether_type::ipv4};
  }
  void add_tunnel(std::uint32_t index, const OuterParameters& outer) {
    NextHop hop;
    hop.kind = NextHop::Kind::tunnel;
    hop.mode = TunnelMode::gre;
    hop.tunnel = index;
    hop.mtu = hop.device_mtu = 1476;
    hop.outer = Mode<TunnelMode::gre>::Stack::render(outer);
    host.tunnels[index].second = hop;
  }
  void SetUp() override {
    counters = std::make_unique<Counters>(1024);
    slow_path.reset();
    slow_path = std::make_unique<SlowPath>(forwarding, *neighbours, host, *counters, mbufs.pool(),
                                           exchanges);
    add_tunnel(tunnel, plain());
  }
  Keepalives& keepalives() { return slow_path->keepalives(); }
  /// As the worker hands it over; what it looked at to know the tunnel is not looked at again.
  void answer(std::uint32_t from = tunnel) {
    rte_mbuf* const m = mbufs.make(ipv4("10.0.0.2", "10.0.0.1", 47, gre(0, 0, {}, {})));
    set_ingress_tunnel(m, from);
    punt(m, {.punt = Punt::local});
    poll();
  }
};

TEST_F(KeepaliveTest, AsCiscoSendsIt) {
  keepalives().start(tunnel, {.interval = 10s, .retries = 3});
  advance(0s);
  EXPECT_EQ(take_one(Entry::output), hex("45 00 0030 | 0001 4000 | 40 2f 269c"  // ttl 64, DF, GRE
                                         "0a000001 | 0a000002"
                                         "0000 0800"                            // GRE: IPv4
                                         "45 c0 0018 | 0001 0000 | ff 2f a6f3"  // CS6, ttl 255, GRE
                                         "0a000002 | 0a000001"                  // back to us
                                         "0000 0000"));                         // GRE: nothing
  EXPECT_EQ(counters->tunnels[tunnel].tx_packets.get(), 1U);
}

TEST_F(KeepaliveTest, WithKeysAndWhatIsInherited) {
  OuterParameters outer = plain();
  outer.ttl = 0;
  outer.inherit_tos = true;
  outer.pmtudisc = false;
  outer.key = be32{7};
  add_tunnel(tunnel, outer);
  keepalives().start(tunnel, {.interval = 10s, .retries = 3, .key = be32{9}});
  advance(0s);
  EXPECT_EQ(take_one(Entry::output), hex("45 c0 0038 | 0001 0000 | ff 2f a6d3"
                                         "0a000001 | 0a000002"
                                         "2000 0800 | 00000007"  // the key that we send by
                                         "45 c0 001c | 0001 0000 | ff 2f a6ef"
                                         "0a000002 | 0a000001"
                                         "2000 0000 | 00000009"));  // the one that we receive by
}

TEST_F(KeepaliveTest, TheOwnerOfATunnelNumbersThem) {
  OuterParameters outer = plain();
  outer.fields = gre_field::sequence;
  add_tunnel(tunnel, outer);
  keepalives().start(tunnel, {.interval = 10s, .retries = 3});
  advance(0s);
  expect_nothing();
  const auto injected = take(1);  // 1 modulo two workers
  ASSERT_EQ(injected.size(), 1U);
  EXPECT_EQ(injected.front().entry, Entry::numbered);
}

// One letter for each interval: whether what was sent is answered, and what the line was when it
// had been sent.
struct Case {
  const char* description;
  unsigned retries;
  const char* answers;  // a: answered
  const char* line;     // U, D
};
constexpr Case cases[] = {
    {"always answered", 3, "aaaaaa", "UUUUUU"},
    {"never", 3, "......", "UUUDDD"},
    {"never enough in a row", 3, "..a..a..a", "UUUUUUUUU"},
    {"one answer is enough", 3, "....a...a..", "UUUDDUUUDUU"},
    {"a line without patience", 1, "..a.a", "UDDUD"},
    {"a line that flaps", 2, "...a...a.", "UUDDUUDDU"},
};

TEST_F(KeepaliveTest, States) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.description);
    keepalives().start(tunnel, {.interval = 7s, .retries = c.retries});
    std::string line;
    for (const char answered : std::string_view{c.answers}) {
      if (!line.empty()) {  // the first one leaves at once
        advance(6950ms);
        expect_nothing();
        advance(50ms);
      }
      advance(0s);
      EXPECT_EQ(take().size(), 1U);
      line += keepalives().find(tunnel)->up ? 'U' : 'D';
      if (answered == 'a') {
        answer();
      }
    }
    EXPECT_EQ(line, c.line);
    EXPECT_EQ(keepalives().find(tunnel)->sent, line.size());
    EXPECT_EQ(keepalives().find(tunnel)->answered,
              static_cast<std::uint64_t>(std::ranges::count(std::string_view{c.answers}, 'a')));
  }
  EXPECT_EQ(all_drops(), 0U);
}

TEST_F(KeepaliveTest, TheHostIsToldOfChangesAlone) {
  keepalives().start(tunnel, {.interval = 1s, .retries = 2});
  for (int i = 0; i < 5; ++i) {
    advance(1s);
  }
  answer();
  answer();
  EXPECT_EQ(host.events, (std::vector<std::string>{"1 down", "1 up"}));
  (void)take();
}

TEST_F(KeepaliveTest, WhatCannotBeSentIsNotAnswered) {
  host.tunnels[tunnel].second.kind = NextHop::Kind::no_outer_route;
  keepalives().start(tunnel, {.interval = 1s, .retries = 2});
  for (int i = 0; i < 3; ++i) {
    advance(1s);
  }
  expect_nothing();
  EXPECT_FALSE(keepalives().find(tunnel)->up);
  EXPECT_EQ(keepalives().find(tunnel)->sent, 0U);
}

TEST_F(KeepaliveTest, StoppedAndStartedAgain) {
  keepalives().start(tunnel, {.interval = 1s, .retries = 1});
  advance(1s);
  advance(1s);
  EXPECT_EQ(take().size(), 2U);
  EXPECT_FALSE(keepalives().find(tunnel)->up);
  keepalives().start(tunnel, {.interval = 5s, .retries = 1});
  EXPECT_TRUE(keepalives().find(tunnel)->up);
  EXPECT_EQ(keepalives().find(tunnel)->sent, 0U);
  keepalives().stop(tunnel);
  EXPECT_FALSE(keepalives().find(tunnel));
  advance(60s);
  expect_nothing();
  answer();
  EXPECT_EQ(drops(Drop::gre_protocol), 1U);
}

TEST_F(KeepaliveTest, SoManyInEachTick) {
  constexpr unsigned tunnels = Keepalives::sent_per_tick + 44;
  for (std::uint32_t i = 0; i < tunnels; ++i) {
    add_tunnel(i, plain());
    keepalives().start(i, {.interval = 1s, .retries = 1});
  }
  advance(0s);
  EXPECT_EQ(take().size(), Keepalives::sent_per_tick);
  advance(50ms);
  EXPECT_EQ(take().size(), 44U);
  advance(50ms);
  expect_nothing();
  EXPECT_EQ(host.events.size(), 0U);
}

}  // namespace
}  // namespace culvert::test
