// SPDX-License-Identifier: BSD-3-Clause
// control: names for values of the TOS byte. No DPDK.
#include "traffic_class.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

#include "culvert/control/text.hpp"

namespace culvert {
namespace {

// RFC 2474 (CS), RFC 2597 (AF) and RFC 3246 (EF) code points, shifted to where they stand in the
// byte. Built in: a gateway's language must not depend on what the machine has in /etc.
constexpr std::array<std::pair<std::string_view, std::uint8_t>, 21> names{{
    {"default", 0x00}, {"AF11", 0x28}, {"AF12", 0x30}, {"AF13", 0x38}, {"AF21", 0x48},
    {"AF22", 0x50},    {"AF23", 0x58}, {"AF31", 0x68}, {"AF32", 0x70}, {"AF33", 0x78},
    {"AF41", 0x88},    {"AF42", 0x90}, {"AF43", 0x98}, {"CS1", 0x20},  {"CS2", 0x40},
    {"CS3", 0x60},     {"CS4", 0x80},  {"CS5", 0xa0},  {"CS6", 0xc0},  {"CS7", 0xe0},
    {"EF", 0xb8},
}};

}  // namespace

std::optional<std::uint8_t> traffic_class_value(std::string_view word) noexcept {
  const auto found = std::ranges::find(names, word, [](const auto& n) { return n.first; });
  if (found != names.end()) {
    return found->second;
  }
  if (word.starts_with("0x") || word.starts_with("0X")) {
    word.remove_prefix(2);
  }
  std::uint8_t value = 0;
  const char* const end = word.data() + word.size();
  const auto [next, error] = std::from_chars(word.data(), end, value, 16);
  return error == std::errc{} && next == end ? std::optional{value} : std::nullopt;
}

std::string traffic_class_name(std::uint8_t tos) {
  if (tos == 1) {
    return "inherit";
  }
  const auto found = std::ranges::find(names, tos, [](const auto& n) { return n.second; });
  if (found != names.end()) {
    return std::string{found->first};
  }
  std::array<char, 5> text{};
  (void)std::snprintf(text.data(), text.size(), "0x%02x", tos);
  return text.data();
}

}  // namespace culvert
