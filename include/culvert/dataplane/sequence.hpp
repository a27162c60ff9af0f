// SPDX-License-Identifier: BSD-3-Clause
// dataplane: the sequence numbers of GRE tunnels (RFC 2890 section 2.2). Each tunnel that has them
// has one owner among the workers, so that they leave and are checked in order; no other worker
// touches them.
#pragma once

#include <cstdint>

namespace culvert {

[[nodiscard]] constexpr std::uint16_t owner_of(std::uint32_t tunnel,
                                               std::uint16_t workers) noexcept {
  return static_cast<std::uint16_t>(tunnel % workers);
}

/// Zero bytes are a tunnel that has neither sent nor received anything.
class TunnelSequence {
 public:
  [[nodiscard]] std::uint32_t take_next() noexcept { return next_++; }

  /// Whether a packet with this number is in order. Gaps are, and any first number; and any number
  /// behind the highest one, since Linux cannot tell the number 0 to expect from none.
  [[nodiscard]] bool accept(std::uint32_t number) noexcept {
    if (expected_ != 0 && static_cast<std::int32_t>(number - expected_) < 0) {
      return false;
    }
    expected_ = number + 1;
    return true;
  }

  /// By anybody, once the owner knows the tunnel no more.
  void clear() noexcept { next_ = expected_ = 0; }

 private:
  std::uint32_t next_ = 0;
  std::uint32_t expected_ = 0;
};

}  // namespace culvert
