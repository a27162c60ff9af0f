// SPDX-License-Identifier: BSD-3-Clause
// The documentation has a row for every reason to drop, with the words that `culvert drops` shows.
#include "culvert/dataplane/drop.hpp"

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace culvert {
namespace {

TEST(Drop, HasARowInTheDocumentation) {
  std::ifstream file(CULVERT_SOURCE_DIR "/docs/counters.md");
  ASSERT_TRUE(file.good());
  std::stringstream text;
  text << file.rdbuf();
  for (std::size_t i = 1; i < drop_count; ++i) {
    const std::string row = "| `" + std::string{drop_texts[i].name} + "` | " +
                            std::string{drop_texts[i].description} + " |\n";
    EXPECT_NE(text.str().find(row), std::string::npos) << row;
  }
}

TEST(Drop, HasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const DropText& text : drop_texts) {
    EXPECT_TRUE(names.insert(text.name).second) << text.name;
  }
}

}  // namespace
}  // namespace culvert
