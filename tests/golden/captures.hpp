// SPDX-License-Identifier: BSD-3-Clause
// tests/golden: THE list of what is replayed: which capture, as which of its nodes. How the node is
// configured stands in the capture's .txt; here is only what that does not tell.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace culvert::test {

/// From this line of the .txt on, commands were given that much after the first frame.
struct Moment {
  unsigned line;
  std::chrono::milliseconds at;
};

struct Scene {
  std::string_view capture;
  char node;  ///< whose part the gateway plays
  std::vector<Moment> moments{};
  std::string_view first_line{};  ///< of `ip`: what the kernel has by itself
};
[[nodiscard]] std::span<const Scene> scenes();

/// For messages.
[[nodiscard]] std::string title(const Scene& scene);

/// A line of a .txt as Culvert has it: the line itself but for what is listed here.
[[nodiscard]] std::string own_words(const std::string& line);

}  // namespace culvert::test
