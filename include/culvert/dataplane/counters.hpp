// SPDX-License-Identifier: BSD-3-Clause
// dataplane: counters, one set for each writer, so that nobody waits for a cache line. Anybody may
// read them at any time.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "culvert/dataplane/drop.hpp"
#include "culvert/fib/lazy_array.hpp"

namespace culvert {

inline constexpr std::size_t max_ports = 64;

/// Has one writer, hence no locked instruction.
class Counter {
 public:
  void add(std::uint64_t amount) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t get() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }
  /// By anybody, once the writer writes no more.
  void clear() noexcept { value_.store(0, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Bytes are those of inner packets, from their IP headers, as Linux counts them.
struct alignas(64) TunnelCounters {
  Counter rx_packets;
  Counter rx_bytes;
  Counter tx_packets;
  Counter tx_bytes;
  Counter rx_errors;
  Counter tx_errors;  ///< all that could not be sent; the next two are part of it
  Counter tx_dead_loop;
  Counter tx_no_route;

  void clear() noexcept {
    for (Counter* counter : {&rx_packets, &rx_bytes, &tx_packets, &tx_bytes, &rx_errors, &tx_errors,
                             &tx_dead_loop, &tx_no_route}) {
      counter->clear();
    }
  }
};
static_assert(sizeof(TunnelCounters) == 64);

/// All that one thread counts.
struct alignas(64) Counters {
  explicit Counters(std::size_t tunnel_capacity) : tunnels(tunnel_capacity, PageAdvice::huge) {}

  void drop(Drop reason) noexcept { drops[static_cast<std::size_t>(reason)].add(1); }

  std::array<Counter, drop_count> drops{};
  std::array<Counter, max_ports> tx_dropped{};  ///< by port: refused by its transmit queue
  Counter received;                             ///< frames taken from ports
  Counter sent;                                 ///< frames given to ports
  Counter delivered;   ///< packets for the gateway itself that it made use of
  Counter originated;  ///< packets that the gateway itself made
  LazyArray<TunnelCounters> tunnels;
};

}  // namespace culvert
