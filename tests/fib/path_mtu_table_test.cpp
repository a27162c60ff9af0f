// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/fib/path_mtu_table.hpp"

#include <gtest/gtest.h>

namespace culvert {
namespace {

constexpr std::size_t capacity = 1024;
constexpr std::uint16_t now = 32760;  // as signed numbers, seconds wrap while entries are there

Ipv4Address remote(std::uint32_t number) {
  return Ipv4Address::from_host(0x0a000000U + number);
}

PathMtuEntry entry(std::uint32_t number, std::uint16_t mtu = 1400, std::uint16_t lives = 600) {
  return {remote(number), mtu, static_cast<std::uint16_t>(now + lives)};
}

/// Addresses of one bucket, as many as asked for: found by filling a table until one gives way.
std::vector<std::uint32_t> bucket_mates(std::size_t count) {
  PathMtuTable table{capacity};
  std::vector<std::uint32_t> mates;
  for (std::uint32_t i = 0; mates.size() < count; ++i) {
    table.clear();
    (void)table.put(entry(0), now);
    (void)table.put(entry(i), now);
    std::size_t together = 0;
    for (std::size_t bucket = 0; bucket < table.buckets(); ++bucket) {
      std::size_t in_it = 0;
      table.visit(bucket, [&](const PathMtuEntry&) { ++in_it; });
      together = std::max(together, in_it);
    }
    if (i == 0 || together == 2) {
      mates.push_back(i);
    }
  }
  return mates;
}

TEST(PathMtuTable, NothingIsKnownAtFirst) {
  const PathMtuTable table{capacity};
  EXPECT_EQ(table.lookup(remote(1)), PathMtuTable::unknown);
  EXPECT_EQ(table.lookup(Ipv4Address{}), PathMtuTable::unknown);
  EXPECT_EQ(table.find(remote(1)), std::nullopt);
}

TEST(PathMtuTable, WhatIsEnteredIsFoundAndNothingElse) {
  PathMtuTable table{capacity};
  EXPECT_EQ(table.put(entry(1, 1300), now), std::nullopt);
  EXPECT_EQ(table.put(entry(2, 552), now), std::nullopt);
  EXPECT_EQ(table.lookup(remote(1)), 1300);
  EXPECT_EQ(table.lookup(remote(2)), 552);
  EXPECT_EQ(table.lookup(remote(3)), PathMtuTable::unknown);
  EXPECT_EQ(table.lookup(Ipv4Address{}), PathMtuTable::unknown);
  EXPECT_EQ(table.find(remote(2)), entry(2, 552));
  EXPECT_EQ(table.size(), 2U);
}

TEST(PathMtuTable, ReplacedErasedCleared) {
  PathMtuTable table{capacity};
  (void)table.put(entry(1, 1300), now);
  EXPECT_EQ(table.put(entry(1, 1200, 300), now), std::nullopt);
  EXPECT_EQ(table.find(remote(1)), entry(1, 1200, 300));
  EXPECT_EQ(table.size(), 1U);
  table.erase(remote(2));
  EXPECT_EQ(table.size(), 1U);
  table.erase(remote(1));
  EXPECT_EQ(table.lookup(remote(1)), PathMtuTable::unknown);
  EXPECT_EQ(table.size(), 0U);
  for (std::uint32_t i = 0; i < 100; ++i) {
    (void)table.put(entry(i), now);
  }
  table.clear();
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(table.find(remote(5)), std::nullopt);
}

TEST(PathMtuTable, IsBounded) {
  PathMtuTable table{capacity};
  std::size_t displaced = 0;
  for (std::uint32_t i = 0; i < 100000; ++i) {
    displaced += table.put(entry(i), now) ? 1U : 0U;
    EXPECT_EQ(table.lookup(remote(i)), 1400);  // the newest always has a place
  }
  EXPECT_LE(table.size(), capacity);
  EXPECT_EQ(table.size() + displaced, 100000U);
}

TEST(PathMtuTable, InAFullBucketTheFirstToExpireGivesWay) {
  const auto mates = bucket_mates(PathMtuTable::ways + 1);
  PathMtuTable table{capacity};
  for (std::size_t i = 0; i < PathMtuTable::ways; ++i) {
    // The third has 5 seconds left, the others more, some of them behind the wrap.
    const auto lives = static_cast<std::uint16_t>(i == 2 ? 5 : 30 + i * 10);
    EXPECT_EQ(table.put(entry(mates[i], 1400, lives), now), std::nullopt);
  }
  EXPECT_EQ(table.put(entry(mates.back()), now), entry(mates[2], 1400, 5));
  EXPECT_EQ(table.lookup(remote(mates[2])), PathMtuTable::unknown);
  EXPECT_EQ(table.lookup(remote(mates[0])), 1400);
  EXPECT_EQ(table.lookup(remote(mates.back())), 1400);
  EXPECT_EQ(table.size(), PathMtuTable::ways);
}

TEST(PathMtuTable, VisitorsMayErase) {
  PathMtuTable table{capacity};
  for (std::uint32_t i = 0; i < 100; ++i) {
    (void)table.put(entry(i), now);
  }
  std::size_t seen = 0;
  for (std::size_t bucket = 0; bucket < table.buckets(); ++bucket) {
    table.visit(bucket, [&](const PathMtuEntry& found) {
      ++seen;
      table.erase(found.remote);
    });
  }
  EXPECT_EQ(seen, 100U);
  EXPECT_EQ(table.size(), 0U);
}

}  // namespace
}  // namespace culvert
