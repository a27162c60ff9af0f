// SPDX-License-Identifier: BSD-3-Clause
// dataplane: one DPDK ethdev as a port. The control thread opens, configures and closes it; workers
// read the few facts at its top.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include <rte_ethdev.h>
#include <rte_mempool.h>

#include "culvert/dataplane/counters.hpp"
#include "culvert/fib/neighbour.hpp"
#include "culvert/net/address.hpp"

namespace culvert {

/// Of the hash types that a driver offers, those to spread received packets over queues by: inner
/// addresses and ports too, where it looks into tunnels (RTE_ETH_RSS_*).
[[nodiscard]] std::uint64_t rss_types(std::uint64_t offered) noexcept;

class Port {
 public:
  struct Options {
    std::uint16_t workers = 1;
    std::uint16_t descriptors = 512;  ///< for each queue, as far as the driver takes it
    rte_mempool* pool = nullptr;
  };

  /// Probes `device` (DPDK device arguments) and configures it, stopped. Throws std::system_error.
  Port(const std::string& device, std::uint16_t index, const Options& options);
  ~Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  [[nodiscard]] std::uint16_t index() const noexcept { return index_; }
  [[nodiscard]] std::uint16_t ethdev() const noexcept { return ethdev_; }
  [[nodiscard]] const std::string& device() const noexcept { return device_; }
  [[nodiscard]] std::uint16_t rx_queues() const noexcept { return rx_queues_; }
  [[nodiscard]] std::uint16_t tx_queues() const noexcept { return tx_queues_; }
  [[nodiscard]] std::uint16_t workers() const noexcept { return workers_; }
  /// The worker that owns a queue of this number: exactly one, and it differs from port to port
  /// where ports have fewer queues than there are workers.
  [[nodiscard]] std::uint16_t owner(std::uint16_t queue, std::uint16_t queues) const noexcept {
    return queues == workers_ ? queue : static_cast<std::uint16_t>((index_ + queue) % workers_);
  }

  /// The address that frames for us carry, as one word (extra bits zero). Any thread.
  [[nodiscard]] std::uint64_t mac_word() const noexcept {
    return mac_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] MacAddress mac() const noexcept { return MacWord{mac_word()}.mac(); }
  [[nodiscard]] std::uint16_t mtu() const noexcept { return mtu_; }

  /// Ready to be polled; frames that came while nobody did are discarded. Not every driver can be
  /// stopped and started again (net_af_packet cannot), so a port that goes down is just left alone.
  void start();
  /// In the driver where it can, else kept here, with the port promiscuous.
  void set_mac(const MacAddress& mac);
  /// Throws std::system_error (EINVAL) if the device cannot take frames that large.
  void set_mtu(std::uint32_t mtu);
  [[nodiscard]] bool link_is_up() const noexcept;
  [[nodiscard]] rte_eth_stats statistics() const noexcept;

 private:
  void configure(const Options& options);
  void discard_received() noexcept;

  std::atomic<std::uint64_t> mac_{0};
  std::string device_;
  std::uint16_t index_;
  std::uint16_t ethdev_ = RTE_MAX_ETHPORTS;
  std::uint16_t workers_;
  std::uint16_t rx_queues_ = 1;
  std::uint16_t tx_queues_ = 1;
  std::uint16_t mtu_ = 1500;
  bool started_ = false;
};

/// What workers poll and send to: immutable, published as a whole.
struct PortList {
  std::vector<const Port*> ports;  ///< those that are up
  std::uint64_t version = 0;       ///< tells one list from the next
};

}  // namespace culvert
