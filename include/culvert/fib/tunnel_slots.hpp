// SPDX-License-Identifier: BSD-3-Clause
// fib: the hash table inside a TunnelTable. Of DPDK only its prefetch.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <rte_prefetch.h>

#include "culvert/fib/lazy_array.hpp"
#include "culvert/fib/tunnel_key.hpp"

namespace culvert {

/// A tunnel as the table keeps it; one cache line, all that a lookup reads of it.
struct alignas(64) TunnelRecord {
  Tunnel tunnel;
  TunnelKey key;
  std::uint64_t serial;  ///< the newer, the higher
};
static_assert(sizeof(TunnelRecord) == 64);

/// Open addressing with linear probing, of a fixed size and never full. Readers may look while the
/// control thread places and removes.
class TunnelSlots {
 public:
  static constexpr unsigned place_bits = 21;
  /// Places of records: these. Those before the first stand for no tunnel and equal no key.
  static constexpr std::size_t first_place = 2;
  static constexpr std::size_t end_of_places = std::size_t{1} << place_bits;

  /// For this many tunnels and some more: see is_crowded(). `records` are indexed by place.
  TunnelSlots(const TunnelRecord* records, std::size_t tunnels)
      : records_(records),
        slots_(std::bit_ceil(tunnels * 5 + 512), PageAdvice::huge),
        shift_(32U - static_cast<unsigned>(std::countr_zero(slots_.size()))) {}

  /// Shows all records with this key to `visitor(record, slot)`, until it returns true.
  template <typename Visitor>
  void visit(const TunnelKey& key, Visitor visitor) const noexcept {
    const std::uint32_t hash = key.hash();
    const Slot* const slots = slots_.data();
    const std::size_t last = slots_.size() - 1;
    for (std::size_t i = hash >> shift_;; i = (i + 1) & last) {
      const std::uint32_t word = slots[i].load(std::memory_order_acquire);
      if (word == empty) {
        return;
      }
      if ((word & ~place_mask) == tag(hash)) {
        const TunnelRecord& record = records_[word & place_mask];
        if (record.key == key && visitor(record, i)) {
          return;
        }
      }
    }
  }

  /// Where a visit with the hash of a key begins.
  void prefetch(std::uint32_t hash) const noexcept { rte_prefetch0(&slots_[hash >> shift_]); }
  /// The record that it meets first, or one of no tunnel.
  [[nodiscard]] const TunnelRecord& first(std::uint32_t hash) const noexcept {
    return records_[slots_[hash >> shift_].load(std::memory_order_acquire) & place_mask];
  }
  /// More than the cache that a worker has for itself can be expected to keep, beside all else.
  [[nodiscard]] bool outgrows_cache() const noexcept { return slots_.size() > 16'384; }

  // For the control thread.

  /// More than a third of the slots have been used: time for new ones. Above that, lookups slow
  /// down, since the length of a probe is no longer easy to predict.
  [[nodiscard]] bool is_crowded() const noexcept { return used_ * 3 > slots_.size(); }
  void place(const TunnelRecord& record) noexcept;
  /// Puts a record with the same key in the place of another one.
  void exchange(std::size_t slot, const TunnelRecord& record) noexcept;
  void remove(std::size_t slot) noexcept;
  void copy_to(TunnelSlots& other) const noexcept;

 private:
  /// A record's place and, in the bits above, some of its hash, so that a record is hardly ever
  /// read in vain; or one of the two below. Small, since with many tunnels it is the caches that a
  /// lookup waits for.
  using Slot = std::atomic<std::uint32_t>;
  static constexpr std::uint32_t place_mask = end_of_places - 1;
  static constexpr std::uint32_t empty = 0;
  static constexpr std::uint32_t tombstone = 1;  ///< no longer in use; a place of no tunnel

  /// The low bits of the hash: its high ones say where a probe begins.
  [[nodiscard]] static std::uint32_t tag(std::uint32_t hash) noexcept { return hash << place_bits; }
  [[nodiscard]] std::uint32_t word_for(const TunnelRecord& record) const noexcept;

  const TunnelRecord* records_;
  LazyArray<Slot> slots_;
  unsigned shift_;
  std::size_t used_ = 0;
};

}  // namespace culvert
