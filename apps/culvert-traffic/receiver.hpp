// SPDX-License-Identifier: BSD-3-Clause
// culvert-traffic: frames from a queue, counted by what their signatures say.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <rte_mbuf.h>

#include "histogram.hpp"
#include "order.hpp"
#include "queue.hpp"

namespace culvert::traffic {

class Receiver {
 public:
  struct Counts {
    std::uint64_t received = 0;  ///< with our signature, sent since restart()
    std::uint64_t foreign = 0;   ///< without
    std::uint64_t reordered = 0;
    std::uint64_t duplicated = 0;
  };
  struct Sample {
    std::chrono::microseconds time;  ///< since 1970
    std::vector<std::byte> bytes;
  };

  /// `samples`: how many frames are kept, the first ones.
  Receiver(std::uint32_t streams, Queue queue, bool latency, std::size_t samples);

  /// A burst. How many there were.
  unsigned receive();
  /// Counts from now on, and only what has been sent since.
  void restart();

  [[nodiscard]] const Counts& counts() const noexcept { return counts_; }
  /// In cycles.
  [[nodiscard]] const Histogram& latency() const noexcept { return latency_; }
  [[nodiscard]] const std::vector<Sample>& samples() const noexcept { return samples_; }

 private:
  void take(const rte_mbuf* m, std::uint64_t now);
  void keep(const rte_mbuf* m);

  Order order_;
  Histogram latency_;
  Counts counts_;
  std::vector<Sample> samples_;
  std::size_t wanted_samples_;
  std::uint64_t start_ = 0;
  Queue queue_;
  bool measures_;
};

}  // namespace culvert::traffic
