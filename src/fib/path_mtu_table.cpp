// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/fib/path_mtu_table.hpp"

namespace culvert {

std::optional<PathMtuEntry> PathMtuTable::put(const PathMtuEntry& entry,
                                              std::uint16_t now) noexcept {
  const auto left = [now](std::uint64_t word) {
    return static_cast<std::int16_t>(unpack(word).expires - now);
  };
  Slot* const bucket = at(bucket_of(entry.remote));
  Slot* place = bucket;
  for (std::size_t i = 0; i < ways; ++i) {
    const std::uint64_t word = bucket[i].load(std::memory_order_relaxed);
    const std::uint64_t best = place->load(std::memory_order_relaxed);
    if (is_of(word, entry.remote)) {
      bucket[i].store(pack(entry), std::memory_order_relaxed);
      return std::nullopt;
    }
    if (best != 0 && (word == 0 || left(word) < left(best))) {
      place = &bucket[i];
    }
  }
  const std::uint64_t before = place->exchange(pack(entry), std::memory_order_relaxed);
  if (before != 0) {
    return unpack(before);
  }
  size_.fetch_add(1, std::memory_order_relaxed);
  return std::nullopt;
}

void PathMtuTable::erase(Ipv4Address remote) noexcept {
  Slot* const bucket = at(bucket_of(remote));
  for (std::size_t i = 0; i < ways; ++i) {
    if (is_of(bucket[i].load(std::memory_order_relaxed), remote)) {
      bucket[i].store(0, std::memory_order_relaxed);
      size_.fetch_sub(1, std::memory_order_relaxed);
      return;
    }
  }
}

void PathMtuTable::clear() noexcept {
  for (std::size_t i = 0; i < slots_.size() && size() != 0; ++i) {
    if (slots_[i].load(std::memory_order_relaxed) != 0) {
      slots_[i].store(0, std::memory_order_relaxed);
      size_.fetch_sub(1, std::memory_order_relaxed);
    }
  }
}

}  // namespace culvert
