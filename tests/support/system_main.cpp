// SPDX-License-Identifier: BSD-3-Clause
// tests/support: main() of tests that run culvertd, with an EAL of their own.
#include <string_view>

#include "support/daemon.hpp"
#include "support/eal.hpp"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  constexpr std::string_view option = "--culvertd=";
  for (int i = 1; i < argc; ++i) {
    if (const std::string_view word{argv[i]}; word.starts_with(option)) {
      culvert::test::culvertd_path = word.substr(option.size());
    }
  }
  testing::AddGlobalTestEnvironment(new culvert::test::EalEnvironment);  // gtest owns it
  return RUN_ALL_TESTS();
}
