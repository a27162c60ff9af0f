// SPDX-License-Identifier: BSD-3-Clause
// slowpath: the way out: mbufs for what we send, the workers' injection rings, and the counters of
// what becomes of each packet. Control thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "culvert/dataplane/counters.hpp"
#include "culvert/dataplane/exchange.hpp"
#include "culvert/dataplane/packet.hpp"
#include "culvert/fib/next_hop.hpp"

namespace culvert {

/// Each function that takes an mbuf takes it for good.
class Outbox {
 public:
  Outbox(Counters& counters, rte_mempool* pool, std::span<Exchange* const> exchanges) noexcept
      : counters_(counters), pool_(pool), exchanges_(exchanges) {}

  /// An mbuf with `size` bytes of data, not yet set, or null. Its headroom is the pool's: enough
  /// for outer headers.
  [[nodiscard]] rte_mbuf* make(std::size_t size) noexcept;

  /// An IP packet of ours, routed by a worker as any other.
  void send(rte_mbuf* m, std::uint8_t worker) noexcept;
  /// An IP packet of ours behind the outer header of a tunnel; what that makes of it is routed as
  /// the other. Where packets are numbered, it is by the tunnel's owner.
  void send_through(rte_mbuf* m, const NextHop& tunnel, std::uint8_t worker) noexcept;
  /// A whole frame of ours.
  void transmit(rte_mbuf* m, std::uint16_t port, std::uint8_t worker) noexcept;
  /// A frame of ours made of these bytes, by the worker that has the port's first turn. False if
  /// there was no mbuf for it.
  bool transmit(std::span<const std::byte> frame, std::uint16_t port) noexcept;
  /// Somebody's packet, back to where its facts say that it was.
  void resume(rte_mbuf* m) noexcept;

  void drop(rte_mbuf* m, Drop reason) noexcept;
  /// Somebody's packet that we are done with: of use to us if there is no reason for a drop.
  void conclude(rte_mbuf* m, Drop reason) noexcept;
  /// The same where the mbuf lives on as our answer.
  void count_delivered() noexcept { counters_.delivered.add(1); }

 private:
  void inject(rte_mbuf* m, std::uint8_t worker) noexcept;

  Counters& counters_;
  rte_mempool* pool_;
  std::span<Exchange* const> exchanges_;
  std::uint16_t next_outer_id_ = 1;
};

}  // namespace culvert
