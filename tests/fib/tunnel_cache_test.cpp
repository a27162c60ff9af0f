// SPDX-License-Identifier: BSD-3-Clause
// What a reader remembers is what it would find.
#include "culvert/fib/tunnel_cache.hpp"

#include <array>

#include <gtest/gtest.h>

namespace culvert {
namespace {

constexpr Ipv4Address here = Ipv4Address::from_host(0x0a000001);
constexpr Ipv4Address there = Ipv4Address::from_host(0x0a000002);

Tunnel tunnel(TunnelMode mode, std::uint32_t index) {
  Tunnel result;
  result.local = here;
  result.remote = there;
  result.mode = mode;
  result.index = index;
  result.up = true;
  return result;
}

class TunnelCacheTest : public testing::Test {
 protected:
  TunnelCacheTest() { quiescence.online(0); }
  ~TunnelCacheTest() override { quiescence.offline(0); }

  /// The same as the table says, whatever was asked before; twice, since the second is remembered.
  void expect_what_the_table_says(const TunnelQuery& query) {
    EXPECT_EQ(cache.lookup(table, query), table.lookup(query));
    EXPECT_EQ(cache.lookup(table, query), table.lookup(query));
  }

  Quiescence quiescence{1};
  TunnelTable table{quiescence, 64};
  TunnelCache cache;
  const TunnelQuery ipip{.local = here, .remote = there, .key = {}};
};

TEST_F(TunnelCacheTest, NothingIsRememberedAtFirst) {
  // All of it zero, as the cache is.
  Tunnel any = tunnel(TunnelMode::ipip, 1);
  any.local = any.remote = {};
  table.insert(any);
  const TunnelQuery zero{.local = {}, .remote = {}, .key = {}};
  EXPECT_NE(table.lookup(zero), nullptr);
  expect_what_the_table_says(zero);
}

TEST_F(TunnelCacheTest, EveryPartOfTheQuestionCounts) {
  for (const auto mode : {TunnelMode::ipip, TunnelMode::gre, TunnelMode::sit}) {
    table.insert(tunnel(mode, static_cast<std::uint32_t>(mode)));
  }
  Tunnel keyed = tunnel(TunnelMode::gre, 10);
  keyed.keyed = true;
  keyed.key = be32{7};
  table.insert(keyed);
  Tunnel zero_key = tunnel(TunnelMode::gre, 11);
  zero_key.keyed = true;
  table.insert(zero_key);
  Tunnel bound = tunnel(TunnelMode::ipip, 12);
  bound.bound_port = 3;
  table.insert(bound);

  TunnelQuery gre = ipip;
  gre.mode = TunnelMode::gre;
  TunnelQuery sit = ipip;
  sit.mode = TunnelMode::sit;
  TunnelQuery with_key = gre;
  with_key.has_key = true;
  with_key.key = be32{7};
  TunnelQuery with_zero_key = gre;
  with_zero_key.has_key = true;
  TunnelQuery by_port = ipip;
  by_port.port = 3;
  TunnelQuery from_elsewhere = ipip;
  from_elsewhere.remote = here;
  TunnelQuery to_elsewhere = ipip;
  to_elsewhere.local = there;
  const std::array queries{ipip,           gre,         sit, with_key, with_zero_key, by_port,
                           from_elsewhere, to_elsewhere};
  for (const TunnelQuery& first : queries) {
    for (const TunnelQuery& second : queries) {
      expect_what_the_table_says(first);
      expect_what_the_table_says(second);
    }
  }
}

TEST_F(TunnelCacheTest, EveryChangeIsNoticed) {
  expect_what_the_table_says(ipip);
  table.insert(tunnel(TunnelMode::ipip, 1));
  expect_what_the_table_says(ipip);
  EXPECT_EQ(cache.lookup(table, ipip)->index, 1U);

  Tunnel now = tunnel(TunnelMode::ipip, 1);
  now.local_is_ours = true;
  table.replace(now, now);  // identified as before
  expect_what_the_table_says(ipip);
  EXPECT_TRUE(cache.lookup(table, ipip)->local_is_ours);

  Tunnel moved = now;
  moved.remote = here;
  table.replace(now, moved);
  expect_what_the_table_says(ipip);
  EXPECT_EQ(cache.lookup(table, ipip), nullptr);

  table.erase(moved);
  expect_what_the_table_says({.local = here, .remote = here, .key = {}});
}

}  // namespace
}  // namespace culvert
