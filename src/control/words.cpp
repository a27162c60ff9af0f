// SPDX-License-Identifier: BSD-3-Clause
// control, inside the grammar: the cursor, numbers and names, and the messages of `ip`. No DPDK.
#include "words.hpp"

#include <algorithm>
#include <charconv>

namespace culvert::words {
namespace {

// IFNAMSIZ less the final zero.
constexpr std::size_t longest_link_name = 15;

std::string quoted(std::string_view word) {
  return '"' + std::string{word} + '"';
}

}  // namespace

std::string_view Words::argument() {
  if (empty()) {
    fail(status_usage, "Command line is not complete. Try option \"help\"");
  }
  return take();
}

bool abbreviates(std::string_view word, std::string_view name) noexcept {
  return !word.empty() && name.starts_with(word);
}

void fail(int status, const std::string& message) {
  throw CommandError(status, message);
}

void wrong(std::string_view word, std::string_view why) {
  fail(status_usage, "Error: argument " + quoted(word) + " is wrong: " + std::string{why});
}

void not_supported(std::string_view word) {
  wrong(word, "not supported by Culvert");
}

void duplicate(std::string_view option, std::string_view word) {
  fail(status_usage,
       "Error: duplicate " + quoted(option) + ": " + quoted(word) + " is the second value.");
}

void garbage(std::string_view option, std::string_view word) {
  fail(status_usage,
       "Error: either " + quoted(option) + " is duplicate, or " + quoted(word) + " is a garbage.");
}

void unknown_command(std::string_view word, std::string_view object) {
  // `ip tunnel` is the one that forgets the full stop.
  const std::string_view stop = object == "tunnel" ? "" : ".";
  fail(status_usage, "Command " + quoted(word) + " is unknown, try \"ip " + std::string{object} +
                         " help\"" + std::string{stop});
}

std::optional<std::uint32_t> number(std::string_view word) noexcept {
  int base = 10;
  if (word.starts_with("0x") || word.starts_with("0X")) {
    base = 16;
    word.remove_prefix(2);
  } else if (word.size() > 1 && word.front() == '0') {
    base = 8;
    word.remove_prefix(1);
  }
  std::uint32_t value = 0;
  const char* const end = word.data() + word.size();
  const auto [next, error] = std::from_chars(word.data(), end, value, base);
  if (error != std::errc{} || next != end) {
    return std::nullopt;
  }
  return value;
}

bool on_off(std::string_view option, std::string_view word) {
  if (word != "on" && word != "off") {
    fail(status_failure, "Error: argument of " + quoted(option) +
                             " must be \"on\" or \"off\", not " + quoted(word));
  }
  return word == "on";
}

std::string link_name(std::string_view option, std::string_view word) {
  const auto forbidden = [](char c) { return c == '/' || c == ' ' || (c >= '\t' && c <= '\r'); };
  if (word.empty() || word.size() > longest_link_name || std::ranges::any_of(word, forbidden)) {
    wrong(word, quoted(option) + " not a valid ifname");
  }
  return std::string{word};
}

}  // namespace culvert::words
