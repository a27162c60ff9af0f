// SPDX-License-Identifier: BSD-3-Clause
// Words of a line, and lines of a batch.
#include <array>

#include <gtest/gtest.h>

#include "culvert/control/grammar.hpp"

namespace culvert {
namespace {

TEST(Lines, Split) {
  using Words = std::vector<std::string_view>;
  EXPECT_EQ(split_line("  a\tb  c \r\n"), (Words{"a", "b", "c"}));
  EXPECT_EQ(split_line("a 'b c' \"d ' e\""), (Words{"a", "b c", "d ' e"}));
  EXPECT_EQ(split_line("'a'b \"\""), (Words{"a", "b", ""}));
  EXPECT_EQ(split_line("e\"th\"0"), (Words{"e\"th\"0"}));
  EXPECT_EQ(split_line("a # b"), (Words{"a"}));
  EXPECT_EQ(split_line("# b"), Words{});
  EXPECT_THROW((void)split_line("a 'b"), CommandError);
  EXPECT_THROW((void)split_line("a 'b # c'"), CommandError);
  EXPECT_EQ(parse_line("  # nothing"), std::nullopt);
}

TEST(Lines, JoinIsTheInverseOfSplit) {
  const std::vector<std::string_view> words{"a", "", "b c", "d'e", "f\"g", "h\ti"};
  const std::string line = join_words(words);
  EXPECT_EQ(split_line(line), words);
  for (const std::string_view word : {"a#b", "a\nb", "'\""}) {
    EXPECT_THROW((void)join_words(std::array{word}), CommandError);
  }
}

TEST(Lines, Batch) {
  BatchReader reader;
  EXPECT_EQ(reader.add("a b"), "a b");
  EXPECT_EQ(reader.add("# only \\"), "");
  EXPECT_EQ(reader.add("a \\"), std::nullopt);
  EXPECT_THROW(reader.finish(), CommandError);
  EXPECT_EQ(reader.add("b\\"), std::nullopt);
  EXPECT_EQ(reader.add("c # d"), "a bc ");
  EXPECT_EQ(reader.line_number(), 5U);
  EXPECT_NO_THROW(reader.finish());
}

}  // namespace
}  // namespace culvert
