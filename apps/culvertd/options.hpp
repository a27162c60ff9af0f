// SPDX-License-Identifier: BSD-3-Clause
// culvertd: what the command line and the options file say.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "culvert/control/gateway.hpp"
#include "culvert/dataplane/engine.hpp"

namespace culvert {

struct DaemonOptions {
  std::string config;  ///< file of commands to carry out at start; may be empty
  std::string socket;
  bool verbose = false;
  std::optional<unsigned> workers;  ///< as named; else one, or what EAL's own options imply
  std::vector<std::string> eal;     ///< EAL's own options
  Engine::Options engine;
  Gateway::Options gateway;
};

/// Empty where nothing is left to do (--help, --version). Throws std::runtime_error with a
/// sentence.
[[nodiscard]] std::optional<DaemonOptions> parse_options(int argc, char** argv);

}  // namespace culvert
