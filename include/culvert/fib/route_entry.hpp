// SPDX-License-Identifier: BSD-3-Clause
// fib: one word of a RouteTable. No DPDK here.
#pragma once

#include <atomic>
#include <cstdint>

#include "culvert/fib/next_hop_id.hpp"

namespace culvert {

/// A next hop and the length of the route that it comes from, or a group of 256 further entries:
/// 1 bit group, 7 bits length − 1, 24 bits next hop or group. Zero: no route stands here.
class RouteEntry {
 public:
  constexpr RouteEntry() noexcept = default;
  [[nodiscard]] static constexpr RouteEntry route(unsigned length, NextHopId id) noexcept {
    return RouteEntry{((length - 1U) << index_bits) | id};
  }
  [[nodiscard]] static constexpr RouteEntry group(std::uint32_t index) noexcept {
    return RouteEntry{group_flag | length_mask | index};
  }

  [[nodiscard]] constexpr bool is_group() const noexcept { return (word_ & group_flag) != 0; }
  /// 0 where no route stands.
  [[nodiscard]] constexpr NextHopId id() const noexcept { return word_ & index_mask; }
  /// 1 where no route stands, 128 for a group.
  [[nodiscard]] constexpr unsigned length() const noexcept {
    return ((word_ & length_mask) >> index_bits) + 1U;
  }
  [[nodiscard]] constexpr std::uint32_t group() const noexcept { return word_ & index_mask; }
  /// Where in the array of all groups the entry for the next byte of the address stands.
  [[nodiscard]] constexpr std::uint32_t next(std::uint32_t byte) const noexcept {
    return (word_ << 8U) | byte;
  }

 private:
  static constexpr unsigned index_bits = 24;
  static constexpr std::uint32_t index_mask = 0x00ffffffU;
  static constexpr std::uint32_t length_mask = 0x7f000000U;
  static constexpr std::uint32_t group_flag = 0x80000000U;

  constexpr explicit RouteEntry(std::uint32_t word) noexcept : word_(word) {}

  std::uint32_t word_ = 0;
};
static_assert(std::atomic<RouteEntry>::is_always_lock_free);

}  // namespace culvert
