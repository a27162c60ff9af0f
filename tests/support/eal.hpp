// SPDX-License-Identifier: BSD-3-Clause
// tests/support: one EAL for a test program, without hugepages and devices.
#pragma once

#include <gtest/gtest.h>

namespace culvert::test {

/// Starts EAL before the first test.
class EalEnvironment : public testing::Environment {
 public:
  void SetUp() override;
  void TearDown() override;
};

}  // namespace culvert::test
