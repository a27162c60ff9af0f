// SPDX-License-Identifier: BSD-3-Clause
// dataplane: the two bounded rings between one worker and the rest, and the bell that wakes the
// control thread. The bounds are the control thread's protection: what does not fit is dropped.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <rte_mbuf.h>
#include <rte_ring.h>

namespace culvert {

/// Rung by workers, waited for by the control thread, at the cost of one system call a sleep.
/// On a line of its own, since it changes hands and its neighbours do not.
class alignas(64) Doorbell {
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

class alignas(64) Exchange {
 public:
  static constexpr unsigned punt_capacity = 1024;
  static constexpr unsigned inject_capacity = 2048;
  /// Places that are left to the control thread by what workers hand over, however much that is:
  /// neighbours have to be answered.
  static constexpr unsigned inject_reserve = 256;

  /// Throws std::system_error.
  Exchange(const std::string& name, Doorbell& doorbell);

  /// Worker → control thread. False if the ring is full.
  [[nodiscard]] bool punt(rte_mbuf* m) noexcept {
    return rte_ring_sp_enqueue(punts_.get(), m) == 0;
  }
  [[nodiscard]] unsigned take_punts(rte_mbuf** out, unsigned count) noexcept {
    return rte_ring_sc_dequeue_burst(punts_.get(), reinterpret_cast<void**>(out), count, nullptr);
  }
  /// Control thread → the worker. False if full.
  [[nodiscard]] bool inject(rte_mbuf* m) noexcept {
    return rte_ring_mp_enqueue(injections_.get(), m) == 0;
  }
  /// Another worker → the worker, in order. Returns how many there was room for.
  [[nodiscard]] unsigned inject(std::span<rte_mbuf* const> packets) noexcept {
    const unsigned room = rte_ring_free_count(injections_.get());
    const auto count =
        std::min(static_cast<unsigned>(packets.size()), room - std::min(room, inject_reserve));
    return rte_ring_mp_enqueue_burst(
        injections_.get(), reinterpret_cast<void* const*>(packets.data()), count, nullptr);
  }
  /// Where the ring ends, behind all that has been injected.
  [[nodiscard]] std::uint32_t end() const noexcept { return injections_->prod.tail; }
  [[nodiscard]] unsigned take_injections(rte_mbuf** out, unsigned count) noexcept {
    const unsigned taken =
        rte_ring_sc_dequeue_burst(injections_.get(), reinterpret_cast<void**>(out), count, nullptr);
    taken_ += taken;
    return taken;
  }
  void ring_doorbell() noexcept { doorbell_.ring(); }

  // What the worker lets others know.

  /// All that it has taken is with the ports, in other rings, or gone.
  void finish() noexcept {
    if (finished_.load(std::memory_order_relaxed) != taken_) {
      finished_.store(taken_, std::memory_order_release);
    }
  }
  /// Whether what stood in the ring when it ended at `end` is finished.
  [[nodiscard]] bool is_finished(std::uint32_t end) const noexcept {
    // What is not stands in the ring or has just been taken: any longer way is one around.
    return end - finished_.load(std::memory_order_acquire) - 1U >= 2 * inject_capacity;
  }
  /// Ticks in which it had nothing to do. One that is kept from its core says nothing.
  void set_idle(std::uint64_t ticks) noexcept { idle_.store(ticks, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t idle() const noexcept {
    return idle_.load(std::memory_order_relaxed);
  }

 private:
  // Never changed.
  Doorbell& doorbell_;
  std::unique_ptr<rte_ring, FreeRing> punts_;
  std::unique_ptr<rte_ring, FreeRing> injections_;
  // Written by the worker.
  alignas(64) std::uint32_t taken_ = 0;
  std::atomic<std::uint32_t> finished_{0};
  std::atomic<std::uint64_t> idle_{0};
};
static_assert(sizeof(Doorbell) == 64 && sizeof(Exchange) == 128);

}  // namespace culvert
