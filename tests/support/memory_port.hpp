// SPDX-License-Identifier: BSD-3-Clause
// tests/support: the wire behind a port, in memory: frames to receive are put in, frames sent are
// taken out. Nothing that is sent comes back, whoever polls. All frames come by the first queue,
// and may leave by any.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include <rte_ethdev.h>

#include "support/layout.hpp"

namespace culvert::test {

class MemoryPort {
 public:
  /// DPDK arguments of a device of its own, for the gateway to open; then attach().
  [[nodiscard]] const std::string& device() const noexcept { return device_; }

  MemoryPort();
  /// The device is still open, or has never been.
  ~MemoryPort();
  MemoryPort(const MemoryPort&) = delete;
  MemoryPort& operator=(const MemoryPort&) = delete;

  /// The device has been opened.
  void attach(rte_mempool* pool);

  /// To be received, in this order.
  void put(const Bytes& frame) { received_.push_back(frame); }
  /// What was sent since the last call.
  [[nodiscard]] std::vector<Bytes> take() {
    const std::lock_guard lock(sending_);
    return std::exchange(sent_, {});
  }

 private:
  [[nodiscard]] Layout layout_of(const Bytes& frame) const;
  static std::uint16_t receive(std::uint16_t port, std::uint16_t queue, rte_mbuf** frames,
                               std::uint16_t count, std::uint16_t room, void* self);
  static std::uint16_t send(std::uint16_t port, std::uint16_t queue, rte_mbuf** frames,
                            std::uint16_t count, void* self);

  std::string name_;
  std::string device_;
  std::uint16_t ethdev_ = RTE_MAX_ETHPORTS;
  rte_mempool* pool_ = nullptr;
  const rte_eth_rxtx_callback* on_receive_ = nullptr;
  std::vector<const rte_eth_rxtx_callback*> on_send_;  ///< by queue
  std::deque<Bytes> received_;
  std::mutex sending_;
  std::vector<Bytes> sent_;
};

}  // namespace culvert::test
