// SPDX-License-Identifier: BSD-3-Clause
// dataplane: counters, one set for each writer, so that nobody waits for a cache line. Anybody may
// read them at any time.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "culvert/dataplane/drop.hpp"
#include "culvert/dataplane/sequence.hpp"
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
  Counter rx_csum_errors;  ///< this and the next are part of rx_errors
  Counter rx_out_of_seq;

  void clear() noexcept {
    for (Counter* counter : {&rx_packets, &rx_bytes, &tx_packets, &tx_bytes, &rx_errors, &tx_errors,
                             &tx_dead_loop, &tx_no_route, &rx_csum_errors, &rx_out_of_seq}) {
      counter->clear();
    }
  }
};
static_assert(sizeof(TunnelCounters) == 128);  // the first 64 are those that a usual packet counts

/// All that one thread counts.
struct alignas(64) Counters {
  explicit Counters(std::size_t tunnel_capacity)
      : tunnels(tunnel_capacity, PageAdvice::huge), sequences(tunnel_capacity) {}

  void drop(Drop reason) noexcept { drops[static_cast<std::size_t>(reason)].add(1); }

  std::array<Counter, drop_count> drops{};
  std::array<Counter, max_ports> tx_dropped{};  ///< by port: refused by its transmit queue
  Counter received;                             ///< frames taken from ports
  Counter sent;                                 ///< frames given to ports
  Counter delivered;    ///< packets for the gateway itself that it made use of
  Counter originated;   ///< packets that the gateway itself made
  Counter handed_over;  ///< packets that went on with another worker
  // IPv4 fragments, after Linux's FragOKs, FragCreates, ReasmReqds and ReasmOKs.
  Counter fragmented;   ///< packets that were cut
  Counter fragments;    ///< what they were cut into
  Counter joined;       ///< fragments that became part of a whole packet
  Counter reassembled;  ///< these whole packets
  LazyArray<TunnelCounters> tunnels;
  LazyArray<TunnelSequence> sequences;  ///< of those tunnels that this worker owns
};
static_assert(alignof(Counters) == 64);

}  // namespace culvert
