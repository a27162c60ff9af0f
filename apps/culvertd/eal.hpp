// SPDX-License-Identifier: BSD-3-Clause
// culvertd: DPDK's environment, started so that it needs nothing to be set up beforehand.
#pragma once

#include "options.hpp"

namespace culvert {

/// EAL for as long as this lives.
class Eal {
 public:
  /// Without hugepages, says so and goes on without. Throws std::runtime_error with a sentence.
  explicit Eal(const DaemonOptions& options);
  ~Eal();
  Eal(const Eal&) = delete;
  Eal& operator=(const Eal&) = delete;

  /// Lcores but the main one.
  [[nodiscard]] static unsigned worker_lcores();
};

}  // namespace culvert
