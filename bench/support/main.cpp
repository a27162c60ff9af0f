// SPDX-License-Identifier: BSD-3-Clause
// bench/support: runs the benchmarks of a program in an EAL without hugepages and devices.
#include <array>
#include <cstdlib>
#include <string>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <rte_eal.h>

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return EXIT_FAILURE;
  }
  std::array<std::string, 9> words{
      "bench",          "--no-huge",           "--no-pci",    "--iova-mode=va", "-m2048",
      "--no-telemetry", "--log-level=*:error", "--no-shconf", "--lcores=0@0"};
  std::array<char*, words.size()> arguments{};
  for (std::size_t i = 0; i < words.size(); ++i) {
    arguments[i] = words[i].data();
  }
  if (rte_eal_init(static_cast<int>(arguments.size()), arguments.data()) < 0) {
    return EXIT_FAILURE;
  }
  benchmark::RunSpecifiedBenchmarks();
  rte_eal_cleanup();
}
