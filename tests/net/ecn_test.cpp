// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/net/ecn.hpp"

#include <gtest/gtest.h>

namespace culvert::ecn {
namespace {

struct Cell {
  std::uint8_t outer;
  std::uint8_t inner;
  std::uint8_t expected;
};

// RFC 6040 figure 4, row by row.
constexpr Cell decapsulation[] = {
    {not_ect, not_ect, not_ect}, {not_ect, ect0, ect0}, {not_ect, ect1, ect1}, {not_ect, ce, ce},
    {ect0, not_ect, not_ect},    {ect0, ect0, ect0},    {ect0, ect1, ect1},    {ect0, ce, ce},
    {ect1, not_ect, not_ect},    {ect1, ect0, ect1},    {ect1, ect1, ect1},    {ect1, ce, ce},
    {ce, not_ect, drop},         {ce, ect0, ce},        {ce, ect1, ce},        {ce, ce, ce},
};

TEST(Ecn, DecapsulationCellByCell) {
  static_assert(std::size(decapsulation) == 16);
  for (const Cell& cell : decapsulation) {
    EXPECT_EQ(decapsulate(cell.outer, cell.inner), cell.expected)
        << "outer " << +cell.outer << ", inner " << +cell.inner;
  }
}

TEST(Ecn, DecapsulationLooksAtTheEcnBitsOnly) {
  for (const Cell& cell : decapsulation) {
    for (unsigned dscp = 0; dscp < 256; dscp += 4) {
      EXPECT_EQ(decapsulate(static_cast<std::uint8_t>(dscp | cell.outer),
                            static_cast<std::uint8_t>((0xfcU - dscp) | cell.inner)),
                cell.expected);
    }
  }
}

TEST(Ecn, NormalModeCopiesTheInnerField) {  // RFC 6040 figure 3, right column
  for (unsigned inner = 0; inner < 256; ++inner) {
    for (const unsigned dscp : {0x00U, 0x10U, 0xb8U, 0xffU}) {
      EXPECT_EQ(encapsulate(static_cast<std::uint8_t>(dscp), static_cast<std::uint8_t>(inner)),
                (dscp & 0xfcU) | (inner & 3U));
    }
  }
}

TEST(Ecn, Codepoints) {  // RFC 3168 section 5, figure 1
  EXPECT_EQ(not_ect, 0b00);
  EXPECT_EQ(ect1, 0b01);
  EXPECT_EQ(ect0, 0b10);
  EXPECT_EQ(ce, 0b11);
}

}  // namespace
}  // namespace culvert::ecn
