// SPDX-License-Identifier: BSD-3-Clause
// control: words of a line, and lines of a batch. No DPDK.
#include <algorithm>
#include <utility>

#include "culvert/control/grammar.hpp"

#include "words.hpp"

namespace culvert {
namespace {

constexpr std::size_t usual_words = 16;  // at most, so that one allocation does

constexpr bool is_white_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string_view without_comment(std::string_view line) {
  return line.substr(0, line.find('#'));
}

// Takes a word off the front of `line`, which begins with one.
std::string_view take_word(std::string_view& line) {
  const char quote = line.front();
  if (quote != '\'' && quote != '"') {
    const std::string_view word{line.begin(), std::ranges::find_if(line, is_white_space)};
    line.remove_prefix(word.size());
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

void append_quoted(std::string& line, std::string_view word) {
  const bool has_double = word.find('"') != std::string_view::npos;
  const bool has_single = word.find('\'') != std::string_view::npos;
  const bool ends_line =
      word.find('#') != std::string_view::npos || word.find('\n') != std::string_view::npos;
  if (ends_line || (has_double && has_single)) {
    words::fail(words::status_failure,
                "A word with #, a line break or both kinds of quotes cannot be sent");
  }
  const bool plain =
      !word.empty() && !has_double && !has_single && std::ranges::none_of(word, is_white_space);
  const std::string_view quote = plain ? "" : (has_double ? "'" : "\"");
  line += quote;
  line += word;
  line += quote;
}

}  // namespace

std::vector<std::string_view> split_line(std::string_view line) {
  std::vector<std::string_view> words;
  words.reserve(usual_words);
  line = without_comment(line);
  while (true) {
    const auto start = std::ranges::find_if_not(line, is_white_space);
    if (start == line.end()) {
      return words;
    }
    line = {start, line.end()};
    words.push_back(take_word(line));
  }
}

std::optional<Command> parse_line(std::string_view line) {
  const auto words = split_line(line);
  return words.empty() ? std::nullopt : std::optional{parse_command(words)};
}

std::string join_words(std::span<const std::string_view> words) {
  std::string line;
  for (const std::string_view word : words) {
    line += line.empty() ? "" : " ";
    append_quoted(line, word);
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
