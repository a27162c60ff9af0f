// SPDX-License-Identifier: BSD-3-Clause
// bench: each stage by itself, on packets that the stages before it have prepared. A packet is put
// back to that state before each turn, which `restore` alone does: take the difference. `transmit`
// is with the port's own function.
#include <array>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "culvert/dataplane/transmit.hpp"

#include "support/packets.hpp"
#include "support/row.hpp"

namespace culvert::bench {
namespace {

enum class Stage : std::uint8_t { parse, decapsulate, look_up, route, encapsulate, transmit, none };
constexpr std::array<const char*, 7> stage_names{"parse",       "decapsulate", "look_up", "route",
                                                 "encapsulate", "transmit",    "restore"};

/// A packet between two stages.
struct Step {
  Packet packet;
  const NextHop* next_hop;
};

/// True if it goes on to the next stage.
bool run_stage(Stage stage, Row& row, Step& step) noexcept {
  Lane& lane = row.lane();
  unsigned depth = 0;
  switch (stage) {
    case Stage::parse:
      return parse(lane, row.port(), step.packet).continues();
    case Stage::decapsulate:
      return !is_tunnel_packet(step.packet) ||
             decapsulate(lane, step.packet, outer_facts(step.packet.ipv4()), depth).continues();
    case Stage::route:
      return route<true>(lane, step.packet, *step.next_hop, Entry::forward).continues();
    case Stage::encapsulate:
      return encapsulate<true>(lane, step.packet, step.next_hop).continues();
    case Stage::transmit:
      return transmit(lane, step.packet, *step.next_hop->neighbour).is_taken();
    default:
      return true;
  }
}

void look_up(const Forwarding& tables, std::span<Step, burst> steps) noexcept {
  const auto ipv4 = tables.ipv4.look();
  const auto ipv6 = tables.ipv6.look();
  for (Step& step : steps) {
    const NextHopId id = step.packet.is_ipv4() ? ipv4.find(step.packet.ipv4().destination)
                                               : ipv6.find(step.packet.ipv6().destination);
    step.next_hop = &tables.next_hops[id];
  }
}

/// Not inlined, so that a profile tells it from what prepares it.
[[gnu::noinline]] bool run_burst(Stage stage, Row& row, std::span<Step, burst> steps) noexcept {
  if (stage == Stage::look_up) {
    look_up(row.lane().forwarding, steps);
    return true;
  }
  bool all = true;
  for (Step& step : steps) {
    all &= run_stage(stage, row, step);
  }
  if (stage == Stage::transmit) {
    row.lane().finish_burst();
  }
  return all;
}

/// Bursts as they stand before a stage, each packet with what the stage may change of its mbuf.
class Prepared {
 public:
  static constexpr std::size_t bursts = 64;

  Prepared(Row& row, Stage before) : references_(before == Stage::transmit ? 2 : 1) {
    for (std::size_t b = 0; b < bursts; ++b) {
      Row::Burst mbufs{};
      row.receive(mbufs);
      std::array<Step, burst> steps{};
      for (std::size_t i = 0; i < burst; ++i) {
        steps[i].packet.mbuf = mbufs[i];
      }
      for (Stage stage = Stage::parse; stage != before && before != Stage::none;
           stage = static_cast<Stage>(static_cast<unsigned>(stage) + 1)) {
        good_ &= run_burst(stage, row, steps);
      }
      for (const Step& step : steps) {
        rte_mbuf* const m = step.packet.mbuf;
        Saved& saved = saved_.emplace_back(Saved{step, m->data_off, m->data_len, m->pkt_len, {}});
        std::memcpy(saved.headers.data(), data_of(m), saved.headers.size());
      }
    }
  }
  ~Prepared() {
    for (const Saved& saved : saved_) {
      rte_pktmbuf_free(saved.step.packet.mbuf);
    }
  }
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;

  void restore(std::size_t which, std::span<Step, burst> steps) const noexcept {
    for (std::size_t i = 0; i < burst; ++i) {
      const Saved& saved = saved_[which * burst + i];
      rte_mbuf* const m = saved.step.packet.mbuf;
      m->data_off = saved.data_off;
      m->data_len = saved.data_len;
      m->pkt_len = saved.pkt_len;
      rte_mbuf_refcnt_set(m, references_);
      std::memcpy(data_of(m), saved.headers.data(), saved.headers.size());
      steps[i] = saved.step;
    }
  }
  [[nodiscard]] bool good() const noexcept { return good_; }

 private:
  struct Saved {
    Step step;
    std::uint16_t data_off;
    std::uint16_t data_len;
    std::uint32_t pkt_len;
    std::array<std::byte, 64> headers;  // those that a stage writes to
  };
  std::uint16_t references_;  ///< so that a port that has sent them does not take them away
  std::vector<Saved> saved_;
  bool good_ = true;
};

void run(benchmark::State& state, const Case& one, Stage stage) {
  Row row(one);
  const Prepared prepared(row, stage);
  std::array<Step, burst> steps{};
  bool good = prepared.good();
  std::size_t which = 0;
  Packets packets(state);
  for (auto _ : state) {
    prepared.restore(which, steps);
    benchmark::DoNotOptimize(steps);
    good &= run_burst(stage, row, steps);
    benchmark::DoNotOptimize(steps);
    which = (which + 1) % Prepared::bursts;
  }
  packets.done(burst);
  if (!good) {
    state.SkipWithError("a packet did not go on");
  }
}

void add(Stage stage, const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    std::string name = stage_names[static_cast<std::size_t>(stage)];
    name += '/';
    name += one.name();
    benchmark::RegisterBenchmark(name.c_str(), run, one, stage);
  }
}

/// Before main() reads which ones are wanted.
const bool registered = [] {
  constexpr std::array one{1U};
  constexpr std::array tunnels{1U, 1'000U};
  add(Stage::none, plain_cases(one));
  add(Stage::parse, plain_cases(one));
  add(Stage::decapsulate, tunnel_cases(Way::decapsulate, tunnels));
  add(Stage::look_up, plain_cases(std::array{10U, 10'000U}));
  add(Stage::route, plain_cases(one));
  add(Stage::encapsulate, tunnel_cases(Way::encapsulate, tunnels));
  add(Stage::transmit, plain_cases(one));
  return true;
}();

}  // namespace
}  // namespace culvert::bench
