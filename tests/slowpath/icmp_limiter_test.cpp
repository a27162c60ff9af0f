// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/icmp_limiter.hpp"

#include <gtest/gtest.h>

#include "support/bytes.hpp"

namespace culvert::test {
namespace {

using namespace std::chrono_literals;

const Time start = Time{} + 1000s;

int allowed(IcmpLimiter& limiter, const Bytes& destination, int tries, Time now,
            bool about_size = false) {
  int count = 0;
  for (int i = 0; i < tries; ++i) {
    count += limiter.allow(destination, about_size, now) ? 1 : 0;
  }
  return count;
}

Bytes host(int number) {
  return bytes_of(be32{0x0a000000U + static_cast<std::uint32_t>(number)});
}

TEST(IcmpLimiter, SixToOneDestinationThenOneASecond) {  // Linux's XRLIM_BURST_FACTOR
  IcmpLimiter limiter({});
  EXPECT_EQ(allowed(limiter, host(1), 20, start), 6);
  EXPECT_EQ(allowed(limiter, host(1), 20, start + 999ms), 0);
  EXPECT_EQ(allowed(limiter, host(1), 20, start + 1s), 1);
  EXPECT_EQ(allowed(limiter, host(1), 20, start + 3s), 2);
  EXPECT_EQ(allowed(limiter, host(1), 20, start + 100s), 6);
}

TEST(IcmpLimiter, FiftyInAllThenOneAMillisecond) {
  IcmpLimiter limiter({});
  int count = 0;
  for (int i = 0; i < 200; ++i) {
    count += allowed(limiter, host(i), 1, start);
  }
  EXPECT_EQ(count, 50);
  EXPECT_EQ(allowed(limiter, host(300), 5, start + 1ms), 1);
}

TEST(IcmpLimiter, ADestinationThatIsRefusedCostsTheOthersNothing) {
  IcmpLimiter limiter({});
  allowed(limiter, host(1), 1000, start);
  int count = 0;
  for (int i = 2; i < 100; ++i) {
    count += allowed(limiter, host(i), 1, start);
  }
  EXPECT_EQ(count, 44);
}

TEST(IcmpLimiter, ErrorsAboutSizeNeedNoTokenOfTheDestination) {
  IcmpLimiter limiter({});
  EXPECT_EQ(allowed(limiter, host(1), 20, start, true), 20);
  EXPECT_EQ(allowed(limiter, host(1), 20, start), 6);
  EXPECT_EQ(allowed(limiter, host(1), 100, start, true), 24) << "50 in all";
}

TEST(IcmpLimiter, BothCanBeLifted) {
  IcmpLimiter limiter({.all = {0, 0}, .each = {0, 0}});
  EXPECT_EQ(allowed(limiter, host(1), 10'000, start), 10'000);
}

TEST(IcmpLimiter, EachAlone) {
  IcmpLimiter without_each({.each = {0, 0}});
  EXPECT_EQ(allowed(without_each, host(1), 100, start), 50);
  IcmpLimiter without_all({.all = {0, 0}});
  EXPECT_EQ(allowed(without_all, host(1), 100, start), 6);
}

TEST(IcmpLimiter, FullFromTheVeryFirstMoment) {
  IcmpLimiter limiter({});
  EXPECT_EQ(allowed(limiter, host(1), 20, Time{}), 6);
}

}  // namespace
}  // namespace culvert::test
