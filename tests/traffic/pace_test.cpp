// SPDX-License-Identifier: BSD-3-Clause
#include "culvert-traffic/pace.hpp"

#include <gtest/gtest.h>

namespace culvert::traffic {
namespace {

constexpr std::uint64_t frequency = 2'000'000'000;
constexpr std::uint64_t start = 123'456'789'012;

TEST(Pace, SendsTheRateHoweverOftenItIsAsked) {
  for (const double rate : {1.0, 999.5, 148'809.5, 14'880'952.0}) {
    Pace pace(rate, frequency, start);
    std::uint64_t sent = 0;
    for (std::uint64_t now = start; now <= start + frequency; now += 1009) {
      sent += pace.take(now, 32);
    }
    EXPECT_NEAR(static_cast<double>(sent), rate, 1 + rate * 1e-5);
    EXPECT_EQ(pace.skipped(), 0U);
  }
}

TEST(Pace, NothingIsDueAtTheStart) {
  Pace pace(1e6, frequency, start);
  EXPECT_EQ(pace.take(start, 32), 0U);
  EXPECT_EQ(pace.until_next(start), 2000U);
  EXPECT_EQ(pace.take(start + 1999, 32), 0U);
  EXPECT_EQ(pace.take(start + 2000, 32), 1U);
  EXPECT_EQ(pace.until_next(start + 2500), 1500U);
  EXPECT_EQ(pace.until_next(start + 5000), 0U);
}

TEST(Pace, MakesUpForALittleAndSkipsTheRest) {
  Pace pace(1e6, frequency, start);
  const std::uint64_t now = start + frequency / 100;  // 10,000 packets
  std::uint64_t sent = 0;
  while (const unsigned count = pace.take(now, 32)) {
    EXPECT_LE(count, 32U);
    sent += count;
  }
  EXPECT_EQ(sent, 512U);
  EXPECT_EQ(pace.skipped(), 10'000U - 512U);
  EXPECT_EQ(pace.take(now + 2000, 32), 1U);
}

TEST(Pace, NoRateNoLimit) {
  Pace pace(0, frequency, start);
  EXPECT_FALSE(pace.is_limited());
  EXPECT_EQ(pace.take(start, 32), 32U);
  EXPECT_EQ(pace.take(start, 32), 32U);
  EXPECT_EQ(pace.until_next(start), 0U);
}

}  // namespace
}  // namespace culvert::traffic
