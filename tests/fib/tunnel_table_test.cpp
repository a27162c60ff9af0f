// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/fib/tunnel_table.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <system_error>
#include <unordered_map>
#include <vector>

#include <gtest/gtest.h>

#include "linear_tunnels.hpp"

namespace culvert {
namespace {

constexpr Ipv4Address any{};
constexpr Ipv4Address here = Ipv4Address::from_host(0xac10e8ac);   // 172.16.232.172
constexpr Ipv4Address also = Ipv4Address::from_host(0xac10e8ad);   // another one of ours
constexpr Ipv4Address there = Ipv4Address::from_host(0xac10e8c2);  // 172.16.232.194
constexpr Ipv4Address other = Ipv4Address::from_host(0x0a0a0a0a);
constexpr Ipv4Address group = Ipv4Address::from_host(0xe0010203);  // 224.1.2.3
constexpr auto ipip = TunnelMode::ipip;
constexpr auto gre = TunnelMode::gre;
constexpr auto sit = TunnelMode::sit;
constexpr std::optional<std::uint32_t> no_key{};

Tunnel tunnel(TunnelMode mode, Ipv4Address local, Ipv4Address remote,
              std::optional<std::uint32_t> key = no_key, std::uint16_t port = any_port,
              bool up = true) {
  Tunnel result;
  result.local = local;
  result.remote = remote;
  result.key = be32{key.value_or(0)};
  result.mode = mode;
  result.keyed = key.has_value();
  result.bound_port = port;
  result.up = up;
  return result;
}

Tunnel down(Tunnel tunnel) {
  tunnel.up = false;
  return tunnel;
}

TunnelQuery packet(TunnelMode mode, Ipv4Address local, Ipv4Address remote,
                   std::optional<std::uint32_t> key = no_key, std::uint16_t port = 0) {
  return {local, remote, be32{key.value_or(0)}, mode, key.has_value(), port};
}

struct Case {
  std::string description;
  std::vector<Tunnel> tunnels;  // in the order in which they are added
  TunnelQuery packet;
  int expected;  // index in `tunnels`; -1: none
};

const std::vector<Case> cases{
    {"no tunnel at all", {}, packet(ipip, here, there), -1},

    // Classes, in order.
    {"local and remote", {tunnel(ipip, here, there)}, packet(ipip, here, there), 0},
    {"wrong remote", {tunnel(ipip, here, there)}, packet(ipip, here, other), -1},
    {"wrong local", {tunnel(ipip, here, there)}, packet(ipip, also, there), -1},
    {"local and remote swapped", {tunnel(ipip, here, there)}, packet(ipip, there, here), -1},
    {"another mode", {tunnel(gre, here, there)}, packet(ipip, here, there), -1},
    {"remote only", {tunnel(ipip, any, there)}, packet(ipip, also, there), 0},
    {"local only", {tunnel(ipip, here, any)}, packet(ipip, here, other), 0},
    {"wildcard", {tunnel(ipip, any, any)}, packet(ipip, here, there), 0},
    {"both before all others",
     {tunnel(ipip, any, any), tunnel(ipip, here, any), tunnel(ipip, any, there),
      tunnel(ipip, here, there)},
     packet(ipip, here, there),
     3},
    {"remote before local and wildcard",
     {tunnel(ipip, any, any), tunnel(ipip, here, any), tunnel(ipip, any, there)},
     packet(ipip, here, there),
     2},
    {"local before wildcard",
     {tunnel(ipip, any, any), tunnel(ipip, here, any)},
     packet(ipip, here, there),
     1},
    {"multicast remote is the packet's destination",
     {tunnel(gre, here, group, 7)},
     packet(gre, group, other, 7),
     0},
    {"multicast remote with any local before wildcard",
     {tunnel(gre, any, any), tunnel(gre, any, group)},
     packet(gre, group, other),
     1},
    {"remote only before multicast remote",
     {tunnel(gre, any, there), tunnel(gre, any, group)},
     packet(gre, group, there),
     0},
    {"multicast remote needs its key",
     {tunnel(gre, here, group, 7)},
     packet(gre, group, other),
     -1},
    {"multicast remote, another group",
     {tunnel(gre, here, group, 7)},
     packet(gre, Ipv4Address::from_host(group.host() + 1), other, 7),
     -1},
    {"two with the same multicast remote: the newer",
     {tunnel(gre, here, group), tunnel(gre, also, group)},
     packet(gre, group, other),
     1},
    {"multicast remote does not take unicast",
     {tunnel(gre, here, group)},
     packet(gre, here, other),
     -1},

    // Up.
    {"down is not there",
     {tunnel(ipip, here, there, no_key, any_port, false)},
     packet(ipip, here, there),
     -1},
    {"down does not hide the next class",
     {down(tunnel(ipip, here, there)), tunnel(ipip, any, any)},
     packet(ipip, here, there),
     1},

    // Keys.
    {"the same key", {tunnel(gre, here, there, 42)}, packet(gre, here, there, 42), 0},
    {"another key", {tunnel(gre, here, there, 42)}, packet(gre, here, there, 43), -1},
    {"keyed rejects keyless", {tunnel(gre, here, there, 42)}, packet(gre, here, there), -1},
    {"key 0 is not keyless", {tunnel(gre, here, there, 0)}, packet(gre, here, there), -1},
    {"keyless rejects keyed", {tunnel(gre, here, there)}, packet(gre, here, there, 42), -1},
    {"keyless rejects key 0", {tunnel(gre, here, there)}, packet(gre, here, there, 0), -1},
    {"two that differ in the key",
     {tunnel(gre, here, there, 1), tunnel(gre, here, there, 2)},
     packet(gre, here, there, 2),
     1},
    {"key in class remote", {tunnel(gre, any, there, 0)}, packet(gre, here, there), -1},
    {"key in class local", {tunnel(gre, here, any, 5)}, packet(gre, here, there, 5), 0},
    {"a class with the wrong key does not hide the next",
     {tunnel(gre, here, there, 1), tunnel(gre, any, any, 2)},
     packet(gre, here, there, 2),
     1},
    {"wildcard with the key", {tunnel(gre, any, any, 42)}, packet(gre, here, there, 42), 0},
    {"wildcard with another key", {tunnel(gre, any, any, 42)}, packet(gre, here, there), -1},
    {"wildcard compares the value only: key 0 takes keyless",
     {tunnel(gre, any, any, 0)},
     packet(gre, here, there),
     0},
    {"wildcard compares the value only: keyless takes key 0",
     {tunnel(gre, any, any)},
     packet(gre, here, there, 0),
     0},
    {"wildcard keyless and with key 0: the newer",
     {tunnel(gre, any, any), tunnel(gre, any, any, 0)},
     packet(gre, here, there),
     1},

    // Bound to a port.
    {"bound to the ingress port",
     {tunnel(ipip, here, there, no_key, 3)},
     packet(ipip, here, there, no_key, 3),
     0},
    {"bound to another port is a candidate",
     {tunnel(ipip, here, there, no_key, 3)},
     packet(ipip, here, there, no_key, 4),
     0},
    {"differ in the port: the one of the ingress port",
     {tunnel(ipip, here, there), tunnel(ipip, here, there, no_key, 3),
      tunnel(ipip, here, there, no_key, 4)},
     packet(ipip, here, there, no_key, 3),
     1},
    {"bound here beats unbound of an earlier class",
     {tunnel(ipip, here, there), tunnel(ipip, any, there, no_key, 3)},
     packet(ipip, here, there, no_key, 3),
     1},
    {"bound here beats unbound of an earlier class, wildcard",
     {tunnel(ipip, here, there), tunnel(ipip, any, any, no_key, 3)},
     packet(ipip, here, there, no_key, 3),
     1},
    {"bound here, earlier class first",
     {tunnel(ipip, any, any, no_key, 3), tunnel(ipip, here, any, no_key, 3)},
     packet(ipip, here, there, no_key, 3),
     1},
    {"bound elsewhere keeps the order of classes",
     {tunnel(ipip, any, there), tunnel(ipip, here, there, no_key, 4)},
     packet(ipip, here, there, no_key, 3),
     1},
    {"bound here but down",
     {tunnel(ipip, here, there), tunnel(ipip, any, any, no_key, 3, false)},
     packet(ipip, here, there, no_key, 3),
     0},
    {"bound here but with another key",
     {tunnel(gre, here, there), tunnel(gre, here, any, 1, 3)},
     packet(gre, here, there, no_key, 3),
     0},
    {"none bound here, first class: the oldest",
     {tunnel(ipip, here, there, no_key, 4), tunnel(ipip, here, there)},
     packet(ipip, here, there, no_key, 3),
     0},
    {"none bound here, other classes: the newest",
     {tunnel(ipip, here, any, no_key, 4), tunnel(ipip, here, any)},
     packet(ipip, here, there, no_key, 3),
     1},

    // sit.
    {"sit: both before all others",
     {tunnel(sit, any, any), tunnel(sit, here, any), tunnel(sit, any, there),
      tunnel(sit, here, there)},
     packet(sit, here, there),
     3},
    {"sit: remote before local",
     {tunnel(sit, here, any), tunnel(sit, any, there)},
     packet(sit, here, there),
     1},
    {"sit: local before wildcard",
     {tunnel(sit, any, any), tunnel(sit, here, any)},
     packet(sit, here, there),
     1},
    {"sit: wildcard", {tunnel(sit, any, any)}, packet(sit, here, there), 0},
    {"sit: bound elsewhere is out",
     {tunnel(sit, here, there, no_key, 4), tunnel(sit, any, any)},
     packet(sit, here, there, no_key, 3),
     1},
    {"sit: bound here beats nothing of an earlier class",
     {tunnel(sit, here, there), tunnel(sit, any, there, no_key, 3)},
     packet(sit, here, there, no_key, 3),
     0},
    {"sit: unbound and bound here: the newer",
     {tunnel(sit, here, there, no_key, 3), tunnel(sit, here, there)},
     packet(sit, here, there, no_key, 3),
     1},
    {"sit: a multicast remote is a remote",
     {tunnel(sit, any, group)},
     packet(sit, group, there),
     -1},
    {"sit: down",
     {tunnel(sit, here, there, no_key, any_port, false)},
     packet(sit, here, there),
     -1},
};

TEST(TunnelTable, Precedence) {
  for (const Case& example : cases) {
    Quiescence quiescence(1);
    TunnelTable table(quiescence);
    test::LinearTunnels reference;
    for (std::size_t i = 0; i < example.tunnels.size(); ++i) {
      Tunnel each = example.tunnels[i];
      each.index = static_cast<std::uint32_t>(i);
      table.insert(each);
      reference.insert(each);
    }
    const Tunnel* found = table.lookup(example.packet);
    EXPECT_EQ(found == nullptr ? -1 : static_cast<int>(found->index), example.expected)
        << example.description;
    const auto same = reference.lookup(example.packet);
    EXPECT_EQ(same ? static_cast<int>(same->index) : -1, example.expected)
        << "the reference: " << example.description;
  }
}

TEST(TunnelTable, GivesBackWhatWasPutIn) {
  Quiescence quiescence(1);
  TunnelTable table(quiescence);
  Tunnel given = tunnel(gre, here, there, 42, 3);
  given.index = 99;
  given.local_is_ours = true;
  table.insert(given);
  const Tunnel* found = table.lookup(packet(gre, here, there, 42, 3));
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->local, here);
  EXPECT_EQ(found->remote, there);
  EXPECT_EQ(found->key, be32{42});
  EXPECT_TRUE(found->keyed);
  EXPECT_EQ(found->bound_port, 3);
  EXPECT_EQ(found->index, 99U);
  EXPECT_TRUE(found->up);
  EXPECT_TRUE(found->local_is_ours);
}

template <typename Action>
void expect_error(std::errc expected, const Action& action) {
  try {
    action();
    FAIL() << "no error";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), expected);
  }
}

TEST(TunnelTable, Refusals) {
  Quiescence quiescence(1);
  TunnelTable table(quiescence);
  const Tunnel first = tunnel(gre, here, there);
  const Tunnel second = tunnel(gre, here, there, 0);
  table.insert(first);
  table.insert(second);
  expect_error(std::errc::file_exists, [&] { table.insert(first); });
  expect_error(std::errc::file_exists, [&] { table.replace(first, second); });
  expect_error(std::errc::no_such_file_or_directory,
               [&] { table.erase(tunnel(gre, here, other)); });
  expect_error(std::errc::no_such_file_or_directory,
               [&] { table.replace(tunnel(ipip, here, there), first); });
  EXPECT_EQ(table.size(), 2U);
  EXPECT_NE(table.lookup(packet(gre, here, there)), nullptr);
  EXPECT_NE(table.lookup(packet(gre, here, there, 0)), nullptr);
}

TEST(TunnelTable, NoRoomLeftChangesNothing) {
  Quiescence quiescence(1);
  TunnelTable table(quiescence, 2);
  quiescence.online(0);
  table.insert(tunnel(ipip, here, there));
  table.insert(tunnel(ipip, here, other));
  expect_error(std::errc::not_enough_memory, [&] { table.insert(tunnel(ipip, here, any)); });
  expect_error(std::errc::not_enough_memory,
               [&] { table.replace(tunnel(ipip, here, other), down(tunnel(ipip, here, other))); });
  EXPECT_EQ(table.size(), 2U);
  EXPECT_NE(table.lookup(packet(ipip, here, there)), nullptr);
  EXPECT_NE(table.lookup(packet(ipip, here, other)), nullptr);
  EXPECT_EQ(table.lookup(packet(ipip, here, also)), nullptr);

  table.erase(tunnel(ipip, here, there));
  expect_error(std::errc::not_enough_memory, [&] { table.insert(tunnel(ipip, here, any)); });
  quiescence.quiescent(0);
  table.insert(tunnel(ipip, here, any));
  EXPECT_NE(table.lookup(packet(ipip, here, also)), nullptr);
  quiescence.offline(0);
}

TEST(TunnelTable, ReplacedRecordsStayUntilTheReaderReports) {
  Quiescence quiescence(1);
  TunnelTable table(quiescence);
  Tunnel old = tunnel(ipip, here, there);
  old.index = 1;
  Tunnel now = old;
  now.index = 2;
  table.insert(old);
  quiescence.online(0);
  const Tunnel* held = table.lookup(packet(ipip, here, there));
  table.replace(old, now);
  table.replace(now, tunnel(ipip, here, other));
  table.erase(tunnel(ipip, here, other));
  table.insert(now);
  quiescence.poll();
  EXPECT_EQ(held->index, 1U);
  EXPECT_EQ(table.lookup(packet(ipip, here, there))->index, 2U);
  quiescence.offline(0);
}

TEST(TunnelTable, ReplacingKeepsTheAgeOfWhatStaysTheSame) {
  Quiescence quiescence(1);
  TunnelTable table(quiescence);
  const Tunnel older = tunnel(ipip, here, any, no_key, 4);
  const Tunnel newer = tunnel(ipip, here, any);
  table.insert(older);
  table.insert(newer);
  table.replace(older, down(older));
  table.replace(older, older);
  EXPECT_EQ(table.lookup(packet(ipip, here, there))->bound_port, any_port);
  table.replace(older, tunnel(ipip, here, any, no_key, 5));
  EXPECT_EQ(table.lookup(packet(ipip, here, there))->bound_port, 5);
}

/// Every tunnel and packet that a few values make up: most of them collide with others.
class Universe {
 public:
  template <std::size_t N>
  auto one_of(const std::array<Ipv4Address, N>& values) {
    return values[random_() % N];
  }
  std::optional<std::uint32_t> key(TunnelMode mode) {
    const std::uint32_t value = random_() % 4;
    return mode != gre || value == 3 ? no_key : std::optional{value};
  }
  TunnelMode mode() { return std::array{ipip, gre, sit}[random_() % 3]; }
  Tunnel make_tunnel() {
    const TunnelMode kind = mode();
    const std::uint32_t port = random_() % 4;
    Tunnel result = tunnel(
        kind, one_of(std::array{any, here, also}), one_of(std::array{any, there, other, group}),
        key(kind), port > 1 ? any_port : static_cast<std::uint16_t>(port), random_() % 8 != 0);
    result.index = next_index_++;
    return result;
  }
  TunnelQuery make_packet() {
    const TunnelMode kind = mode();
    return packet(kind, one_of(std::array{here, also, group}), one_of(std::array{there, other}),
                  key(kind), static_cast<std::uint16_t>(random_() % 3));
  }
  std::uint32_t operator()() { return random_(); }

 private:
  std::independent_bits_engine<std::mt19937, 32, std::uint32_t> random_{815};
  std::uint32_t next_index_ = 0;
};

TEST(TunnelTable, RandomChangesAgainstALinearSearch) {
  Universe universe;
  Quiescence quiescence(1);
  TunnelTable table(quiescence);
  test::LinearTunnels reference;
  for (int change = 0; change < 5000; ++change) {
    const Tunnel fresh = universe.make_tunnel();
    const std::uint32_t aim = 1 + universe() % 40;  // how many there shall be varies
    const auto& list = reference.list();
    const bool full = list.size() >= aim;
    if (full || (!list.empty() && universe() % 4 == 0)) {
      const Tunnel some = list[universe() % list.size()];
      Tunnel flipped = some;
      flipped.up = !some.up;
      if (universe() % 4 == 0) {
        table.replace(some, flipped);
        reference.replace(some, flipped);
      } else if (!full && !reference.contains(fresh)) {
        table.replace(some, fresh);
        reference.replace(some, fresh);
      } else {
        table.erase(some);
        reference.erase(some);
      }
    } else if (!reference.contains(fresh)) {
      table.insert(fresh);
      reference.insert(fresh);
    }
    quiescence.poll();
    ASSERT_EQ(table.size(), list.size());
    for (int i = 0; i < 20; ++i) {
      const TunnelQuery query = universe.make_packet();
      const Tunnel* found = table.lookup(query);
      const auto expected = reference.lookup(query);
      ASSERT_EQ(found != nullptr, expected.has_value()) << change;
      if (expected) {
        ASSERT_EQ(found->index, expected->index) << change;
      }
    }
  }
}

TEST(TunnelTable, TheSameHashIsNotTheSameTunnel) {
  std::independent_bits_engine<std::mt19937, 32, std::uint32_t> random(99);
  std::unordered_map<std::uint32_t, Tunnel> by_hash;
  Tunnel first;
  Tunnel second;
  do {
    first = tunnel(ipip, Ipv4Address::from_host(random()), Ipv4Address::from_host(random() >> 1U));
    const auto [at, fresh] = by_hash.try_emplace(TunnelKey::of(first).hash(), first);
    second = at->second;
  } while (first.local == second.local);
  Quiescence quiescence(1);
  TunnelTable table(quiescence);
  table.insert(first);
  EXPECT_EQ(table.lookup(packet(ipip, second.local, second.remote)), nullptr);
  table.insert(second);
  EXPECT_EQ(table.lookup(packet(ipip, first.local, first.remote))->remote, first.remote);
  EXPECT_EQ(table.lookup(packet(ipip, second.local, second.remote))->remote, second.remote);
  table.erase(first);
  EXPECT_EQ(table.lookup(packet(ipip, first.local, first.remote)), nullptr);
  EXPECT_EQ(table.lookup(packet(ipip, second.local, second.remote))->remote, second.remote);
}

TEST(TunnelTable, GrowsAndForgets) {
  constexpr std::uint32_t count = 20000;
  Quiescence quiescence(1);
  TunnelTable table(quiescence, 2 * count);
  const auto remote = [](std::uint32_t i) { return Ipv4Address::from_host(0x0a000000 + i); };
  for (std::uint32_t i = 0; i < count; ++i) {
    Tunnel each = tunnel(ipip, here, remote(i));
    each.index = i;
    table.insert(each);
  }
  for (std::uint32_t i = 0; i < count; i += 2) {
    table.erase(tunnel(ipip, here, remote(i)));
  }
  quiescence.poll();
  EXPECT_EQ(table.size(), count / 2);
  for (std::uint32_t i = 0; i < count; ++i) {
    const Tunnel* found = table.lookup(packet(ipip, here, remote(i)));
    ASSERT_EQ(found != nullptr, i % 2 == 1) << i;
    ASSERT_TRUE(found == nullptr || found->index == i);
  }
  for (std::uint32_t round = 0; round < 10 * count; ++round) {  // tombstones must not fill it up
    const Tunnel passing = tunnel(ipip, also, remote(round));
    table.insert(passing);
    table.erase(passing);
    quiescence.poll();
  }
  EXPECT_EQ(table.lookup(packet(ipip, here, remote(1)))->index, 1U);
  EXPECT_EQ(table.lookup(packet(ipip, also, remote(1))), nullptr);
}

}  // namespace
}  // namespace culvert
