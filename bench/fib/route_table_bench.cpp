// SPDX-License-Identifier: BSD-3-Clause
// RouteTable beside rte_fib, rte_lpm (which takes minutes to load half a million routes) and
// rte_fib6: lookups in bursts, the cost of one change, and loading a full table.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include <benchmark/benchmark.h>

#include "route_rivals.hpp"

namespace culvert::bench {
namespace {

using Random = std::independent_bits_engine<std::mt19937, 32, std::uint32_t>;

constexpr std::size_t keys_in_use = 1U << 16U;
enum class Destinations : std::int64_t { hot, sequential, random };

/// Prefix lengths roughly as in the Internet's table.
Ipv4Prefix any_prefix(Random& random, Ipv4Address) {
  const std::uint32_t dice = random() % 100;
  const unsigned length = dice < 60   ? 24
                          : dice < 70 ? 23
                          : dice < 80 ? 22
                          : dice < 88 ? 20
                          : dice < 98 ? 16 + random() % 6
                                      : 25 + random() % 8;
  const std::uint32_t unicast = 0x01000000U + random() % 0xdf000000U;
  return Ipv4Prefix::of(Ipv4Address::from_host(unicast), length);
}
Ipv6Prefix any_prefix(Random& random, Ipv6Address) {
  const std::uint32_t dice = random() % 100;
  const unsigned length = dice < 45   ? 48
                          : dice < 65 ? 32
                          : dice < 75 ? 44
                          : dice < 85 ? 40
                          : dice < 90 ? 36
                          : dice < 95 ? 29
                                      : 64;
  Ipv6Address address;
  std::generate(address.bytes.begin(), address.bytes.end(),
                [&] { return static_cast<std::uint8_t>(random()); });
  address.bytes[0] = 0x20;  // as dense as the allocated part of 2000::/3 is
  address.bytes[1] = static_cast<std::uint8_t>(address.bytes[1] % 32);
  return Ipv6Prefix::of(address, length);
}

template <typename Address>
std::vector<Prefix<Address>> make_routes(std::size_t count) {
  Random random(42);
  std::vector<Prefix<Address>> routes(count);
  std::generate(routes.begin(), routes.end(), [&] { return any_prefix(random, Address{}); });
  return routes;
}

/// Made once for each number of routes, since some are slow to load.
template <typename Table>
Table& loaded(std::size_t count) {
  static std::size_t made_for = 0;
  static std::unique_ptr<Table> table;
  if (made_for != count) {
    table.reset();  // first: DPDK's names are unique
    table = std::make_unique<Table>();
    NextHopId id = 0;
    for (const auto& prefix : make_routes<typename Table::Address>(count)) {
      table->add(prefix, ++id);
    }
    made_for = count;
  }
  return *table;
}

template <typename Table>
std::vector<typename Table::Key> make_keys(std::size_t count, Destinations destinations) {
  using Address = typename Table::Address;
  Random random(43);
  const auto routes = make_routes<Address>(count);
  std::vector<typename Table::Key> keys;
  for (std::uint32_t i = 0; i < keys_in_use; ++i) {
    const auto& route = routes[destinations == Destinations::random ? random() % count : 0];
    Address address = route.address;
    if (destinations == Destinations::sequential) {
      auto bytes = std::bit_cast<std::array<std::uint8_t, Address::bits / 8>>(address);
      bytes[bytes.size() - 1] = static_cast<std::uint8_t>(i);
      bytes[bytes.size() - 2] = static_cast<std::uint8_t>(i >> 8U);
      address = std::bit_cast<Address>(bytes);
    }
    keys.emplace_back(address);
  }
  return keys;
}

template <typename Table>
void lookup(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const Table& table = loaded<Table>(count);
  const auto keys = make_keys<Table>(count, static_cast<Destinations>(state.range(1)));
  std::size_t at = 0;
  Packets packets(state);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        table.lookup(std::span<const typename Table::Key, burst>(&keys[at], burst)));
    at = (at + burst) % keys.size();
  }
  packets.done(burst);
}

template <typename Table, std::int64_t most>
void every_lookup(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"routes", "hot0_sequential1_random2"});
  for (const std::int64_t routes : {10, 10'000, 500'000}) {
    for (const std::int64_t destinations : {0, 1, 2}) {
      if (routes <= most) {
        bench->Args({routes, destinations});
      }
    }
  }
}

BENCHMARK(lookup<Culvert<Ipv4Address>>)->Apply(every_lookup<Culvert<Ipv4Address>, 500'000>);
BENCHMARK(lookup<Fib>)->Apply(every_lookup<Fib, 500'000>);
BENCHMARK(lookup<Lpm>)->Apply(every_lookup<Lpm, 10'000>);
BENCHMARK(lookup<Culvert<Ipv6Address>>)->Apply(every_lookup<Culvert<Ipv6Address>, 500'000>);
BENCHMARK(lookup<Fib6>)->Apply(every_lookup<Fib6, 10'000>);

/// One route of this length comes and goes somewhere in a table of this size: two changes.
void change(benchmark::State& state) {
  auto& [quiescence, table] =
      loaded<Culvert<Ipv4Address>>(static_cast<std::size_t>(state.range(0)));
  const auto length = static_cast<unsigned>(state.range(1));
  Random random(44);
  std::vector<Ipv4Prefix> prefixes(4096);
  std::generate(prefixes.begin(), prefixes.end(), [&] {
    return Ipv4Prefix::of(Ipv4Address::from_host(0xe0000000U + (random() >> 4U)), length);
  });
  std::size_t at = 0;
  for (auto _ : state) {  // in 224.0.0.0/4, where no other route is and none covers it
    table.set(prefixes[at], 1);
    table.clear(prefixes[at], std::nullopt);
    quiescence.poll();
    at = (at + 1) % prefixes.size();
  }
  state.SetItemsProcessed(2 * state.iterations());
}
BENCHMARK(change)
    ->ArgNames({"routes", "length"})
    ->ArgsProduct({{10, 100'000, 1'000'000}, {0, 8, 16, 24, 32}});

void load(benchmark::State& state) {
  const auto routes = make_routes<Ipv4Address>(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    Culvert<Ipv4Address> table;
    NextHopId id = 0;
    for (const Ipv4Prefix& prefix : routes) {
      table.add(prefix, ++id);
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(routes.size()) * state.iterations());
}
BENCHMARK(load)->ArgName("routes")->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace culvert::bench
