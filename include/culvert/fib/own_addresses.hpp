// SPDX-License-Identifier: BSD-3-Clause
// fib: a filter in front of the question whether an address is one of ours, which every packet is
// asked about its source. No DPDK here.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "culvert/net/address.hpp"

namespace culvert {

/// Says "no" at once for nearly all addresses that are not ours; "maybe" is for the route table to
/// settle. Any number of threads ask while one thread changes it. 512 bytes that they read.
class OwnAddresses {
 public:
  template <typename Address>
  [[nodiscard]] bool may_have(const Address& address) const noexcept {
    const std::uint32_t at = place(address);
    return (words_[at / 64].load(std::memory_order_relaxed) >> (at % 64) & 1U) != 0;
  }

  // For the control thread: each address as often in as out.

  template <typename Address>
  void add(const Address& address) noexcept {
    const std::uint32_t at = place(address);
    if (users_[at]++ == 0) {
      words_[at / 64].fetch_or(std::uint64_t{1} << (at % 64), std::memory_order_relaxed);
    }
  }
  template <typename Address>
  void remove(const Address& address) noexcept {
    const std::uint32_t at = place(address);
    if (--users_[at] == 0) {
      words_[at / 64].fetch_and(~(std::uint64_t{1} << (at % 64)), std::memory_order_relaxed);
    }
  }

 private:
  static constexpr unsigned place_bits = 12;

  // Multiplied by the golden ratio, the high bits of the product depend on all of the address.
  [[nodiscard]] static std::uint32_t place(Ipv4Address address) noexcept {
    return address.value.raw() * 0x9e3779b1U >> (32U - place_bits);
  }
  [[nodiscard]] static std::uint32_t place(const Ipv6Address& address) noexcept {
    const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(address);
    const std::uint64_t product = (halves[0] * 3 + halves[1]) * 0x9e3779b97f4a7c15U;
    return static_cast<std::uint32_t>(product >> (64U - place_bits));
  }

  std::array<std::atomic<std::uint64_t>, (std::size_t{1} << place_bits) / 64> words_{};
  std::array<std::uint32_t, std::size_t{1} << place_bits> users_{};
};

}  // namespace culvert
