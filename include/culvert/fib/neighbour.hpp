// SPDX-License-Identifier: BSD-3-Clause
// fib: one L2 next hop, as workers read it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "culvert/net/address.hpp"

namespace culvert {

/// What workers need to know of a neighbour's state; the protocol's own states stay with the slow
/// path.
enum class Reachability : std::uint8_t {
  unresolved,  ///< no MAC: packets go to the slow path, which asks and holds them
  ready,       ///< send
  idle,        ///< send, and turn it to `ready`, so that the slow path sees that it is in use
};

/// A MAC address and 16 bits in one word that is read and written at once.
class MacWord {
 public:
  constexpr MacWord() noexcept = default;
  constexpr explicit MacWord(std::uint64_t word) noexcept : word_(word) {}
  MacWord(const MacAddress& mac, std::uint16_t extra) noexcept {
    std::memcpy(&word_, mac.bytes.data(), mac.bytes.size());
    word_ |= static_cast<std::uint64_t>(extra) << 48U;
  }
  /// The address at the start of a frame of at least 8 bytes; `extra` is what stands behind it.
  [[nodiscard]] static MacWord read(const std::byte* frame) noexcept {
    MacWord result;
    std::memcpy(&result.word_, frame, sizeof result.word_);
    return result;
  }

  [[nodiscard]] constexpr bool has_mac_of(MacWord other) const noexcept {
    return (word_ ^ other.word_) << 16U == 0;
  }
  [[nodiscard]] constexpr std::uint64_t word() const noexcept { return word_; }
  [[nodiscard]] constexpr std::uint16_t extra() const noexcept {
    return static_cast<std::uint16_t>(word_ >> 48U);
  }
  [[nodiscard]] MacAddress mac() const noexcept {
    MacAddress result;
    std::memcpy(result.bytes.data(), &word_, result.bytes.size());
    return result;
  }

 private:
  std::uint64_t word_ = 0;  // the MAC's six bytes in memory order, then `extra`
};
static_assert(std::endian::native == std::endian::little,
              "MacWord keeps `extra` in the high bytes");

/// Written by the control thread, except that a worker may turn `idle` to `ready`.
struct alignas(32) Neighbour {
  std::atomic<std::uint64_t> destination{0};  ///< MacWord: its MAC and Reachability
  std::atomic<std::uint64_t> source{0};       ///< MacWord: our MAC and the index of the port
};

}  // namespace culvert
