// SPDX-License-Identifier: BSD-3-Clause
#include "support/eal.hpp"

#include <array>
#include <string>

#include <unistd.h>

#include <rte_eal.h>

namespace culvert::test {

void EalEnvironment::SetUp() {
  std::array<std::string, 10> words{
      "test",           "--no-huge",
      "--no-pci",       "--iova-mode=va",
      "-m1024",         "--lcores=0@0",
      "--no-telemetry", "--log-level=*:error",
      "--no-shconf",    "--file-prefix=culvert-test-" + std::to_string(getpid())};
  std::array<char*, words.size()> arguments{};
  for (std::size_t i = 0; i < words.size(); ++i) {
    arguments[i] = words[i].data();
  }
  ASSERT_GE(rte_eal_init(static_cast<int>(arguments.size()), arguments.data()), 0);
}

void EalEnvironment::TearDown() {
  rte_eal_cleanup();
}

}  // namespace culvert::test
