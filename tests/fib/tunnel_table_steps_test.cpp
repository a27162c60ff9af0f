// SPDX-License-Identifier: BSD-3-Clause
// What a lookup finds when the table changes in the middle of it, and what others find in the
// middle of a change, at every single instruction.
#include <cstdint>
#include <functional>

#include <gtest/gtest.h>

#include "culvert/fib/tunnel_table.hpp"

#include "stepping.hpp"

namespace culvert {
namespace {

constexpr Ipv4Address any{};
constexpr Ipv4Address here = Ipv4Address::from_host(0x0a000001);
constexpr Ipv4Address there = Ipv4Address::from_host(0x0a000002);
constexpr TunnelQuery packet{here, there, be32{}, TunnelMode::ipip, false, 3};

Tunnel tunnel(Ipv4Address local, Ipv4Address remote, std::uint32_t index) {
  Tunnel result;
  result.local = local;
  result.remote = remote;
  result.index = index;
  result.up = true;
  return result;
}

class TunnelTableSteps : public testing::Test {
 protected:
  TunnelTableSteps() {
    quiescence.online(0);
    table.insert(tunnel(any, any, 9));  // for who meets neither the old nor the new one
  }
  ~TunnelTableSteps() override { quiescence.offline(0); }

  [[nodiscard]] std::uint32_t lookup() const {
    const Tunnel* const found = table.lookup(packet);
    return found == nullptr ? 0 : found->index;
  }
  /// A lookup finds number 1 or 2, wherever in it the change happens.
  void expect_one_or_two_during(const std::function<void()>& change) {
    std::uint32_t found = 0;
    const auto action = [&] { found = lookup(); };
    const auto check = [&] { return found == 1 || found == 2; };
    EXPECT_EQ(test::failures_when_interrupted(action, change, check), 0U);
    EXPECT_TRUE(check()) << "undisturbed: " << found;
  }
  /// From each class to each other one.
  void expect_one_or_two_while_replacing() {
    for (const Tunnel& old : {both, remote, local}) {
      for (Tunnel now : {both, remote, local}) {
        now.index = 2;
        table.insert(old);
        expect_one_or_two_during([&] { table.replace(old, now); });
        table.erase(old);
      }
    }
  }

  Quiescence quiescence{1};
  TunnelTable table{quiescence, 1024};
  const Tunnel both = tunnel(here, there, 1);
  const Tunnel remote = tunnel(any, there, 1);
  const Tunnel local = tunnel(here, any, 1);
};

TEST_F(TunnelTableSteps, ReplacingDuringALookup) {
  expect_one_or_two_while_replacing();
}

TEST_F(TunnelTableSteps, ReplacingDuringALookupAmongBoundTunnels) {
  Tunnel bound = tunnel(any, here, 8);
  bound.bound_port = packet.port;
  table.insert(bound);
  expect_one_or_two_while_replacing();
}

TEST_F(TunnelTableSteps, ALookupDuringReplacing) {
  table.insert(both);
  const auto expect_one_or_two = [&](const Tunnel& old, const Tunnel& now) {
    unsigned others = 0;
    test::step([&] { table.replace(old, now); },
               [&](unsigned) {
                 const std::uint32_t found = lookup();
                 others += found == 1 || found == 2 ? 0U : 1U;
                 return true;
               });
    EXPECT_EQ(others, 0U);
  };
  expect_one_or_two(both, remote);
  expect_one_or_two(remote, local);
  expect_one_or_two(local, both);
}

TEST_F(TunnelTableSteps, GrowingDuringALookup) {
  table.insert(both);
  expect_one_or_two_during([&] {
    for (std::uint32_t i = 0; i < 300; ++i) {
      table.insert(tunnel(here, Ipv4Address::from_host(0x0b000000 + i), 7));
    }
    quiescence.poll();
  });
}

TEST_F(TunnelTableSteps, ARecordIsNotReusedDuringALookup) {
  table.insert(remote);
  table.insert(both);
  expect_one_or_two_during([&] {
    table.erase(both);
    quiescence.poll();
    table.insert(tunnel(here, here, 7));
  });
}

}  // namespace
}  // namespace culvert
