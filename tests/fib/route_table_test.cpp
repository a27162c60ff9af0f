// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/fib/route_table.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <stdexcept>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "rib_oracle.hpp"

namespace culvert {
namespace {

using Random = std::independent_bits_engine<std::mt19937, 32, std::uint32_t>;

Ipv4Address any_address(Random& random, Ipv4Address) {
  return Ipv4Address::from_host(random());
}
Ipv6Address any_address(Random& random, Ipv6Address) {
  Ipv6Address result;
  std::generate(result.bytes.begin(), result.bytes.end(),
                [&] { return static_cast<std::uint8_t>(random()); });
  return result;
}

template <typename Address>
using Bytes = std::array<std::uint8_t, Address::bits / 8>;

/// The address after (or before) this one, wrapping round.
template <typename Address>
Address neighbour(const Address& address, bool after) {
  auto bytes = std::bit_cast<Bytes<Address>>(address);
  for (std::size_t i = bytes.size(); i-- > 0;) {
    const std::uint8_t stop = after ? 0xff : 0x00;
    const bool carries = bytes[i] == stop;
    bytes[i] = static_cast<std::uint8_t>(after ? bytes[i] + 1 : bytes[i] - 1);
    if (!carries) {
      break;
    }
  }
  return std::bit_cast<Address>(bytes);
}

/// The high `length` bits of `prefix`, the others of `rest`.
template <typename Address>
Address joined(const Address& prefix, unsigned length, const Address& rest) {
  auto result = std::bit_cast<Bytes<Address>>(prefix.masked(length));
  const auto low = std::bit_cast<Bytes<Address>>(rest);
  const auto mask = std::bit_cast<Bytes<Address>>(Address{}.filled(length));
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = static_cast<std::uint8_t>(result[i] | (low[i] & mask[i]));
  }
  return std::bit_cast<Address>(result);
}

/// A table, the routes in it as its caller keeps them, and the oracle.
template <typename Address>
class RouteTableTest : public testing::Test {
 protected:
  static constexpr std::size_t groups = 1U << 14U;

  void set(const Prefix<Address>& prefix, NextHopId id) {
    table.set(prefix, id);
    oracle.set(prefix, id);
    routes[prefix] = id;
  }
  void clear(const Prefix<Address>& prefix) {
    routes.erase(prefix);
    table.clear(prefix, cover_of(prefix));
    oracle.clear(prefix);
  }
  [[nodiscard]] std::optional<Cover> cover_of(const Prefix<Address>& prefix) const {
    for (unsigned length = prefix.length; length-- > 0;) {
      const auto route = routes.find(Prefix<Address>::of(prefix.address, length));
      if (route != routes.end()) {
        return Cover{length, route->second};
      }
    }
    return std::nullopt;
  }

  /// Compares at these addresses, one by one and all at once.
  void compare(const std::vector<Address>& keys) const {
    std::vector<NextHopId> found(keys.size());
    table.lookup(keys, found.data());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      ASSERT_EQ(found[i], oracle.lookup(keys[i])) << to_string(keys[i]);
      ASSERT_EQ(table.lookup(keys[i]), found[i]) << to_string(keys[i]);
    }
  }
  /// At both ends of every route, just outside of them, and somewhere inside.
  void compare_boundaries() {
    std::vector<Address> keys;
    for (const auto& [prefix, id] : routes) {
      keys.push_back(prefix.address);
      keys.push_back(prefix.last());
      keys.push_back(neighbour(prefix.address, false));
      keys.push_back(neighbour(prefix.last(), true));
      keys.push_back(joined(prefix.address, prefix.length, any_address(random, Address{})));
    }
    compare(keys);
  }
  /// Nested in what is there already, more often than not.
  Prefix<Address> any_prefix() {
    Address address = any_address(random, Address{});
    if (!routes.empty() && random() % 4 != 0) {
      const auto at = std::next(routes.begin(), static_cast<long>(random() % routes.size()));
      address = joined(at->first.address, static_cast<unsigned>(random() % Address::bits), address);
    }
    return Prefix<Address>::of(address, static_cast<unsigned>(random() % (Address::bits + 1)));
  }

  Random random{4711};
  Quiescence quiescence{1};
  RouteTable<Address> table{quiescence, groups};
  test::RibOracle<Address> oracle;
  std::map<Prefix<Address>, NextHopId> routes;
};

using Families = testing::Types<Ipv4Address, Ipv6Address>;
TYPED_TEST_SUITE(RouteTableTest, Families);

TYPED_TEST(RouteTableTest, EmptyTable) {
  this->compare({TypeParam{}, TypeParam{}.filled(0), any_address(this->random, TypeParam{})});
  EXPECT_EQ(this->table.lookup(TypeParam{}), no_next_hop);
  EXPECT_EQ(this->table.groups_in_use(), 0U);
}

TYPED_TEST(RouteTableTest, DefaultRouteIsForWhatNoOtherRouteHolds) {
  const auto inside = any_address(this->random, TypeParam{});
  const auto outside = neighbour(Prefix<TypeParam>::of(inside, 20).last(), true);
  this->set(Prefix<TypeParam>{}, 5);
  this->set(Prefix<TypeParam>::of(inside, 20), 6);
  EXPECT_EQ(this->table.lookup(inside), 6U);
  EXPECT_EQ(this->table.lookup(outside), 5U);
  this->set(Prefix<TypeParam>{}, max_next_hop_id);
  EXPECT_EQ(this->table.lookup(outside), max_next_hop_id);
  this->clear(Prefix<TypeParam>::of(inside, 20));
  EXPECT_EQ(this->table.lookup(inside), max_next_hop_id);
  this->clear(Prefix<TypeParam>{});
  EXPECT_EQ(this->table.lookup(inside), no_next_hop);
  EXPECT_EQ(this->table.groups_in_use(), 0U);
}

TYPED_TEST(RouteTableTest, EveryLengthAlone) {
  for (unsigned length = 0; length <= TypeParam::bits; ++length) {
    const auto prefix = Prefix<TypeParam>::of(any_address(this->random, TypeParam{}), length);
    this->set(prefix, length + 1);
    this->compare_boundaries();
    this->clear(prefix);
    this->compare({prefix.address, prefix.last()});
    this->quiescence.poll();
    ASSERT_EQ(this->table.groups_in_use(), 0U) << length;
  }
}

TYPED_TEST(RouteTableTest, AllLengthsNested) {
  const auto address = any_address(this->random, TypeParam{});
  std::vector<unsigned> lengths(TypeParam::bits + 1);
  for (unsigned i = 0; i < lengths.size(); ++i) {
    lengths[i] = i;
  }
  std::shuffle(lengths.begin(), lengths.end(), this->random);
  for (const unsigned length : lengths) {
    this->set(Prefix<TypeParam>::of(address, length), length + 1);
    this->compare_boundaries();
  }
  std::shuffle(lengths.begin(), lengths.end(), this->random);
  for (const unsigned length : lengths) {
    this->clear(Prefix<TypeParam>::of(address, length));
    this->compare({address});
    this->compare_boundaries();
  }
  this->quiescence.poll();
  EXPECT_EQ(this->table.groups_in_use(), 0U);
}

TYPED_TEST(RouteTableTest, RandomChanges) {
  for (int batch = 0; batch < 200; ++batch) {
    for (int i = 0; i < 20; ++i) {
      const bool shrink = batch >= 100;
      if (this->routes.empty() || this->random() % 10 < (shrink ? 3 : 6)) {
        this->set(this->any_prefix(), this->random() % max_next_hop_id + 1);
      } else {
        const auto some = static_cast<long>(this->random() % this->routes.size());
        const Prefix<TypeParam> prefix = std::next(this->routes.begin(), some)->first;
        if (this->random() % 4 == 0) {
          this->set(prefix, this->random() % max_next_hop_id + 1);
        } else {
          this->clear(prefix);
        }
      }
    }
    this->quiescence.poll();
    ASSERT_NO_FATAL_FAILURE(this->compare_boundaries());
    std::vector<TypeParam> keys(100);
    std::generate(keys.begin(), keys.end(), [&] { return any_address(this->random, TypeParam{}); });
    ASSERT_NO_FATAL_FAILURE(this->compare(keys));
  }
  while (!this->routes.empty()) {
    const auto some = static_cast<long>(this->random() % this->routes.size());
    this->clear(Prefix<TypeParam>{std::next(this->routes.begin(), some)->first});
    ASSERT_NO_FATAL_FAILURE(this->compare_boundaries());
  }
  this->quiescence.poll();
  EXPECT_EQ(this->table.groups_in_use(), 0U);
}

TYPED_TEST(RouteTableTest, ClearingWhatIsNotThereChangesNothing) {
  const auto address = any_address(this->random, TypeParam{});
  for (const unsigned length : {4U, 12U, 26U, TypeParam::bits}) {
    this->set(Prefix<TypeParam>::of(address, length), length);
  }
  for (unsigned length = 0; length <= TypeParam::bits; ++length) {
    const auto prefix = Prefix<TypeParam>::of(address, length);
    if (!this->routes.contains(prefix)) {
      this->table.clear(prefix, this->cover_of(prefix));
    }
  }
  this->compare_boundaries();
}

TYPED_TEST(RouteTableTest, NoGroupLeftLeavesTheTableAsItWas) {
  constexpr std::size_t needed = (TypeParam::bits - 24) / 8;
  Quiescence nobody(1);
  RouteTable<TypeParam> small(nobody, needed);
  const auto first = any_address(this->random, TypeParam{});
  const auto second = neighbour(Prefix<TypeParam>::of(first, 24).last(), true);
  small.set(Prefix<TypeParam>::of(second, 23), 1);
  small.set(Prefix<TypeParam>::host(first), 2);
  EXPECT_EQ(small.groups_in_use(), needed);
  try {
    small.set(Prefix<TypeParam>::host(second), 3);
    FAIL() << "there was a group left";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::not_enough_memory);
  }
  EXPECT_EQ(small.lookup(first), 2U);
  EXPECT_EQ(small.lookup(second), 1U);
  EXPECT_EQ(small.groups_in_use(), needed);

  small.clear(Prefix<TypeParam>::host(first), std::nullopt);
  EXPECT_EQ(small.lookup(first), no_next_hop);
  small.set(Prefix<TypeParam>::host(second), 3);  // takes the groups whose grace period is over
  EXPECT_EQ(small.lookup(second), 3U);
  EXPECT_EQ(small.lookup(neighbour(second, true)), 1U);
}

TYPED_TEST(RouteTableTest, GroupsWaitForReaders) {
  const auto address = any_address(this->random, TypeParam{});
  this->quiescence.online(0);
  this->set(Prefix<TypeParam>::of(address, 30), 1);
  this->clear(Prefix<TypeParam>::of(address, 30));
  this->quiescence.poll();
  EXPECT_EQ(this->table.groups_in_use(), 1U);
  this->quiescence.quiescent(0);
  this->quiescence.poll();
  EXPECT_EQ(this->table.groups_in_use(), 0U);
  this->quiescence.offline(0);
}

TYPED_TEST(RouteTableTest, Refusals) {
  const Prefix<TypeParam> too_long{TypeParam{}, TypeParam::bits + 1};
  EXPECT_THROW(this->table.set(too_long, 1), std::invalid_argument);
  EXPECT_THROW(this->table.set(Prefix<TypeParam>{}, no_next_hop), std::invalid_argument);
  EXPECT_THROW(this->table.set(Prefix<TypeParam>{}, max_next_hop_id + 1), std::invalid_argument);
  EXPECT_THROW(RouteTable<TypeParam>(this->quiescence, (1U << 24U) + 1), std::system_error);
}

}  // namespace
}  // namespace culvert
