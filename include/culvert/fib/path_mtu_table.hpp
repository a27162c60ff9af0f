// SPDX-License-Identifier: BSD-3-Clause
// fib: path MTUs that were learned, by the address that the path leads to. No DPDK here.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <nmmintrin.h>

#include "culvert/fib/lazy_array.hpp"
#include "culvert/net/address.hpp"

namespace culvert {

/// One path, in one word of the table.
struct PathMtuEntry {
  Ipv4Address remote;
  std::uint16_t mtu = 0;      ///< bytes of an outer IPv4 packet; never 0 in the table
  std::uint16_t expires = 0;  ///< a second, counted modulo 65536 from whenever its writer likes

  friend bool operator==(const PathMtuEntry&, const PathMtuEntry&) = default;
};

/// Of a fixed size: a place is one of the few in the cache line that the address hashes to. Any
/// number of threads look up, without locks, while one thread changes the table; a reader sees the
/// old or the new entry of a remote, never a part of one.
class PathMtuTable {
 public:
  static constexpr std::size_t ways = 8;  ///< entries in a bucket, which is one cache line
  /// Nothing was learned: as big as a packet can be.
  static constexpr std::uint16_t unknown = 0xffff;

  /// `capacity` is rounded up to a power of two.
  explicit PathMtuTable(std::size_t capacity)
      : slots_(std::bit_ceil(capacity < ways ? ways : capacity)) {}

  /// For workers: bytes of an outer packet that the path to `remote` takes, or `unknown`.
  [[nodiscard]] std::uint16_t lookup(Ipv4Address remote) const noexcept {
    if (size_.load(std::memory_order_relaxed) == 0) [[likely]] {
      return unknown;
    }
    const auto found = find(remote);
    return found ? found->mtu : unknown;
  }

  [[nodiscard]] std::optional<PathMtuEntry> find(Ipv4Address remote) const noexcept;

  // For the control thread.

  /// Enters or replaces. Where the bucket is full, of the others in it the one that expires first,
  /// as seen from the second `now`, gives way, and is returned.
  std::optional<PathMtuEntry> put(const PathMtuEntry& entry, std::uint16_t now) noexcept;
  void erase(Ipv4Address remote) noexcept;
  void clear() noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t buckets() const noexcept { return slots_.size() / ways; }
  /// Shows each entry of a bucket to `visitor(entry)`, which may erase it.
  template <typename Visitor>
  void visit(std::size_t bucket, Visitor visitor) const {
    for (std::size_t i = 0; i < ways; ++i) {
      if (const std::uint64_t word = at(bucket)[i].load(std::memory_order_relaxed); word != 0) {
        visitor(unpack(word));
      }
    }
  }

 private:
  using Slot = std::atomic<std::uint64_t>;

  [[nodiscard]] static std::uint64_t pack(const PathMtuEntry& entry) noexcept {
    return std::uint64_t{entry.remote.host()} << 32U | std::uint64_t{entry.mtu} << 16U |
           entry.expires;
  }
  [[nodiscard]] static PathMtuEntry unpack(std::uint64_t word) noexcept {
    return {Ipv4Address::from_host(static_cast<std::uint32_t>(word >> 32U)),
            static_cast<std::uint16_t>(word >> 16U), static_cast<std::uint16_t>(word)};
  }
  [[nodiscard]] std::size_t bucket_of(Ipv4Address remote) const noexcept {
    return _mm_crc32_u32(0, remote.host()) & (buckets() - 1);
  }
  [[nodiscard]] const Slot* at(std::size_t bucket) const noexcept {
    return slots_.data() + bucket * ways;
  }
  [[nodiscard]] Slot* at(std::size_t bucket) noexcept { return slots_.data() + bucket * ways; }
  [[nodiscard]] static bool is_of(std::uint64_t word, Ipv4Address remote) noexcept {
    return word != 0 && word >> 32U == remote.host();
  }

  // Relaxed throughout: each word stands for itself.
  std::atomic<std::size_t> size_{0};
  LazyArray<Slot> slots_;
};

inline std::optional<PathMtuEntry> PathMtuTable::find(Ipv4Address remote) const noexcept {
  const Slot* const bucket = at(bucket_of(remote));
  for (std::size_t i = 0; i < ways; ++i) {
    const std::uint64_t word = bucket[i].load(std::memory_order_relaxed);
    if (is_of(word, remote)) {
      return unpack(word);
    }
  }
  return std::nullopt;
}

}  // namespace culvert
