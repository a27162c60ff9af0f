// SPDX-License-Identifier: BSD-3-Clause
// bench: RouteTable beside rte_fib, rte_lpm, rte_fib6 and rte_lpm6: lookups in bursts, the cost of
// one change, loading a full table and the memory that it takes.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <fstream>
#include <memory>
#include <random>
#include <span>
#include <stdexcept>
#include <typeindex>
#include <vector>

#include <benchmark/benchmark.h>

#include "route_rivals.hpp"
#include "support/packets.hpp"

namespace culvert::bench {
namespace {

using Random = std::independent_bits_engine<std::mt19937, 32, std::uint32_t>;

constexpr std::size_t keys_in_use = 1U << 20U;  // what they touch is more than caches hold
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

struct Loaded {
  std::type_index kind = typeid(void);
  std::size_t count = 0;
  std::shared_ptr<void> table;
};

Loaded& loaded_table() {
  static Loaded last;
  return last;
}

/// One table at a time, since they are big and DPDK's names are unique; loaded again only for
/// another kind or number, since some are slow to load. Throws std::runtime_error.
template <typename Table>
Table& loaded(std::size_t count) {
  Loaded& last = loaded_table();
  if (last.kind != typeid(Table) || last.count != count) {
    last = {};
    auto table = std::make_shared<Table>();
    NextHopId id = 0;
    for (const auto& prefix : make_routes<typename Table::Address>(count)) {
      table->add(prefix, ++id);
    }
    last = {typeid(Table), count, table};
  }
  return *static_cast<Table*>(last.table.get());
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
void lookup(benchmark::State& state) try {
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
} catch (const std::runtime_error& error) {
  state.SkipWithError(error.what());
}

template <std::int64_t most>
void every_lookup(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"routes", "hot0_sequential1_random2"});
  for (const std::int64_t routes : {10, 10'000, 100'000, 500'000, 1'000'000}) {
    for (const std::int64_t destinations : {0, 1, 2}) {
      if (routes <= most) {
        bench->Args({routes, destinations});
      }
    }
  }
}

// rte_lpm takes some minutes to load the biggest.
BENCHMARK(lookup<Culvert<Ipv4Address>>)->Apply(every_lookup<1'000'000>);
BENCHMARK(lookup<OneByOne<Ipv4Address>>)->Apply(every_lookup<1'000'000>);
BENCHMARK(lookup<FibScalar>)->Apply(every_lookup<1'000'000>);
BENCHMARK(lookup<FibAvx512>)->Apply(every_lookup<1'000'000>);
BENCHMARK(lookup<Lpm>)->Apply(every_lookup<1'000'000>);
BENCHMARK(lookup<Culvert<Ipv6Address>>)->Apply(every_lookup<500'000>);
BENCHMARK(lookup<OneByOne<Ipv6Address>>)->Apply(every_lookup<500'000>);
BENCHMARK(lookup<Fib6>)->Apply(every_lookup<100'000>);
BENCHMARK(lookup<Lpm6>)->Apply(every_lookup<100'000>);

/// One route of this length comes and goes somewhere in a table of this size: two changes.
template <typename Table>
void change(benchmark::State& state) {
  Table& table = loaded<Table>(static_cast<std::size_t>(state.range(0)));
  const auto length = static_cast<unsigned>(state.range(1));
  Random random(44);
  std::vector<Ipv4Prefix> prefixes(4096);
  std::generate(prefixes.begin(), prefixes.end(), [&] {
    return Ipv4Prefix::of(Ipv4Address::from_host(0xe0000000U + (random() >> 4U)), length);
  });
  std::size_t at = 0;
  for (auto _ : state) {  // in 224.0.0.0/4, where no other route is and none covers it
    table.add(prefixes[at], 1);
    table.remove(prefixes[at]);
    at = (at + 1) % prefixes.size();
  }
  state.SetItemsProcessed(2 * state.iterations());
}
BENCHMARK(change<Culvert<Ipv4Address>>)
    ->ArgNames({"routes", "length"})
    ->ArgsProduct({{10, 100'000, 1'000'000}, {0, 8, 16, 24, 32}});
BENCHMARK(change<FibScalar>)
    ->ArgNames({"routes", "length"})
    ->ArgsProduct({{10, 100'000, 1'000'000}, {8, 16, 24, 32}});
BENCHMARK(change<Lpm>)
    ->ArgNames({"routes", "length"})
    ->ArgsProduct({{10, 10'000}, {8, 16, 24, 32}});

double resident_megabytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return static_cast<double>(resident) * 4096 / 1e6;
}

/// What it takes of memory is right where nothing has run in the process before.
template <typename Table>
void load(benchmark::State& state) {
  const auto routes =
      make_routes<typename Table::Address>(static_cast<std::size_t>(state.range(0)));
  loaded_table() = {};
  double megabytes = 0;
  for (auto _ : state) {
    const double before = resident_megabytes();
    Table table;
    NextHopId id = 0;
    for (const auto& prefix : routes) {
      table.add(prefix, ++id);
    }
    megabytes = std::max(megabytes, resident_megabytes() - before);
  }
  state.counters["MB"] = megabytes;
  state.SetItemsProcessed(static_cast<std::int64_t>(routes.size()) * state.iterations());
}
BENCHMARK(load<Culvert<Ipv4Address>>)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(load<FibScalar>)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(load<Lpm>)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK(load<Culvert<Ipv6Address>>)->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK(load<Fib6>)->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK(load<Lpm6>)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace culvert::bench
