// SPDX-License-Identifier: BSD-3-Clause
// tests/support: the same frame in every shape that mbufs can give it.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <rte_mbuf.h>

#include "support/bytes.hpp"

namespace culvert::test {

/// How a frame lies in mbufs. All headroom (and what is behind the data) is filled with 0xa5.
struct Layout {
  enum class Storage {
    pool,    ///< in the mbuf's own buffer
    heap,    ///< attached, of exactly its size, so that AddressSanitizer sees it
    shared,  ///< in the buffer of another mbuf, which must not change
  };
  Storage storage = Storage::pool;
  std::vector<std::size_t> cuts{};  ///< where a segment ends and the next begins, rising
  std::uint16_t headroom = RTE_PKTMBUF_HEADROOM;
};
[[nodiscard]] std::string to_string(const Layout& layout);

/// Calls `use` with many layouts of a frame of this size: one segment in each storage; two, cut
/// anywhere; three, of which the middle one has a single byte or half of the rest.
void for_each_layout(std::size_t size, const std::function<void(const Layout&)>& use);

/// Throws std::system_error when the pool is empty.
[[nodiscard]] rte_mbuf* make_mbuf(rte_mempool* pool, const Bytes& frame, const Layout& layout = {});

/// All bytes of a packet, from all its segments, and `before` bytes more that stand before it.
[[nodiscard]] Bytes contents(const rte_mbuf* m, std::size_t before = 0);

}  // namespace culvert::test
