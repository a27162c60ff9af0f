// SPDX-License-Identifier: BSD-3-Clause
// tests/instructions: the program whose instructions instructions_test.py counts, by callgrind:
// every case, a fixed number of bursts. It collects only while a burst is forwarded, and writes a
// profile that bears the name of the case. On standard output, what compiled it, and the cases.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include <valgrind/callgrind.h>

#include <rte_eal.h>

#include "support/eal.hpp"
#include "support/row.hpp"

namespace culvert::bench {
namespace {

constexpr unsigned warm_up = 8;  // until caches of the mempool and of tunnels are as they stay
constexpr unsigned bursts = 64;

/// Two builds that say the same have the same instructions, but for what the source changes.
std::string compiled_by() {
#if defined(__clang__)
  std::string text = "clang " __clang_version__;
#else
  std::string text = "g++ " __VERSION__;
#endif
#if defined(__AVX512F__)
  text += ", AVX-512";
#elif defined(__AVX2__)
  text += ", AVX2";
#elif defined(__AVX__)
  text += ", AVX";
#elif defined(__SSE4_2__)
  text += ", SSE4.2";
#else
  text += ", no SSE4.2";
#endif
  return text;
}

void forward(Row& row, unsigned count, bool collect) {
  Row::Burst mbufs{};
  for (unsigned i = 0; i < count; ++i) {
    row.receive(mbufs);
    if (collect) {
      CALLGRIND_TOGGLE_COLLECT;
    }
    row.forward(mbufs);
    if (collect) {
      CALLGRIND_TOGGLE_COLLECT;
    }
  }
}

void count_instructions(const Case& one) {
  const std::string name = one.name();
  Row row(one);
  CALLGRIND_START_INSTRUMENTATION;
  forward(row, warm_up, false);
  CALLGRIND_ZERO_STATS;
  forward(row, bursts, true);
  CALLGRIND_DUMP_STATS_AT(name.c_str());
  CALLGRIND_STOP_INSTRUMENTATION;
  if (row.sent() != (warm_up + bursts) * burst) {
    throw std::runtime_error(name + ": not every packet was sent");
  }
  std::printf("%s %zu\n", name.c_str(), bursts * burst);
}

void count_all() {
  constexpr std::array routes{10U, 10'000U};
  constexpr std::array tunnels{1U, 1'000U};
  for (const auto& cases : {plain_cases(routes), tunnel_cases(Way::encapsulate, tunnels),
                            tunnel_cases(Way::decapsulate, tunnels)}) {
    for (const Case& one : cases) {
      count_instructions(one);
    }
  }
}

}  // namespace
}  // namespace culvert::bench

int main() {
  if (!culvert::bench::start_eal(128)) {
    return EXIT_FAILURE;
  }
  try {
    std::printf("%s\n", culvert::bench::compiled_by().c_str());
    culvert::bench::count_all();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return EXIT_FAILURE;
  }
  rte_eal_cleanup();
}
