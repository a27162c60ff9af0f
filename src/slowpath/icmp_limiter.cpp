// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/icmp_limiter.hpp"

#include <functional>
#include <string_view>

namespace culvert {

bool IcmpLimiter::allow(std::span<const std::byte> destination, bool about_size,
                        Time now) noexcept {
  const std::string_view key{reinterpret_cast<const char*>(destination.data()), destination.size()};
  TokenBucket& own = each_[std::hash<std::string_view>{}(key) % bucket_count];
  if (!all_.has_token(limits_.all, now) || (!about_size && !own.has_token(limits_.each, now))) {
    return false;
  }
  all_.take(limits_.all, now);
  if (!about_size) {
    own.take(limits_.each, now);
  }
  return true;
}

}  // namespace culvert
