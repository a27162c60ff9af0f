// SPDX-License-Identifier: BSD-3-Clause
// control: words of a line, and lines of a batch. No DPDK.
#include <algorithm>
#include <utility>

#include "culvert/control/grammar.hpp"

#include "words.hpp"

namespace culvert {
namespace {

constexpr std::string_view white_space = " \t\r\n";

std::string_view without_comment(std::string_view line) {
  return line.substr(0, line.find('#'));
}

// Takes a word off the front of `line`, which begins with one.
std::string_view take_word(std::string_view& line) {
  const char quote = line.front();
  if (quote != '\'' && quote != '"') {
    const std::size_t end = std::min(line.find_first_of(white_space), line.size());
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(end);
    return word;
  }
  const std::size_t end = line.find(quote, 1);
  if (end == std::string_view::npos) {
    words::fail(words::status_failure, "Unterminated quoted string");
  }
  const std::string_view word = line.substr(1, end - 1);
  line.remove_prefix(end + 1);
  return word;
}

template <typename Word>
std::vector<Word> split(std::string_view line) {
  std::vector<Word> words;
  line = without_comment(line);
  while (true) {
    const std::size_t start = line.find_first_not_of(white_space);
    if (start == std::string_view::npos) {
      return words;
    }
    line.remove_prefix(start);
    words.emplace_back(take_word(line));
  }
}

std::string quoted(std::string_view word) {
  const bool has_double = word.find('"') != std::string_view::npos;
  const bool has_single = word.find('\'') != std::string_view::npos;
  if (word.find_first_of("#\n") != std::string_view::npos || (has_double && has_single)) {
    words::fail(words::status_failure,
                "A word with #, a line break or both kinds of quotes cannot be sent");
  }
  const bool plain = !word.empty() && !has_double && !has_single &&
                     word.find_first_of(white_space) == std::string_view::npos;
  const std::string quote = plain ? "" : (has_double ? "'" : "\"");
  return quote + std::string{word} + quote;
}

}  // namespace

std::vector<std::string> split_line(std::string_view line) {
  return split<std::string>(line);
}

std::optional<Command> parse_line(std::string_view line) {
  const auto words = split<std::string_view>(line);
  return words.empty() ? std::nullopt : std::optional{parse_command(words)};
}

std::string join_words(std::span<const std::string_view> words) {
  std::string line;
  for (const std::string_view word : words) {
    line += line.empty() ? "" : " ";
    line += quoted(word);
  }
  return line;
}

std::optional<std::string> BatchReader::add(std::string_view line) {
  ++line_number_;
  line = without_comment(line);
  continued_ = line.ends_with('\\');
  if (continued_) {
    line.remove_suffix(1);
  }
  pending_ += line;
  if (continued_) {
    return std::nullopt;
  }
  return std::exchange(pending_, {});
}

void BatchReader::finish() const {
  if (continued_) {
    words::fail(words::status_failure, "Missing continuation line");
  }
}

}  // namespace culvert
