// SPDX-License-Identifier: BSD-3-Clause
// apps/eal: DPDK's environment, started so that it needs nothing to be set up beforehand.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace culvert {

struct EalOptions {
  std::string program;             ///< its name, before what is said
  std::string file_prefix;         ///< tells this process's files from those of others
  bool secondary = false;          ///< joins the process that has this file prefix
  unsigned workers = 0;            ///< lcores but the main one
  std::size_t megabytes = 0;       ///< what it will take
  bool verbose = false;            ///< let EAL and drivers log
  std::vector<std::string> own{};  ///< the user's options for EAL, which go before the above
};

/// EAL for as long as this lives.
class Eal {
 public:
  /// Without hugepages, says so and goes on without. Throws std::runtime_error with a sentence.
  explicit Eal(const EalOptions& options);
  ~Eal();
  Eal(const Eal&) = delete;
  Eal& operator=(const Eal&) = delete;

  /// Lcores but the main one.
  [[nodiscard]] static unsigned worker_lcores();
};

}  // namespace culvert
