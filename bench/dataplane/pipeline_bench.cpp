// SPDX-License-Identifier: BSD-3-Clause
// bench: the whole row of stages. `io` is the same without the stages: take the difference.
#include <array>

#include "support/packets.hpp"
#include "support/row.hpp"

namespace culvert::bench {
namespace {

constexpr std::uint32_t most_tunnels = 65'536;

/// Each turn: a burst of the case's frames, forwarded or just sent.
void run(benchmark::State& state, const Case& one, bool stages) {
  Row row(one);
  Row::Burst mbufs{};
  Packets packets(state);
  for (auto _ : state) {
    row.receive(mbufs);
    if (stages) {
      row.forward(mbufs);
    } else {
      row.send(mbufs);
    }
  }
  packets.done(burst);
  if (stages && row.sent() != burst * static_cast<std::uint64_t>(state.iterations())) {
    state.SkipWithError("not every packet was sent");
  }
}

void add(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    benchmark::RegisterBenchmark(one.name().c_str(), run, one, true);
  }
}

/// Before main() reads which ones are wanted.
const bool registered = [] {
  // The cost of the frames themselves, which rises with how many different ones there are.
  for (const Case& one : tunnel_cases(Way::decapsulate, std::array{1U, most_tunnels})) {
    if (one.mode == TunnelMode::ipip) {
      benchmark::RegisterBenchmark(("io/" + std::to_string(one.count)).c_str(), run, one, false);
    }
  }
  add(plain_cases(std::array{10U, 10'000U}));
  add(tunnel_cases(Way::encapsulate, std::array{1U, 1'000U}));
  add(tunnel_cases(Way::decapsulate, std::array{1U, 1'000U, most_tunnels}));
  return true;
}();

}  // namespace
}  // namespace culvert::bench
