// SPDX-License-Identifier: BSD-3-Clause
#include "histogram.hpp"

#include <algorithm>
#include <cmath>

namespace culvert::traffic {

void Histogram::clear() noexcept {
  std::ranges::fill(counts_, 0);
  total_ = 0;
  sum_ = 0;
  least_ = std::numeric_limits<std::uint64_t>::max();
  most_ = 0;
}

double Histogram::mean() const noexcept {
  return total_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(total_);
}

std::uint64_t Histogram::value_of(std::size_t bucket) noexcept {
  if (bucket < linear) {
    return bucket;
  }
  const std::size_t shift = (bucket >> bits) - 1;
  const std::uint64_t first = ((bucket & ((1U << bits) - 1)) + (1U << bits)) << shift;
  return first + (std::uint64_t{1} << shift) / 2;
}

std::uint64_t Histogram::quantile(double share) const noexcept {
  const auto wanted = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total_))));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    seen += counts_[bucket];
    if (seen >= wanted) {
      return std::clamp(value_of(bucket), least_, most_);
    }
  }
  return most();
}

}  // namespace culvert::traffic
