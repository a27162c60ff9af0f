// SPDX-License-Identifier: BSD-3-Clause
// bench/support: runs the benchmarks of a program in an EAL of its own.
#include <cstdlib>

#include <benchmark/benchmark.h>

#include <rte_eal.h>

#include "support/eal.hpp"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv) || !culvert::bench::start_eal(2048)) {
    return EXIT_FAILURE;
  }
  benchmark::RunSpecifiedBenchmarks();
  rte_eal_cleanup();
}
