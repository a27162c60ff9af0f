// SPDX-License-Identifier: BSD-3-Clause
// What a lookup finds when the table changes in the middle of it, and what others find in the
// middle of a change, at every single instruction.
#include <cstdint>
#include <functional>
#include <memory>

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
    make_table();
  }
  ~TunnelTableSteps() override { quiescence.offline(0); }

  /// With one that the packet finds if it meets neither the old nor the new one.
  void make_table() {
    quiescence.quiescent(0);
    table.reset();
    table = std::make_unique<TunnelTable>(quiescence, 1024);
    table->insert(tunnel(any, any, 9));
  }
  void let_reader_follow() {
    quiescence.quiescent(0);
    quiescence.poll();
  }
  /// A lookup finds number 1 or 2, wherever in it the change happens.
  void expect_one_or_two(const std::function<void()>& prepare,
                         const std::function<void()>& change) {
    std::uint32_t found = 0;
    const unsigned instructions = test::interrupt_everywhere({
        .prepare = prepare,
        .action =
            [&] {
              const Tunnel* const its_own = table->lookup(packet);
              found = its_own == nullptr ? 0 : its_own->index;
            },
        .change = change,
        .check = [&] { EXPECT_TRUE(found == 1 || found == 2) << found; },
    });
    EXPECT_GT(instructions, 30U);
  }
  void expect_one_or_two_while_replacing(const Tunnel& old, const Tunnel& now) {
    table->insert(now);
    expect_one_or_two(
        [&] {
          let_reader_follow();
          table->replace(now, old);
        },
        [&] { table->replace(old, now); });
    table->erase(old);
  }

  Quiescence quiescence{1};
  std::unique_ptr<TunnelTable> table;
  const Tunnel both = tunnel(here, there, 1);
  const Tunnel remote = tunnel(any, there, 2);
  const Tunnel local = tunnel(here, any, 1);
};

TEST_F(TunnelTableSteps, ReplacingDuringALookup) {
  expect_one_or_two_while_replacing(both, remote);
  expect_one_or_two_while_replacing(remote, local);
  expect_one_or_two_while_replacing(remote, both);
}

TEST_F(TunnelTableSteps, ReplacingDuringALookupAmongBoundTunnels) {
  Tunnel bound = tunnel(here, here, 8);
  bound.bound_port = packet.port;
  table->insert(bound);
  expect_one_or_two_while_replacing(remote, both);
}

TEST_F(TunnelTableSteps, ALookupDuringReplacing) {
  table->insert(both);
  const auto expect_old_or_new = [&](const Tunnel& old, const Tunnel& now) {
    bool legal = true;
    test::step([&] { table->replace(old, now); },
               [&](unsigned) {
                 const Tunnel* const found = table->lookup(packet);
                 legal = legal && found != nullptr && (found->index == 1 || found->index == 2);
                 return true;
               });
    EXPECT_TRUE(legal);
  };
  expect_old_or_new(both, remote);
  expect_old_or_new(remote, local);
  expect_old_or_new(local, both);
}

TEST_F(TunnelTableSteps, GrowingDuringALookup) {
  expect_one_or_two(
      [&] {
        make_table();
        table->insert(both);
      },
      [&] {
        for (std::uint32_t i = 0; i < 300; ++i) {
          table->insert(tunnel(here, Ipv4Address::from_host(0x0b000000 + i), 7));
        }
        quiescence.poll();
      });
}

TEST_F(TunnelTableSteps, ARecordIsNotReusedDuringALookup) {
  const Tunnel other = tunnel(here, here, 7);
  table->insert(remote);
  table->insert(other);
  expect_one_or_two(
      [&] {
        table->erase(other);
        let_reader_follow();
        table->insert(both);
      },
      [&] {
        table->erase(both);
        quiescence.poll();
        table->insert(other);
      });
}

}  // namespace
}  // namespace culvert
