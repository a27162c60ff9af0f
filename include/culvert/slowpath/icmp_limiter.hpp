// SPDX-License-Identifier: BSD-3-Clause
// slowpath: how many ICMP errors may be sent (RFC 1812 section 4.3.2.8, RFC 4443 section 2.4 f).
// Control thread only.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <span>

#include "culvert/slowpath/neighbours.hpp"

namespace culvert {

/// Tokens that come at a steady rate, up to a few saved up. A rate of 0 lifts the limit.
struct TokenRate {
  unsigned per_second;
  unsigned burst;
};

/// The defaults are Linux's icmp_msgs_per_sec, icmp_msgs_burst and icmp_ratelimit.
struct IcmpLimits {
  TokenRate all{1000, 50};
  TokenRate each{1, 6};  ///< to one destination
};

/// A token bucket as one time: when it will be full again.
class TokenBucket {
 public:
  [[nodiscard]] bool has_token(const TokenRate& rate, Time now) const noexcept {
    return rate.per_second == 0 || full_ + interval(rate) <= now + interval(rate) * rate.burst;
  }
  void take(const TokenRate& rate, Time now) noexcept {
    if (rate.per_second != 0) {
      full_ = std::max(full_, now) + interval(rate);
    }
  }

 private:
  [[nodiscard]] static Clock::duration interval(const TokenRate& rate) noexcept {
    return Clock::duration{std::chrono::seconds{1}} / rate.per_second;
  }
  Time full_{};
};

class IcmpLimiter {
 public:
  explicit IcmpLimiter(const IcmpLimits& limits) noexcept : limits_(limits) {}

  /// Takes a token of each bucket that counts, or none and says no. `about_size` (fragmentation
  /// needed, packet too big) does without the destination's: a path's MTU must come through.
  [[nodiscard]] bool allow(std::span<const std::byte> destination, bool about_size,
                           Time now) noexcept;

 private:
  // Destinations share a bucket now and then: that costs less than a table that can be filled up.
  static constexpr std::size_t bucket_count = 4096;

  IcmpLimits limits_;
  TokenBucket all_;
  std::array<TokenBucket, bucket_count> each_{};
};

}  // namespace culvert
