// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/fib/pending_errors.hpp"

#include <gtest/gtest.h>

namespace culvert {
namespace {

TEST(PendingErrors, EachTunnelHasItsOwn) {
  PendingErrors errors{8};
  EXPECT_FALSE(errors.any());
  EXPECT_FALSE(errors.take(1));
  errors.add(1);
  errors.add(1);
  errors.set_any(true);
  EXPECT_TRUE(errors.any());
  EXPECT_FALSE(errors.take(2));
  EXPECT_TRUE(errors.take(1));
  EXPECT_TRUE(errors.take(1));
  EXPECT_FALSE(errors.take(1));
}

TEST(PendingErrors, AreClearedAndBounded) {
  PendingErrors errors{8};
  errors.add(1);
  errors.clear(1);
  EXPECT_FALSE(errors.take(1));
  for (unsigned i = 0; i < 100000; ++i) {
    errors.add(1);
  }
  unsigned taken = 0;
  while (errors.take(1)) {
    ++taken;
  }
  EXPECT_EQ(taken, PendingErrors::most);
}

}  // namespace
}  // namespace culvert
