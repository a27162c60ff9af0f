// SPDX-License-Identifier: BSD-3-Clause
// tests/golden: what a capture's .txt says was run, and where.
#pragma once

#include <string>
#include <vector>

namespace culvert::test {

/// A line of `ip`.
struct ScriptLine {
  unsigned number = 0;  ///< in the file, from 1
  char node = 0;        ///< 'a', 'b' …; hosts' lines are left out
  std::string words{};  ///< without `ip`
  int status = 0;       ///< that it ended with
};

struct Script {
  std::string topology{};  ///< as TOPOLOGY.txt names it
  /// Those that change something; what others print is no matter here.
  std::vector<ScriptLine> lines{};
};

/// Reads golden/captures/NAME.txt. Throws std::runtime_error if it cannot be read.
[[nodiscard]] Script read_script(const std::string& name);

}  // namespace culvert::test
