// SPDX-License-Identifier: BSD-3-Clause
// tests: lines through the grammar.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "culvert/control/grammar.hpp"

namespace culvert {

[[nodiscard]] inline Command parsed(std::string_view line) {
  const auto command = parse_line(line);
  if (!command) {
    throw std::runtime_error("no words");
  }
  return *command;
}

template <typename Body>
[[nodiscard]] Body body_of(std::string_view line) {
  return std::get<Body>(parsed(line).body);
}

// The refusal of a line, and its status; empty if it is accepted.
[[nodiscard]] inline std::pair<std::string, int> refusal(std::string_view line) {
  try {
    (void)parsed(line);
  } catch (const CommandError& error) {
    return {error.what(), error.status()};
  }
  return {};
}

}  // namespace culvert
