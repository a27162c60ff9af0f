// SPDX-License-Identifier: BSD-3-Clause
// slowpath: checksums over what an mbuf holds.
#pragma once

#include <cstdint>

#include <rte_mbuf.h>

namespace culvert {

/// One's complement sum of what stands behind the first `offset` bytes of the packet, in all its
/// segments, and of `sum`. (rte_raw_cksum_mbuf loses carries behind a segment of odd length.)
[[nodiscard]] std::uint16_t sum_behind(const rte_mbuf* m, std::uint32_t offset,
                                       std::uint64_t sum) noexcept;

}  // namespace culvert
