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

  std::mt19937 random_{7};
  PrefixMap<Address, int> map_;
  Oracle oracle_;
};

using Families = testing::Types<Ipv4Address, Ipv6Address>;
TYPED_TEST_SUITE(PrefixMapTest, Families);

TYPED_TEST(PrefixMapTest, IsOneOrderedMap) {
  this->expect_same(this->map_.begin(), this->oracle_.begin());
  for (int i = 1; i <= 2000; ++i) {
    const auto prefix = this->any_prefix();
    if (i % 3 == 0) {
      this->map_.erase(prefix);
      this->oracle_.erase(prefix);
    } else {
      const auto [value, fresh] = this->map_.at(prefix);
      const auto [position, expected] = this->oracle_.try_emplace(prefix);
      ASSERT_EQ(fresh, expected);
      value = position->second = i;
    }
    const auto wanted = this->any_prefix();
    const auto found = this->oracle_.find(wanted);
    ASSERT_EQ(this->map_.find(wanted) != nullptr, found != this->oracle_.end());
    ASSERT_EQ(this->map_.value(wanted) != nullptr, found != this->oracle_.end());
    if (i % 50 == 0) {
      this->expect_same(this->map_.begin(), this->oracle_.begin());
      this->expect_same(this->map_.lower_bound(wanted), this->oracle_.lower_bound(wanted));
      this->expect_same(this->map_.upper_bound(wanted), this->oracle_.upper_bound(wanted));
    }
  }
}

}  // namespace
}  // namespace culvert::test
