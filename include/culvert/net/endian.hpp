// SPDX-License-Identifier: BSD-3-Clause
// net: integers in network byte order. This room includes no DPDK.
#pragma once

#include <bit>
#include <compare>
#include <concepts>
#include <cstdint>

namespace culvert {

template <std::unsigned_integral T>
[[nodiscard]] constexpr T byte_swap(T value) noexcept {
  if constexpr (sizeof(T) == 2) {
    return static_cast<T>(__builtin_bswap16(value));
  } else if constexpr (sizeof(T) == 4) {
    return __builtin_bswap32(value);
  } else {
    static_assert(sizeof(T) == 8);
    return __builtin_bswap64(value);
  }
}

/// An unsigned integer in network byte order, as it stands in a header: alignment 1, no arithmetic,
/// explicit both ways, so that a forgotten swap does not compile. One integer, not an array of
/// bytes, which a compiler would keep in memory wherever it stands in another type.
template <std::unsigned_integral T>
class [[gnu::packed, gnu::may_alias]] BigEndian {
 public:
  constexpr BigEndian() noexcept = default;
  /// From a value in host byte order.
  constexpr explicit BigEndian(T host) noexcept : raw_(swapped(host)) {}

  /// The value in host byte order.
  [[nodiscard]] constexpr T host() const noexcept {
    return swapped(raw_);
  }
  /// The value as the machine loads it, bytes unswapped: for hashing and comparing.
  [[nodiscard]] constexpr T raw() const noexcept {
    return raw_;
  }

  [[nodiscard]] friend constexpr bool operator==(BigEndian a, BigEndian b) noexcept {
    return a.raw() == b.raw();
  }
  [[nodiscard]] friend constexpr auto operator<=>(BigEndian a, BigEndian b) noexcept {
    return a.host() <=> b.host();
  }

 private:
  static constexpr T swapped(T value) noexcept {
    return std::endian::native == std::endian::little ? byte_swap(value) : value;
  }

  T raw_ = 0;
};

using be16 = BigEndian<std::uint16_t>;
using be32 = BigEndian<std::uint32_t>;
using be64 = BigEndian<std::uint64_t>;

static_assert(sizeof(be32) == 4 && alignof(be32) == 1);

}  // namespace culvert
