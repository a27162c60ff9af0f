// SPDX-License-Identifier: BSD-3-Clause
// fib: which tunnel a received packet belongs to. Of DPDK only its RCU (through Quiescence) and
// prefetch.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "culvert/fib/index_pool.hpp"
#include "culvert/fib/lazy_array.hpp"
#include "culvert/fib/quiescence.hpp"
#include "culvert/fib/tunnel.hpp"
#include "culvert/fib/tunnel_slots.hpp"

namespace culvert {

/// Tunnels by (local, remote, mode, key, bound port), with Linux's precedence. Of the classes local
/// and remote; remote; local (or a multicast remote that is the packet's destination); any: the
/// first that has a tunnel that is up and has the packet's key (class any: the key's value, zero
/// where there is none). A tunnel bound to the ingress port beats all others of earlier classes;
/// one bound elsewhere is as good as an unbound one. Of several in a class that are equally good
/// the newest wins, in the first class the oldest. For sit the order is strict, and a tunnel bound
/// elsewhere is out.
///
/// Any number of threads look up, without locks, while one thread changes the table.
class TunnelTable {
 public:
  /// `capacity` counts the replaced and erased ones too, until their grace period is over.
  explicit TunnelTable(Quiescence& quiescence, std::size_t capacity = std::size_t{1} << 20U);
  /// No reader may look anything up any more.
  ~TunnelTable();
  TunnelTable(const TunnelTable&) = delete;
  TunnelTable& operator=(const TunnelTable&) = delete;

  /// The tunnel, valid until the reader reports quiescence, or nullptr. Where its `local` is any,
  /// the caller must know that the packet's destination is an address of this host.
  [[nodiscard]] const Tunnel* lookup(const TunnelQuery& query) const noexcept;

  /// Another one after each change that a lookup might notice.
  [[nodiscard]] std::uint64_t version() const noexcept {
    return state_.load(std::memory_order_acquire);
  }

  /// With many tunnels, a lookup waits for two cache lines. Who has a burst of packets asks for the
  /// first line of all of them, then for the tunnel that each slot most likely leads to (any one,
  /// if to none), and then looks up. Of the classes, it is that of tunnels with both endpoints that
  /// has so many.
  [[nodiscard]] static std::uint32_t hash(const TunnelQuery& query) noexcept {
    return TunnelKey::of(query, TunnelClass::both).hash();
  }
  void prefetch_slot(std::uint32_t hash) const noexcept {
    slots_.load(std::memory_order_acquire)->prefetch(hash);
  }
  [[nodiscard]] const Tunnel& first(std::uint32_t hash) const noexcept {
    return slots_.load(std::memory_order_acquire)->first(hash).tunnel;
  }
  /// Whether there are so many tunnels that prefetching pays.
  [[nodiscard]] bool outgrows_cache() const noexcept {
    return slots_.load(std::memory_order_acquire)->outgrows_cache();
  }

  // For the control thread. Each does what it says, or throws and changes nothing. No room left:
  // std::system_error(ENOMEM), after a poll of the Quiescence.

  /// Throws std::system_error(EEXIST) if there is one with the same local, remote, mode, key and
  /// bound port.
  void insert(const Tunnel& tunnel);
  /// Puts `now` in the place of the tunnel identified as `old` is; a reader sees the old or the new
  /// one. Throws std::system_error: ENOENT, or EEXIST if another tunnel is identified as `now` is.
  void replace(const Tunnel& old, const Tunnel& now);
  /// Throws std::system_error(ENOENT).
  void erase(const Tunnel& tunnel);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  static constexpr unsigned modes = 4;  // at most, by the width of state_
  static constexpr unsigned kinds = modes * tunnel_classes;

  struct Found {
    std::size_t slot;
    const TunnelRecord* record;
  };

  [[nodiscard]] static unsigned first_kind(TunnelMode mode) noexcept {
    return static_cast<unsigned>(mode) * tunnel_classes;
  }
  [[nodiscard, gnu::cold]] const Tunnel* lookup_contested(TunnelQuery query) const noexcept;
  [[nodiscard]] const Tunnel* best(TunnelQuery query, std::uint64_t state) const noexcept;

  [[nodiscard]] Found find(const Tunnel& tunnel) const noexcept;
  [[nodiscard]] const TunnelRecord& make_record(const Tunnel& tunnel, std::uint64_t serial);
  void make_room();
  void place(const TunnelRecord& record) noexcept;
  void remove(const Found& found);
  void retire(const TunnelRecord& record);
  void count(const Tunnel& tunnel, int change) noexcept;

  // Read by workers.

  /// A nibble of classes for each mode. Bits 0 to 15: in use; 16 to 31: contested, where the first
  /// match may not be the best. 32 to 63: rises with every change, so that a reader who met one
  /// between two probes, and may have seen neither the old nor the new, looks again.
  std::atomic<std::uint64_t> state_{0};
  std::atomic<const TunnelSlots*> slots_;

  // The control thread's own.
  alignas(64) Quiescence& quiescence_;
  LazyArray<TunnelRecord> records_;
  IndexPool places_;
  std::unique_ptr<TunnelSlots> current_;  // = slots_
  std::array<std::uint32_t, kinds> used_{};
  std::array<std::uint32_t, kinds> contested_{};
  std::size_t size_ = 0;
  std::uint64_t next_serial_ = 1;
};

inline const Tunnel* TunnelTable::lookup(const TunnelQuery& query) const noexcept {
  const std::uint64_t state = state_.load(std::memory_order_acquire);
  const std::uint64_t classes = state >> first_kind(query.mode);
  if (((classes >> kinds) & 0xfU) != 0) {
    return lookup_contested(query);
  }
  const TunnelSlots& slots = *slots_.load(std::memory_order_acquire);
  const Tunnel* found = nullptr;
  for (unsigned which = 0; which < tunnel_classes && found == nullptr; ++which) {
    if ((classes >> which & 1U) != 0) {
      const TunnelKey key = TunnelKey::of(query, static_cast<TunnelClass>(which));
      slots.visit(key, [&found](const TunnelRecord& record, std::size_t) {
        found = record.tunnel.up ? &record.tunnel : nullptr;
        return true;
      });
    }
  }
  if (state_.load(std::memory_order_relaxed) != state) [[unlikely]] {
    return lookup_contested(query);
  }
  return found;
}

}  // namespace culvert
