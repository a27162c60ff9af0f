// SPDX-License-Identifier: BSD-3-Clause
// tests/slowpath: mbufs whose data lies on the heap, in pieces of exactly their size, so that
// AddressSanitizer sees who reads beyond them; and a pool that counts what comes back.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "support/bytes.hpp"

namespace culvert::test {

class Mbufs {
 public:
  static constexpr unsigned count = 2048;

  Mbufs();
  ~Mbufs() = default;

  [[nodiscard]] rte_mempool* pool() const noexcept { return pool_.get(); }
  /// Those that are not in the pool.
  [[nodiscard]] unsigned missing() const noexcept {
    return count - rte_mempool_avail_count(pool_.get());
  }

  /// Headroom of the usual size, filled with 0xa5, then `before` at its end, then `data`. With
  /// `split`, data from there on is in a second segment.
  [[nodiscard]] rte_mbuf* make(const Bytes& data, const Bytes& before = {}, std::size_t split = 0);

 private:
  struct Free {
    void operator()(rte_mempool* pool) const noexcept { rte_mempool_free(pool); }
  };
  [[nodiscard]] rte_mbuf* make_segment(std::span<const std::byte> data,
                                       std::span<const std::byte> before, std::size_t headroom);

  std::unique_ptr<rte_mempool, Free> pool_;
};

/// All bytes of a packet, from all its segments.
[[nodiscard]] Bytes content_of(const rte_mbuf* m);

}  // namespace culvert::test
