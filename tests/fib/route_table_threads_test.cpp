// SPDX-License-Identifier: BSD-3-Clause
// Two readers look up while the control thread changes the table: meant for ThreadSanitizer too.
#include <array>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "culvert/fib/route_table.hpp"

#include "readers.hpp"

namespace culvert {
namespace {

constexpr unsigned readers = 2;

/// An address and the next hops that it may have while the test runs.
template <typename Address>
struct Expectation {
  Address address;
  NextHopId least;
  NextHopId most;
};

Ipv4Address make(std::uint32_t high, std::uint32_t low, Ipv4Address) {
  return Ipv4Address::from_host(high | low);
}
Ipv6Address make(std::uint32_t high, std::uint32_t low, Ipv6Address) {
  Ipv6Address result;
  for (unsigned i = 0; i < 4; ++i) {
    result.bytes[i] = static_cast<std::uint8_t>(high >> (24 - 8 * i));
    result.bytes[12 + i] = static_cast<std::uint8_t>(low >> (24 - 8 * i));
  }
  return result;
}

template <typename Address>
class RouteTableThreads : public testing::Test {
 protected:
  /// Looks all of them up, and says whether what it finds is legal.
  [[nodiscard]] auto reading(const std::vector<Expectation<Address>>& expected) const {
    std::vector<Address> keys;
    for (const auto& each : expected) {
      keys.push_back(each.address);
    }
    return [this, expected, keys] {
      std::array<NextHopId, 8> found{};
      table.lookup(keys, found.data());
      bool legal = true;
      for (std::size_t i = 0; i < keys.size(); ++i) {
        legal = legal && found[i] >= expected[i].least && found[i] <= expected[i].most;
      }
      return legal;
    };
  }
  /// So that groups come back before they run out.
  void let_readers_follow() {
    while (quiescence.poll() > 64) {
      std::this_thread::yield();
    }
  }
  static Address at(std::uint32_t high, std::uint32_t low = 0) {
    return make(high, low, Address{});
  }
  static Prefix<Address> below(std::uint32_t high, unsigned length) {
    return Prefix<Address>::of(at(high), length);
  }

  Quiescence quiescence{readers};
  RouteTable<Address> table{quiescence, 256};
};

using Families = testing::Types<Ipv4Address, Ipv6Address>;
TYPED_TEST_SUITE(RouteTableThreads, Families);

TYPED_TEST(RouteTableThreads, CoveredAddressesNeverGoWithout) {
  const auto wide = this->below(0x0a000000, 8);
  const auto broad = this->below(0x0a000000, 12);
  const auto narrow = this->below(0x0a000000, 24);
  const auto host = Prefix<TypeParam>::host(this->at(0x0a000001, 1));
  this->table.set(wide, 1);
  test::Readers<readers> checks(this->quiescence, this->reading({
                                                      {host.address, 1, 4},
                                                      {this->at(0x0a0000ff), 1, 3},
                                                      {this->at(0x0a010000), 1, 2},
                                                      {this->at(0x0aff0000, 7), 1, 1},
                                                  }));
  Cover cover{8, 1};
  test::keep_changing([&](unsigned i) {
    if (i % 50 == 25) {
      this->table.set(broad, 2);
      cover = {12, 2};
    } else if (i % 50 == 0) {
      this->table.clear(broad, Cover{8, 1});
      cover = {8, 1};
    }
    this->table.set(host, 4);
    this->table.set(narrow, 3);
    this->table.clear(host, Cover{24, 3});
    this->table.set(host, 4);
    this->table.clear(narrow, cover);
    this->table.clear(host, cover);
    this->let_readers_follow();
  });
  EXPECT_TRUE(checks.stop());
}

TYPED_TEST(RouteTableThreads, NarrowRoutesTakeOverFromAWideOne) {
  const auto wide = this->below(0x0a000000, 8);
  const auto narrow = this->below(0x0a000000, 24);
  this->table.set(wide, 1);
  test::Readers<readers> checks(this->quiescence, this->reading({{this->at(0x0a000001), 1, 2}}));
  test::keep_changing([&](unsigned) {
    this->table.set(narrow, 2);
    this->table.clear(wide, std::nullopt);
    this->table.set(wide, 1);
    this->table.clear(narrow, Cover{8, 1});
  });
  EXPECT_TRUE(checks.stop());
}

TYPED_TEST(RouteTableThreads, GroupsAreNotReusedUnderAReader) {
  const auto block = [](std::uint32_t i) { return 0x0a000000 + (i % 2 << 8U); };
  this->table.set(this->below(block(0), 24), 1);
  this->table.set(this->below(block(1), 24), 2);
  test::Readers<readers> checks(
      this->quiescence,
      this->reading({{this->at(block(0) + 200), 1, 1}, {this->at(block(1) + 200), 2, 2}}));
  test::keep_changing([&](unsigned i) {
    const auto inner = this->below(block(i), 26);  // 200 is not in it, but in its group
    this->table.set(inner, 3);
    this->table.clear(inner, Cover{24, 1 + i % 2});
    this->let_readers_follow();
  });
  EXPECT_TRUE(checks.stop());
}

}  // namespace
}  // namespace culvert
