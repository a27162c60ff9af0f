// SPDX-License-Identifier: BSD-3-Clause
// net: the maximum segment size that a TCP SYN announces (RFC 9293 section 3.7.1), lowered on its
// way so that no segment has to be fragmented. No DPDK.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace culvert {

/// Lowers the MSS option of the SYN in an IPv4 or IPv6 packet to `limit` bytes, the TCP checksum
/// with it; never raises it. Anything else is left as it is: other packets, fragments but the
/// first, what announces no MSS or is malformed. `packet` is the packet as far as it is contiguous;
/// its IP header has been checked. True if it was changed.
bool clamp_tcp_mss(std::span<std::byte> packet, std::uint16_t limit) noexcept;

}  // namespace culvert
