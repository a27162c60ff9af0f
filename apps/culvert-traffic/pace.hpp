// SPDX-License-Identifier: BSD-3-Clause
// culvert-traffic: when how many packets are due. No DPDK here.
#pragma once

#include <algorithm>
#include <cstdint>

namespace culvert::traffic {

/// Packets at an even rate from `start` on, all times in cycles. Whoever comes late makes up for
/// it, but only for so many packets as a ring can take at once; the others are skipped.
class Pace {
 public:
  /// `rate` in packets a second; 0 for as many as can be.
  Pace(double rate, std::uint64_t frequency, std::uint64_t start) noexcept
      : per_cycle_(rate / static_cast<double>(frequency)),
        most_behind_(std::max<std::uint64_t>(512, static_cast<std::uint64_t>(rate / 2000))),
        start_(start) {}

  [[nodiscard]] bool is_limited() const noexcept { return per_cycle_ > 0; }

  /// How many of `limit` are due now: they count as sent.
  [[nodiscard]] unsigned take(std::uint64_t now, unsigned limit) noexcept {
    if (!is_limited()) {
      return limit;
    }
    const auto target = static_cast<std::uint64_t>(static_cast<double>(now - start_) * per_cycle_);
    if (target > taken_ + most_behind_) {
      skipped_ += target - taken_ - most_behind_;
      taken_ = target - most_behind_;
    }
    const auto due = static_cast<unsigned>(std::min<std::uint64_t>(target - taken_, limit));
    taken_ += due;
    return due;
  }

  /// Cycles until a packet is due, 0 where one is already.
  [[nodiscard]] std::uint64_t until_next(std::uint64_t now) const noexcept {
    const auto at = start_ + static_cast<std::uint64_t>(static_cast<double>(taken_ + 1) /
                                                        std::max(per_cycle_, 1e-18));
    return is_limited() && at > now ? at - now : 0;
  }
  [[nodiscard]] std::uint64_t skipped() const noexcept { return skipped_; }

 private:
  double per_cycle_;
  std::uint64_t most_behind_;
  std::uint64_t start_;
  std::uint64_t taken_ = 0;
  std::uint64_t skipped_ = 0;
};

}  // namespace culvert::traffic
