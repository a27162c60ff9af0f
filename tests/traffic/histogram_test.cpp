// SPDX-License-Identifier: BSD-3-Clause
#include "culvert-traffic/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace culvert::traffic {
namespace {

constexpr std::array shares{0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0};

/// The smallest value that this share of all does not exceed.
std::uint64_t truth(const std::vector<std::uint64_t>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted.at(std::max<std::size_t>(rank, 1) - 1);
}

void check(std::vector<std::uint64_t> values) {
  Histogram histogram;
  for (const std::uint64_t value : values) {
    histogram.add(value);
  }
  std::ranges::sort(values);
  EXPECT_EQ(histogram.total(), values.size());
  EXPECT_EQ(histogram.least(), values.front());
  EXPECT_EQ(histogram.most(), values.back());
  for (const double share : shares) {
    const auto expected = static_cast<double>(truth(values, share));
    EXPECT_NEAR(static_cast<double>(histogram.quantile(share)), expected, expected * 0.005)
        << share;
  }
}

TEST(Histogram, QuantilesAreThoseOfSortedValues) {
  std::mt19937_64 random(1);
  for (const double median : {10.0, 1e3, 1e5, 1e9}) {
    std::lognormal_distribution<double> values(std::log(median), 1.5);
    std::vector<std::uint64_t> drawn(100'000);
    std::ranges::generate(drawn, [&] { return static_cast<std::uint64_t>(values(random)); });
    check(drawn);
  }
}

TEST(Histogram, EveryMagnitude) {
  for (unsigned bit = 0; bit < 64; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    for (const std::uint64_t value : {power - 1, power, power + power / 3}) {
      check({value});
      check({value, value, value / 2, UINT64_MAX / 4});
    }
  }
  check({0, 0, 1, UINT64_MAX});
}

TEST(Histogram, SmallValuesAreExact) {
  Histogram histogram;
  for (std::uint64_t value = 0; value < 256; ++value) {
    histogram.add(value);
  }
  for (std::uint64_t value = 0; value < 256; ++value) {
    EXPECT_EQ(histogram.quantile(static_cast<double>(value + 1) / 256), value);
  }
  EXPECT_DOUBLE_EQ(histogram.mean(), 127.5);
}

TEST(Histogram, NothingCounted) {
  Histogram histogram;
  histogram.add(7);
  histogram.clear();
  EXPECT_EQ(histogram.total(), 0U);
  EXPECT_EQ(histogram.least(), 0U);
  EXPECT_EQ(histogram.most(), 0U);
  EXPECT_EQ(histogram.quantile(0.5), 0U);
  EXPECT_EQ(histogram.mean(), 0);
}

}  // namespace
}  // namespace culvert::traffic
