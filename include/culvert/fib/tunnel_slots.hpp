// SPDX-License-Identifier: BSD-3-Clause
// fib: the hash table inside a TunnelTable. No DPDK here.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

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
  /// 0: empty, `tombstone`: no longer in use; or the address of a TunnelRecord and, in the bits
  /// that an address leaves free, some of its hash, so that a record is hardly ever read in vain.
  using Slot = std::atomic<std::uint64_t>;

  /// For this many tunnels and some more: see is_crowded().
  explicit TunnelSlots(std::size_t tunnels)
      : slots_(std::bit_ceil(tunnels * 6 + 512), PageAdvice::huge),
        shift_(32U - static_cast<unsigned>(std::countr_zero(slots_.size()))) {}

  /// Shows all records with this key to `visitor(record, slot)`, until it returns true.
  template <typename Visitor>
  void visit(const TunnelKey& key, Visitor visitor) const noexcept {
    const std::uint32_t hash = key.hash();
    const Slot* const slots = slots_.data();
    const std::size_t last = slots_.size() - 1;
    for (std::size_t i = hash >> shift_;; i = (i + 1) & last) {
      const std::uint64_t word = slots[i].load(std::memory_order_acquire);
      if (word == 0) {
        return;
      }
      if ((word & ~address_mask) == tag(hash)) {
        const TunnelRecord& record = *reinterpret_cast<const TunnelRecord*>(word & address_mask);
        if (record.key == key && visitor(record, i)) {
          return;
        }
      }
    }
  }

  // For the control thread.

  /// More than a quarter of the slots have been used: time for new ones. Above that, lookups slow
  /// down, since the length of a probe is no longer easy to predict.
  [[nodiscard]] bool is_crowded() const noexcept { return used_ * 4 > slots_.size(); }
  void place(const TunnelRecord& record) noexcept;
  /// Puts a record with the same key in the place of another one.
  void exchange(std::size_t slot, const TunnelRecord& record) noexcept;
  void remove(std::size_t slot) noexcept;
  void copy_to(TunnelSlots& other) const noexcept;

 private:
  static constexpr std::uint64_t address_mask = 0x0000ffffffffffc0U;
  static constexpr std::uint64_t tombstone = 1;  // no tag has this bit

  [[nodiscard]] static std::uint64_t tag(std::uint32_t hash) noexcept {
    return std::uint64_t{hash} << 48U;
  }
  [[nodiscard]] static std::uint64_t word_for(const TunnelRecord& record) noexcept;

  LazyArray<Slot> slots_;
  unsigned shift_;
  std::size_t used_ = 0;
};

}  // namespace culvert
