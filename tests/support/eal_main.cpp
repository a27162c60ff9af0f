// SPDX-License-Identifier: BSD-3-Clause
// tests/support: main() of tests that need EAL.
#include "support/eal.hpp"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  testing::AddGlobalTestEnvironment(new culvert::test::EalEnvironment);  // gtest owns it
  return RUN_ALL_TESTS();
}
