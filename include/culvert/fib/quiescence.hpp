// SPDX-License-Identifier: BSD-3-Clause
// fib: the grace period between unlinking what workers may still read and reusing it. On DPDK's
// RCU, with memory of its own: no EAL is needed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>

#include <rte_rcu_qsbr.h>

namespace culvert {

/// One control thread retires; `readers` worker threads, numbered from 0, report. Each reader
/// starts offline, and while it is offline it may not hold anything that it has looked up.
class Quiescence {
 public:
  /// `readers` is at least 1. Throws std::system_error.
  explicit Quiescence(unsigned readers);
  /// Runs what is left: all readers are offline for good, or still report.
  ~Quiescence();
  Quiescence(const Quiescence&) = delete;
  Quiescence& operator=(const Quiescence&) = delete;

  // For the reader's own thread, each wait-free.

  /// From now on this reader may look things up; it must report quiescent(), or go offline().
  void online(unsigned reader) noexcept { rte_rcu_qsbr_thread_online(variable_.get(), reader); }
  /// The reader holds nothing, and looks nothing up before it is online() again.
  void offline(unsigned reader) noexcept { rte_rcu_qsbr_thread_offline(variable_.get(), reader); }
  /// The reader holds nothing that it looked up before this call: once a burst.
  void quiescent(unsigned reader) noexcept { rte_rcu_qsbr_quiescent(variable_.get(), reader); }

  // For the control thread.

  /// Runs `reclaim` (which must not throw) in a later poll(), in the order of the calls, when no
  /// reader can hold any longer what was unlinked before this call.
  void retire(std::function<void()> reclaim);
  /// Runs what is due, never waits. Returns how many still wait.
  std::size_t poll();
  /// Waits until all that was retired has run: for shutdown and the removal of a device.
  void synchronize();

 private:
  struct Free {
    void operator()(rte_rcu_qsbr* variable) const noexcept { std::free(variable); }
  };
  struct Retired {
    std::uint64_t token;
    std::function<void()> reclaim;
  };

  std::unique_ptr<rte_rcu_qsbr, Free> variable_;
  alignas(64) std::deque<Retired> retired_;  // apart: it changes with every update of a table
};

}  // namespace culvert
