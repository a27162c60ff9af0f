// SPDX-License-Identifier: BSD-3-Clause
// fib: the control thread's side of the hash table inside a TunnelTable.
#include "culvert/fib/tunnel_slots.hpp"

namespace culvert {

std::uint32_t TunnelSlots::word_for(const TunnelRecord& record) const noexcept {
  return tag(record.key.hash()) | static_cast<std::uint32_t>(&record - records_);
}

void TunnelSlots::place(const TunnelRecord& record) noexcept {
  std::size_t i = record.key.hash() >> shift_;
  while (slots_[i].load(std::memory_order_relaxed) > tombstone) {
    i = (i + 1) & (slots_.size() - 1);
  }
  used_ += std::size_t{slots_[i].load(std::memory_order_relaxed) == empty};
  slots_[i].store(word_for(record), std::memory_order_release);
}

void TunnelSlots::exchange(std::size_t slot, const TunnelRecord& record) noexcept {
  slots_[slot].store(word_for(record), std::memory_order_release);
}

void TunnelSlots::remove(std::size_t slot) noexcept {
  slots_[slot].store(tombstone, std::memory_order_release);
}

void TunnelSlots::copy_to(TunnelSlots& other) const noexcept {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const std::uint32_t word = slots_[i].load(std::memory_order_relaxed);
    if (word > tombstone) {
      other.place(records_[word & place_mask]);
    }
  }
}

}  // namespace culvert
