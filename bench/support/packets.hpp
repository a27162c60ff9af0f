// SPDX-License-Identifier: BSD-3-Clause
// bench/support: what every benchmark reports: packets a second, and cycles per packet.
#pragma once

#include <cstddef>
#include <cstdint>

#include <benchmark/benchmark.h>
#include <time.h>

#include <rte_cycles.h>

#include "support/burst.hpp"

namespace culvert::bench {

/// Make it before the loop, call done() after it.
class Packets {
 public:
  explicit Packets(benchmark::State& state) : state_(state), start_(seconds_used()) {}

  /// Each turn of the loop handled `packets_per_turn`. The cycles are those of the time-stamp
  /// counter, for the processor time used: so other work on the machine does not count.
  void done(std::size_t packets_per_turn) {
    const double cycles = (seconds_used() - start_) * static_cast<double>(rte_get_tsc_hz());
    const auto packets = static_cast<std::int64_t>(packets_per_turn) * state_.iterations();
    state_.SetItemsProcessed(packets);
    state_.counters["cycles/packet"] = cycles / static_cast<double>(packets);
  }

 private:
  [[nodiscard]] static double seconds_used() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
  }

  benchmark::State& state_;
  double start_;
};

}  // namespace culvert::bench
