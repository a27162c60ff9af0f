// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/net/endian.hpp"

#include <cstring>
#include <type_traits>

#include <gtest/gtest.h>

namespace culvert {
namespace {

template <typename T>
std::array<unsigned, sizeof(T)> bytes_of(const T& value) {
  std::array<unsigned, sizeof(T)> result{};
  const auto raw = std::bit_cast<std::array<std::uint8_t, sizeof(T)>>(value);
  std::copy(raw.begin(), raw.end(), result.begin());
  return result;
}

TEST(Endian, StandsInMemoryMostSignificantByteFirst) {
  EXPECT_EQ(bytes_of(be16{0x0102}), (std::array<unsigned, 2>{1, 2}));
  EXPECT_EQ(bytes_of(be32{0x01020304}), (std::array<unsigned, 4>{1, 2, 3, 4}));
  EXPECT_EQ(bytes_of(be64{0x0102030405060708}), (std::array<unsigned, 8>{1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(Endian, GivesBackTheHostsValue) {
  EXPECT_EQ(be16{0xfffe}.host(), 0xfffeU);
  EXPECT_EQ(be32{0x80000001}.host(), 0x80000001U);
  EXPECT_EQ(be64{0x8000000000000001}.host(), 0x8000000000000001U);
  EXPECT_EQ(be32{}.host(), 0U);
}

TEST(Endian, RawIsWhatTheMachineLoads) {
  const be32 value{0x01020304};
  std::uint32_t loaded = 0;
  std::memcpy(&loaded, &value, sizeof loaded);
  EXPECT_EQ(value.raw(), loaded);
}

TEST(Endian, OrderIsThatOfTheHostsValues) {
  EXPECT_LT(be16{0x00ff}, be16{0x0100});
  EXPECT_GT(be32{0x01000000}, be32{0x00000001});
  EXPECT_EQ(be64{7}, be64{7});
  EXPECT_NE(be64{7}, be64{8});
}

TEST(Endian, NothingConvertsUnasked) {
  static_assert(!std::is_convertible_v<std::uint16_t, be16>);
  static_assert(!std::is_convertible_v<be16, std::uint16_t>);
  static_assert(std::is_trivially_copyable_v<be64>);
  static_assert(alignof(be64) == 1 && sizeof(be64) == 8);
  static_assert(be16{0x1234}.host() == 0x1234);
}

}  // namespace
}  // namespace culvert
