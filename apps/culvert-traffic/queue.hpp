// SPDX-License-Identifier: BSD-3-Clause
// culvert-traffic: where bursts go to, or come from: a port, or one end of a ring.
#pragma once

#include <rte_ethdev.h>
#include <rte_ring.h>

namespace culvert::traffic {

class Queue {
 public:
  /// The first one of a port.
  explicit Queue(std::uint16_t ethdev) : ethdev_(ethdev) {}
  /// Nobody else enqueues or dequeues, whichever this does.
  explicit Queue(rte_ring* ring) : ring_(ring) {}

  /// How many of the frames it has taken.
  [[nodiscard]] unsigned transmit(rte_mbuf** frames, unsigned count) const noexcept {
    if (ring_ != nullptr) {
      return rte_ring_sp_enqueue_burst(ring_, reinterpret_cast<void**>(frames), count, nullptr);
    }
    return rte_eth_tx_burst(ethdev_, 0, frames, static_cast<std::uint16_t>(count));
  }

  [[nodiscard]] unsigned receive(rte_mbuf** frames, unsigned count) const noexcept {
    if (ring_ != nullptr) {
      return rte_ring_sc_dequeue_burst(ring_, reinterpret_cast<void**>(frames), count, nullptr);
    }
    return rte_eth_rx_burst(ethdev_, 0, frames, static_cast<std::uint16_t>(count));
  }

 private:
  rte_ring* ring_ = nullptr;
  std::uint16_t ethdev_ = 0;
};

}  // namespace culvert::traffic
