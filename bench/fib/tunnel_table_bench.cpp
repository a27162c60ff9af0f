// SPDX-License-Identifier: BSD-3-Clause
// TunnelTable: to which tunnel a received packet belongs, with 1 to 64k tunnels between one local
// address and as many remote ones, for one flow, some flows, and one flow for each tunnel.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "culvert/fib/tunnel_table.hpp"

#include "support/packets.hpp"

namespace culvert::bench {
namespace {

constexpr std::size_t sources_in_use = 1U << 16U;
constexpr Ipv4Address local = Ipv4Address::from_host(0xac10e8ac);

Ipv4Address remote(std::uint32_t i) {
  return Ipv4Address::from_host(0xac110000U + i);
}

struct Setup {
  Setup(std::uint32_t count, bool bound) {
    for (std::uint32_t i = 0; i < count; ++i) {
      Tunnel tunnel;
      tunnel.local = local;
      tunnel.remote = remote(i);
      tunnel.bound_port = bound ? std::uint16_t{0} : any_port;
      tunnel.index = i;
      tunnel.up = true;
      table.insert(tunnel);
    }
  }
  Quiescence quiescence{1};
  TunnelTable table{quiescence};
};

void lookup(benchmark::State& state) {
  const auto tunnels = static_cast<std::uint32_t>(state.range(0));
  const auto flows = static_cast<std::uint32_t>(state.range(1));
  const auto setup = std::make_unique<Setup>(tunnels, state.range(2) != 0);
  const TunnelTable& table = setup->table;
  std::independent_bits_engine<std::mt19937, 32, std::uint32_t> random(42);
  // The sources only, so that it is the table that fills the caches.
  std::vector<Ipv4Address> sources(sources_in_use);
  for (Ipv4Address& source : sources) {
    source = remote(random() % flows * (tunnels / flows) * 40503U % tunnels);
  }
  std::size_t at = 0;
  Packets packets(state);
  for (auto _ : state) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < burst; ++i) {
      const Tunnel* const tunnel =
          table.lookup({.local = local, .remote = sources[at + i], .key = {}});
      sum += tunnel != nullptr ? tunnel->index : 0;
    }
    benchmark::DoNotOptimize(sum);
    at = (at + burst) % sources.size();
  }
  packets.done(burst);
}
BENCHMARK(lookup)
    ->ArgNames({"tunnels", "flows", "bound"})
    ->ArgsProduct({{1}, {1}, {0, 1}})
    ->ArgsProduct({{1'000}, {1, 256, 1'000}, {0, 1}})
    ->ArgsProduct({{65'536}, {1, 256, 65'536}, {0, 1}});

void change(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  const auto setup = std::make_unique<Setup>(count, false);
  Tunnel tunnel;
  tunnel.local = local;
  tunnel.up = true;
  std::uint32_t i = 0;
  for (auto _ : state) {
    tunnel.remote = remote(count + i++ % 65'536);
    setup->table.insert(tunnel);
    setup->table.erase(tunnel);
    setup->quiescence.poll();
  }
  state.SetItemsProcessed(2 * state.iterations());
}
BENCHMARK(change)->ArgName("tunnels")->Arg(1)->Arg(1'000)->Arg(65'536);

}  // namespace
}  // namespace culvert::bench
