// SPDX-License-Identifier: BSD-3-Clause
// What a lookup finds when the table changes in the middle of it, and what others find in the
// middle of a change, at every single instruction.
#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include <gtest/gtest.h>

#include "culvert/fib/route_table.hpp"

#include "stepping.hpp"

namespace culvert {
namespace {

Ipv4Prefix prefix(std::uint32_t host, unsigned length) {
  return Ipv4Prefix::of(Ipv4Address::from_host(host), length);
}

class RouteTableSteps : public testing::Test {
 protected:
  RouteTableSteps() { quiescence.online(0); }
  ~RouteTableSteps() override { quiescence.offline(0); }

  /// A lookup of `key` finds 1 or 2, wherever in it the change happens.
  void expect_one_or_two_during(const std::function<void()>& change) {
    NextHopId found = no_next_hop;
    const auto lookup = [&] { found = table.lookup(key); };
    const auto check = [&] { return found == 1 || found == 2; };
    EXPECT_EQ(test::failures_when_interrupted(lookup, change, check), 0U);
    EXPECT_TRUE(check()) << "undisturbed: " << found;
  }

  /// In the middle of the change each of these addresses has its next hop from before or after.
  void expect_nothing_else_during(const std::function<void()>& change) {
    constexpr std::size_t size = 3;
    const std::array<Ipv4Address, size> keys{key, narrow.last(), wide.last()};
    std::array<NextHopId, size> before{};
    table.lookup(keys, before.data());
    std::array<NextHopId, size> now = before;  // goes over to what it is after the change, once
    std::array<unsigned, size> goes{};
    test::step(change, [&](unsigned) {
      std::array<NextHopId, size> found{};
      table.lookup(keys, found.data());
      for (std::size_t i = 0; i < size; ++i) {
        goes[i] += found[i] != now[i] ? 1U : 0U;
        now[i] = found[i];
      }
      return true;
    });
    for (std::size_t i = 0; i < size; ++i) {
      EXPECT_EQ(now[i], table.lookup(keys[i])) << to_string(keys[i]);
      EXPECT_EQ(goes[i], now[i] != before[i] ? 1U : 0U) << to_string(keys[i]);
    }
  }

  Quiescence quiescence{1};
  RouteTable<Ipv4Address> table{quiescence, 4096};
  const Ipv4Prefix wide = prefix(0x0a000000, 8);
  const Ipv4Prefix narrow = prefix(0x0a000000, 24);
  const Ipv4Prefix host = prefix(0x0a000001, 32);
  const Ipv4Address key = host.address;
};

TEST_F(RouteTableSteps, NarrowTakesOverFromWideDuringALookup) {
  table.set(wide, 1);
  expect_one_or_two_during([&] {
    table.set(narrow, 2);
    table.clear(wide, std::nullopt);
  });
}

TEST_F(RouteTableSteps, WideTakesOverFromNarrowDuringALookup) {
  table.set(narrow, 2);
  expect_one_or_two_during([&] {
    table.set(wide, 1);
    table.clear(narrow, Cover{8, 1});
  });
}

TEST_F(RouteTableSteps, AGroupIsNotReusedDuringALookup) {
  table.set(narrow, 1);
  table.set(host, 2);
  table.set(prefix(0x0b000000, 24), 9);
  expect_one_or_two_during([&] {
    table.clear(host, Cover{24, 1});
    quiescence.poll();
    table.set(prefix(0x0b000000, 25), 8);
  });
}

TEST_F(RouteTableSteps, ChangesAreNeverSeenHalfDone) {
  expect_nothing_else_during([&] { table.set(wide, 1); });
  expect_nothing_else_during([&] { table.set(host, 2); });
  expect_nothing_else_during([&] { table.set(narrow, 3); });
  expect_nothing_else_during([&] { table.set(host, 4); });
  expect_nothing_else_during([&] { table.set(prefix(0x0a000000, 28), 5); });
  expect_nothing_else_during([&] { table.clear(host, Cover{28, 5}); });
  expect_nothing_else_during([&] { table.clear(narrow, Cover{8, 1}); });
  expect_nothing_else_during([&] { table.clear(prefix(0x0a000000, 28), Cover{8, 1}); });
  expect_nothing_else_during([&] { table.set(prefix(0x0a000000, 16), 7); });
}

}  // namespace
}  // namespace culvert
