// SPDX-License-Identifier: BSD-3-Clause
// fib: tunnels whose outer packets fail on their way, where no sender could be told at once: the
// senders of as many of the next packets are. No DPDK here.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "culvert/fib/lazy_array.hpp"

namespace culvert {

/// A number for each tunnel, by the index of its counters. The control thread raises and clears,
/// workers take.
class PendingErrors {
 public:
  static constexpr std::uint16_t most = 1024;  ///< pending for one tunnel

  explicit PendingErrors(std::size_t tunnels) : counts_(tunnels) {}

  /// For workers: there may be something to take; one load, of what hardly ever changes.
  [[nodiscard]] bool any() const noexcept { return any_.load(std::memory_order_relaxed); }
  /// Takes one of the tunnel's, if there is one; of several workers one gets it.
  [[nodiscard]] bool take(std::uint32_t tunnel) const noexcept {
    auto& count = counts_[tunnel];
    std::uint16_t now = count.load(std::memory_order_relaxed);
    while (now != 0) {
      if (count.compare_exchange_weak(now, static_cast<std::uint16_t>(now - 1),
                                      std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

  // For the control thread.

  void add(std::uint32_t tunnel) noexcept {
    if (counts_[tunnel].load(std::memory_order_relaxed) < most) {
      counts_[tunnel].fetch_add(1, std::memory_order_relaxed);
    }
  }
  void clear(std::uint32_t tunnel) noexcept { counts_[tunnel].store(0, std::memory_order_relaxed); }
  /// What any() says.
  void set_any(bool any) noexcept { any_.store(any, std::memory_order_relaxed); }

 private:
  std::atomic<bool> any_{false};
  mutable LazyArray<std::atomic<std::uint16_t>> counts_;
};

}  // namespace culvert
