// SPDX-License-Identifier: BSD-3-Clause
// PrefixMap beside one std::map: the same prefixes come and go, and are found in the same order.
#include "culvert/control/prefix_map.hpp"

#include <array>
#include <bit>
#include <map>
#include <random>

#include <gtest/gtest.h>

namespace culvert::test {
namespace {

template <typename Address>
class PrefixMapTest : public testing::Test {
 protected:
  using Oracle = std::map<Prefix<Address>, int, RouteOrder<Address>>;

  /// Few enough different ones that many are met again, at both ends of the address space too.
  Prefix<Address> any_prefix() {
    std::array<std::uint8_t, sizeof(Address)> bytes{};
    for (std::size_t i = 0; i < 4; ++i) {
      constexpr std::array<std::uint8_t, 4> some{0x00, 0x01, 0x80, 0xff};
      bytes[i] = some[random_() % some.size()];
    }
    return Prefix<Address>::of(std::bit_cast<Address>(bytes),
                               static_cast<unsigned>(random_() % (Address::bits + 1)));
  }

  void expect_same(typename PrefixMap<Address, int>::Iterator it,
                   typename Oracle::const_iterator expected) {
    for (; expected != oracle_.end(); ++it, ++expected) {
      ASSERT_NE(it, map_.end());
      ASSERT_EQ(it->first, expected->first);
      ASSERT_EQ(it->second, expected->second);
    }
    ASSERT_EQ(it, map_.end());
  }

  void make(const Prefix<Address>& prefix, int content) {
    const auto [value, fresh] = map_.at(prefix);
    const auto [position, expected] = oracle_.try_emplace(prefix);
    ASSERT_EQ(fresh, expected);
    value = position->second = content;
  }
  void erase(const Prefix<Address> prefix) {  // by value: it may be the oracle's own
    map_.erase(prefix);
    oracle_.erase(prefix);
  }
  void expect_same_there(const Prefix<Address>& prefix) {
    const auto expected = oracle_.find(prefix);
    ASSERT_EQ(map_.find(prefix) != nullptr, expected != oracle_.end());
    ASSERT_EQ(map_.value(prefix) != nullptr, expected != oracle_.end());
    if (expected != oracle_.end()) {
      ASSERT_EQ(map_.find(prefix)->first, prefix);
      ASSERT_EQ(*map_.value(prefix), expected->second);
    }
  }
  void expect_same_from(const Prefix<Address>& prefix) {
    expect_same(map_.begin(), oracle_.begin());
    expect_same(map_.lower_bound(prefix), oracle_.lower_bound(prefix));
    expect_same(map_.upper_bound(prefix), oracle_.upper_bound(prefix));
  }

  std::mt19937 random_{7};
  PrefixMap<Address, int> map_;
  Oracle oracle_;
};

using Families = testing::Types<Ipv4Address, Ipv6Address>;
TYPED_TEST_SUITE(PrefixMapTest, Families);

TYPED_TEST(PrefixMapTest, IsOneOrderedMap) {
  for (int i = 1; i <= 4000; ++i) {
    if (i % 4 == 0) {
      this->erase(this->any_prefix());
    } else {
      this->make(this->any_prefix(), i);
    }
    this->expect_same_there(this->any_prefix());
    if (i % 50 == 0) {
      this->expect_same_from(this->any_prefix());
    }
  }
}

TYPED_TEST(PrefixMapTest, ShrinksToNothingAndGrowsAgain) {
  for (int round = 0; round < 2; ++round) {
    for (int i = 1; i <= 3000; ++i) {
      this->make(this->any_prefix(), i);
    }
    // In an order of its own, so that blocks end from within and from both sides.
    while (!this->oracle_.empty()) {
      const auto from = this->any_prefix();
      for (int i = 0; i < 100 && !this->oracle_.empty(); ++i) {
        const auto next = this->oracle_.lower_bound(from);
        this->erase(next == this->oracle_.end() ? this->oracle_.begin()->first : next->first);
      }
      this->expect_same_from(this->any_prefix());
    }
  }
}

TYPED_TEST(PrefixMapTest, ValuesStayWhereTheyAre) {
  const auto first = this->any_prefix();
  this->make(first, 0);
  const int* const value = this->map_.value(first);
  for (int i = 1; i <= 3000; ++i) {
    this->make(this->any_prefix(), i);
  }
  this->erase(this->oracle_.begin()->first);
  EXPECT_EQ(this->map_.value(first), value);
}

}  // namespace
}  // namespace culvert::test
