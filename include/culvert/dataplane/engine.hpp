// SPDX-License-Identifier: BSD-3-Clause
// dataplane: everything that moves packets, put together: buffers, workers and what they share.
// Made and steered by the control thread, after EAL has started.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "culvert/dataplane/exchange.hpp"
#include "culvert/dataplane/worker.hpp"

namespace culvert {

struct FreePool {
  void operator()(rte_mempool* pool) const noexcept { rte_mempool_free(pool); }
};
using PacketPool = std::unique_ptr<rte_mempool, FreePool>;

/// `count` mbufs of `size` bytes, headroom included. Throws std::system_error.
[[nodiscard]] PacketPool make_packet_pool(const std::string& name, unsigned count,
                                          std::uint16_t size);

class Engine {
 public:
  struct Options {
    /// Before the names of its pool and rings, which DPDK wants unique in the process.
    std::string name{};
    Forwarding::Capacity forwarding{};
    std::size_t tunnels = 65536;
    unsigned mbufs = 16384;
    std::uint16_t mbuf_size = RTE_MBUF_DEFAULT_BUF_SIZE;
    Worker::Options worker{};
  };

  /// Throws std::system_error.
  explicit Engine(const Options& options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Runs each worker on an lcore of its own, none on the main one. Throws std::system_error.
  void start();
  void stop() noexcept;

  /// From now on workers poll, and send to, the ports of this list. After
  /// forwarding().quiescence.synchronize() no worker touches any other.
  void publish(PortList list);

  [[nodiscard]] Forwarding& forwarding() noexcept { return forwarding_; }
  [[nodiscard]] rte_mempool* pool() const noexcept { return pool_.get(); }
  [[nodiscard]] Doorbell& doorbell() noexcept { return doorbell_; }
  [[nodiscard]] std::span<Exchange* const> exchanges() const noexcept { return exchange_list_; }
  [[nodiscard]] std::uint16_t workers() const noexcept {
    return static_cast<std::uint16_t>(exchanges_.size());
  }
  /// To be run by hand, where start() is not called.
  [[nodiscard]] Worker& worker(std::uint16_t number) noexcept { return *workers_[number]; }
  [[nodiscard]] const Options& options() const noexcept { return options_; }

  /// The control thread's own.
  [[nodiscard]] Counters& control_counters() noexcept { return *counters_.back(); }
  /// Every writer's; any thread may read them.
  [[nodiscard]] std::span<const std::unique_ptr<Counters>> counters() const noexcept {
    return counters_;
  }
  [[nodiscard]] std::uint64_t drops(Drop reason) const noexcept;

  /// Packet buffers that are not in the pool. Walks every lcore's cache: not for a busy path.
  [[nodiscard]] unsigned buffers_in_use() const noexcept;

 private:
  Options options_;
  Forwarding forwarding_;
  PacketPool pool_;
  Doorbell doorbell_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  std::vector<Exchange*> exchange_list_;
  std::vector<std::unique_ptr<Counters>> counters_;  ///< workers', then the control thread's
  // Read by workers in every round.
  alignas(64) std::atomic<const PortList*> ports_;
  std::atomic<bool> stop_{false};
  // The control thread's own.
  alignas(64) std::uint64_t next_version_ = 1;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace culvert
