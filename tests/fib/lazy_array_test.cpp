// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/fib/lazy_array.hpp"

#include <atomic>
#include <cstdint>
#include <limits>
#include <system_error>

#include <gtest/gtest.h>

namespace culvert {
namespace {

TEST(LazyArray, IsZeroAndCanBeWritten) {
  constexpr std::size_t size = std::size_t{1} << 30U;  // 8 GiB, of which three pages are touched
  LazyArray<std::atomic<std::uint64_t>> array(size);
  EXPECT_EQ(array.size(), size);
  for (const std::size_t i : {std::size_t{0}, size / 3, size - 1}) {
    EXPECT_EQ(array[i].load(), 0U);
    array[i].store(i + 1);
    EXPECT_EQ(array.data()[i].load(), i + 1);
  }
}

TEST(LazyArray, HugePagesStartAlignedAndEndWhereTheyShould) {
  LazyArray<std::uint32_t> array(std::size_t{1} << 20U, PageAdvice::huge);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(array.data()) % (2U << 20U), 0U);
  array[array.size() - 1] = 7;
  EXPECT_EQ(array[array.size() - 1], 7U);
  EXPECT_EQ(array[0], 0U);
}

TEST(LazyArray, TooBig) {
  EXPECT_THROW(LazyArray<std::uint8_t>(std::numeric_limits<std::size_t>::max() / 2),
               std::system_error);
}

}  // namespace
}  // namespace culvert
