// SPDX-License-Identifier: BSD-3-Clause
// dataplane: what one worker has for itself while it moves a burst. Nothing here is shared but the
// forwarding tables, which are read, and the exchange, which is a ring.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "culvert/dataplane/counters.hpp"
#include "culvert/dataplane/exchange.hpp"
#include "culvert/dataplane/packet.hpp"
#include "culvert/dataplane/port.hpp"
#include "culvert/dataplane/reassembly.hpp"
#include "culvert/dataplane/spread.hpp"
#include "culvert/fib/forwarding.hpp"
#include "culvert/fib/tunnel_cache.hpp"

namespace culvert {

inline constexpr std::uint16_t max_burst = 64;

/// Frames on their way to one port.
struct alignas(64) TxBuffer {
  Exchange* owner = nullptr;  ///< of the queue, where this worker has none of its own
  std::uint16_t ethdev = 0;
  std::uint16_t queue = 0;
  std::uint16_t count = 0;
  std::uint16_t room = 0;  ///< max_burst, or none where the port is down
  std::array<rte_mbuf*, max_burst> frames{};
};

/// Packets on their way to one other worker.
struct HandOverBuffer {
  std::uint16_t count = 0;
  std::array<rte_mbuf*, max_burst> packets{};
};

class alignas(64) Lane {
 public:
  Lane(const Forwarding& tables, Counters& own_counters, Exchange& own_exchange,
       std::uint16_t worker, std::uint16_t workers, const Reassembly::Capacity& fragments = {},
       const Spread::Options& spreading = {.mode = SpreadMode::off})
      : forwarding(tables),
        counters(own_counters),
        exchange(own_exchange),
        reassembly(fragments, rte_get_tsc_hz()),
        spread(worker, workers, spreading, rte_get_tsc_hz()),
        worker_(worker),
        workers_(workers),
        handed_(workers),
        id_step_(std::bit_ceil(workers)),
        next_id_(worker) {}

  /// Takes over which ports there are; `exchanges` are those of all workers, by number, and outlive
  /// this.
  void set_ports(const PortList& list, std::span<Exchange* const> exchanges) noexcept;

  [[nodiscard]] std::uint16_t worker() const noexcept { return worker_; }
  [[nodiscard]] std::uint16_t workers() const noexcept { return workers_; }

  /// An IPv4 identification that no other worker uses at the same time: a slice for each of them.
  [[nodiscard]] std::uint16_t next_id() noexcept {
    const std::uint16_t id = next_id_;
    next_id_ = static_cast<std::uint16_t>(next_id_ + id_step_);
    return id;
  }

  [[gnu::cold]] void drop(rte_mbuf* m, Drop reason) noexcept {
    counters.drop(reason);
    dropped_[dropped_count_++] = m;
    if (dropped_count_ == dropped_.size()) [[unlikely]] {
      free_dropped();
    }
  }

  /// To the slow path; dropped and counted if its ring is full. `facts` are the packet's own.
  [[gnu::cold]] void punt(rte_mbuf* m, const PacketFacts& facts) noexcept;

  /// To another worker when the burst is over, to enter there at the stage that `facts` name;
  /// dropped and counted if that one's ring is full. Packets that one worker hands to another stay
  /// in order.
  void hand_over(rte_mbuf* m, std::uint16_t worker, const PacketFacts& facts) noexcept {
    if (facts.entry != Entry::receive) {
      spread.passed_on();
    }
    hand_flow_over(m, worker, facts);
  }
  /// The same, where it is `spread` that says so.
  void hand_flow_over(rte_mbuf* m, std::uint16_t worker, const PacketFacts& facts) noexcept;
  /// A copy of the first `length` bytes (or all) likewise, uncounted and lost if there is no room:
  /// the packet itself goes on.
  [[gnu::cold]] void punt_copy(const rte_mbuf* m, std::uint32_t length,
                               const PacketFacts& facts) noexcept;

  /// A whole frame to a port, by index.
  void transmit(rte_mbuf* m, std::uint16_t port) noexcept {
    TxBuffer& buffer = tx_[port];
    if (buffer.count >= buffer.room) [[unlikely]] {
      make_room(m, port);
      return;
    }
    buffer.frames[buffer.count++] = m;
  }

  /// The burst is over: everything leaves.
  void finish_burst() noexcept;

  const Forwarding& forwarding;
  Counters& counters;
  Exchange& exchange;
  TunnelCache last_tunnel;
  Reassembly reassembly;
  Spread spread;

 private:
  /// For a frame that finds its port's buffer full, or the port down.
  [[gnu::cold]] void make_room(rte_mbuf* m, std::uint16_t port) noexcept;
  void flush(std::uint16_t port) noexcept;
  void flush_frames() noexcept;
  void flush_handed(std::uint16_t worker) noexcept;
  void free_dropped() noexcept {
    rte_pktmbuf_free_bulk(dropped_.data(), dropped_count_);
    dropped_count_ = 0;
  }

  std::uint16_t worker_;
  std::uint16_t workers_;
  std::span<Exchange* const> exchanges_;  ///< by worker
  std::vector<HandOverBuffer> handed_;    ///< by worker
  bool handing_ = false;                  ///< any of them has packets
  std::uint16_t id_step_;  ///< a power of two, so that the slices stay apart when the numbers wrap
  std::uint16_t next_id_;
  bool punted_ = false;
  std::uint16_t open_count_ = 0;
  std::array<std::uint16_t, max_ports> open_{};  ///< indices of the open ones in tx_
  unsigned dropped_count_ = 0;
  std::array<rte_mbuf*, max_burst> dropped_{};
  std::array<TxBuffer, max_ports> tx_{};
};

}  // namespace culvert
