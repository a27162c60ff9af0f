// SPDX-License-Identifier: BSD-3-Clause
// dataplane: the two bounded rings between one worker and the rest, and the bell that wakes the
// control thread. The bounds are the control thread's protection: what does not fit is dropped.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include <rte_mbuf.h>
#include <rte_ring.h>

namespace culvert {

/// Rung by workers, waited for by the control thread, at the cost of one system call a sleep.
class Doorbell {
 public:
  Doorbell();  ///< Throws std::system_error.
  ~Doorbell();
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  [[nodiscard]] int fd() const noexcept { return fd_; }
  /// The control thread is about to look a last time and then to sleep until fd() is readable.
  void arm() noexcept { (void)armed_.exchange(true, std::memory_order_acq_rel); }
  void disarm() noexcept;
  void ring() noexcept {
    // Both sides exchange, so that the later one sees what the other did before: that the bell is
    // armed, or that there is a frame in the ring.
    if (armed_.exchange(false, std::memory_order_acq_rel)) [[unlikely]] {
      wake();
    }
  }

 private:
  void wake() noexcept;
  int fd_;
  std::atomic<bool> armed_{false};
};

struct FreeRing {
  void operator()(rte_ring* ring) const noexcept { rte_ring_free(ring); }
};

class Exchange {
 public:
  static constexpr unsigned punt_capacity = 1024;
  static constexpr unsigned inject_capacity = 2048;

  /// Throws std::system_error.
  Exchange(const std::string& name, Doorbell& doorbell);

  /// Worker → control thread. False if the ring is full.
  [[nodiscard]] bool punt(rte_mbuf* m) noexcept {
    return rte_ring_sp_enqueue(punts_.get(), m) == 0;
  }
  [[nodiscard]] unsigned take_punts(rte_mbuf** out, unsigned count) noexcept {
    return rte_ring_sc_dequeue_burst(punts_.get(), reinterpret_cast<void**>(out), count, nullptr);
  }
  /// Control thread, or a worker without a queue of its own → the worker. False if full.
  [[nodiscard]] bool inject(rte_mbuf* m) noexcept {
    return rte_ring_mp_enqueue(injections_.get(), m) == 0;
  }
  [[nodiscard]] unsigned take_injections(rte_mbuf** out, unsigned count) noexcept {
    return rte_ring_sc_dequeue_burst(injections_.get(), reinterpret_cast<void**>(out), count,
                                     nullptr);
  }
  void ring_doorbell() noexcept { doorbell_.ring(); }

 private:
  Doorbell& doorbell_;
  std::unique_ptr<rte_ring, FreeRing> punts_;
  std::unique_ptr<rte_ring, FreeRing> injections_;
};

}  // namespace culvert
