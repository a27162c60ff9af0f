// SPDX-License-Identifier: BSD-3-Clause
#include "support/eal.hpp"

#include <array>
#include <string>

#include <rte_eal.h>

namespace culvert::bench {

bool start_eal(unsigned megabytes) {
  std::array<std::string, 10> words{
      "bench", "--no-huge", "--no-pci", "--iova-mode=va", "-m" + std::to_string(megabytes),
      "--no-telemetry", "--log-level=*:error", "--no-shconf", "--lcores=0@0",
      // As much as the CPU has: by default rte_fib leaves out AVX-512.
      "--force-max-simd-bitwidth=512"};
  std::array<char*, words.size()> arguments{};
  for (std::size_t i = 0; i < words.size(); ++i) {
    arguments[i] = words[i].data();
  }
  return rte_eal_init(static_cast<int>(arguments.size()), arguments.data()) >= 0;
}

}  // namespace culvert::bench
