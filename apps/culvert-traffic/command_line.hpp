// SPDX-License-Identifier: BSD-3-Clause
// culvert-traffic: what the command line says.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "traffic.hpp"

namespace culvert::traffic {

struct WriteCommand {
  Traffic traffic;
  std::string file;
  std::uint64_t count = 0;
};

struct RunCommand {
  Traffic traffic;
  nlohmann::ordered_json given;  ///< the traffic's options, for the report
  std::string tx;                ///< DPDK device arguments
  std::string rx;                ///< may be the same device
  std::string primary;           ///< file prefix of the process whose devices they are; empty: ours
  double duration = 10;          ///< seconds, as the next ones
  double settle = 0.5;
  double warmup = 0;
  double drain = 0.5;
  double link_timeout = 10;
  double rate = 0;  ///< packets a second; 0: as fast as the port takes them
  bool latency = false;
  std::string check;  ///< file; may be empty
  std::size_t samples = 1000;
  bool json = false;
  bool busy_poll = false;
  std::uint16_t descriptors = 1024;
  bool verbose = false;
  std::vector<std::string> eal;
};

/// Help or version, which have been printed.
struct NothingLeft {};
using Command = std::variant<NothingLeft, WriteCommand, RunCommand>;

/// Throws std::runtime_error with a sentence. What it changes in what is asked for, it says on
/// standard error.
[[nodiscard]] Command parse_command_line(int argc, const char* const* argv);

}  // namespace culvert::traffic
