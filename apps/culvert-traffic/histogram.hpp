// SPDX-License-Identifier: BSD-3-Clause
// culvert-traffic: how often which value occurred, in bounded memory. No DPDK here.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace culvert::traffic {

/// Log-linear: exact below 256, then 128 buckets in each power of two, so that what it answers is
/// within 1 % (half a bucket: 0.4 %) of a value that occurred.
class Histogram {
 public:
  void add(std::uint64_t value) noexcept {
    ++counts_[bucket_of(value)];
    ++total_;
    sum_ += value;
    least_ = value < least_ ? value : least_;
    most_ = value > most_ ? value : most_;
  }
  void clear() noexcept;

  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
  /// Exact, as the mean is. 0 where there are no values.
  [[nodiscard]] std::uint64_t least() const noexcept { return total_ == 0 ? 0 : least_; }
  [[nodiscard]] std::uint64_t most() const noexcept { return most_; }
  [[nodiscard]] double mean() const noexcept;
  /// The smallest value that at least this share (0 to 1) of all values do not exceed.
  [[nodiscard]] std::uint64_t quantile(double share) const noexcept;

 private:
  static constexpr unsigned bits = 7;
  static constexpr std::uint64_t linear = std::uint64_t{2} << bits;  // values with buckets alone
  static constexpr std::size_t buckets = linear + (64 - bits - 1) * (std::size_t{1} << bits);

  [[nodiscard]] static constexpr std::size_t bucket_of(std::uint64_t value) noexcept {
    if (value < linear) {
      return value;
    }
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - bits - 1;
    return (std::size_t{shift} << bits) + (value >> shift);
  }
  /// The middle of a bucket.
  [[nodiscard]] static std::uint64_t value_of(std::size_t bucket) noexcept;

  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(buckets);
  std::uint64_t total_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t least_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t most_ = 0;
};

}  // namespace culvert::traffic
