// SPDX-License-Identifier: BSD-3-Clause
#include "culvert-traffic/order.hpp"

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace culvert::traffic {
namespace {

using enum Order::Arrival;

std::vector<Order::Arrival> arrivals(const std::vector<std::uint32_t>& numbers) {
  Order order(1);
  std::vector<Order::Arrival> result;
  for (const std::uint32_t number : numbers) {
    result.push_back(order.arrive(0, number));
  }
  return result;
}

using Arrivals = std::vector<Order::Arrival>;

TEST(Order, InOrder) {
  EXPECT_EQ(arrivals({0, 1, 2, 3}), (Arrivals{in_order, in_order, in_order, in_order}));
}

TEST(Order, LossIsNoDisorder) {
  EXPECT_EQ(arrivals({5, 7, 1000}), (Arrivals{in_order, in_order, in_order}));
}

/// RFC 4737 section 8.1, figure 1: of 1 2 3 7 8 9 10 4 5 6 11, packets 4, 5 and 6 are reordered.
TEST(Order, ExampleOfRfc4737) {
  EXPECT_EQ(arrivals({1, 2, 3, 7, 8, 9, 10, 4, 5, 6, 11}),
            (Arrivals{in_order, in_order, in_order, in_order, in_order, in_order, in_order,
                      reordered, reordered, reordered, in_order}));
}

TEST(Order, Twice) {
  EXPECT_EQ(arrivals({0, 0, 2, 1, 1, 2, 0}), (Arrivals{in_order, duplicated, in_order, reordered,
                                                       duplicated, duplicated, duplicated}));
}

TEST(Order, OnlySixtyFourAreRemembered) {
  EXPECT_EQ(arrivals({0, 63, 0}).back(), duplicated);
  EXPECT_EQ(arrivals({0, 64, 0}).back(), reordered);
  EXPECT_EQ(arrivals({0, 62, 63, 1}).back(), reordered);
  EXPECT_EQ(arrivals({0, 1000, 999, 999}).back(), duplicated);
}

TEST(Order, NumbersWrap) {
  EXPECT_EQ(arrivals({0x7fffffff, 0xfffffffe, 0xffffffff, 0, 1, 0xffffffff, 1}),
            (Arrivals{in_order, in_order, in_order, in_order, in_order, duplicated, duplicated}));
}

TEST(Order, StreamsAreApart) {
  Order order(2);
  EXPECT_EQ(order.arrive(0, 9), in_order);
  EXPECT_EQ(order.arrive(1, 3), in_order);
  EXPECT_EQ(order.arrive(1, 3), duplicated);
  EXPECT_EQ(order.arrive(0, 3), reordered);
}

/// Against a set of all that has come.
TEST(Order, AnySequenceWithinTheWindow) {
  std::mt19937 random(1);
  for (unsigned round = 0; round < 200; ++round) {
    std::vector<std::uint32_t> numbers;
    for (std::uint32_t i = 0; i < 500; ++i) {
      for (auto copies = random() % 8; copies < 3 && copies != 2; ++copies) {
        numbers.push_back(i);  // lost, once, twice
      }
      numbers.push_back(i);
    }
    for (std::size_t i = 0; i + 16 <= numbers.size(); i += 16) {
      std::shuffle(numbers.begin() + static_cast<std::ptrdiff_t>(i),
                   numbers.begin() + static_cast<std::ptrdiff_t>(i) + 16, random);
    }
    std::set<std::uint32_t> seen;
    Order order(1);
    for (const std::uint32_t number : numbers) {
      const auto expected = seen.contains(number)                      ? duplicated
                            : !seen.empty() && number < *seen.rbegin() ? reordered
                                                                       : in_order;
      seen.insert(number);
      ASSERT_EQ(order.arrive(0, number), expected) << number;
    }
  }
}

}  // namespace
}  // namespace culvert::traffic
