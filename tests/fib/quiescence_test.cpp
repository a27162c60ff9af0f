// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/fib/quiescence.hpp"

#include <system_error>
#include <vector>

#include <gtest/gtest.h>

namespace culvert {
namespace {

TEST(Quiescence, RunsAtOnceWhileEveryoneIsOffline) {
  Quiescence quiescence(3);
  std::vector<int> ran;
  quiescence.retire([&] { ran.push_back(1); });
  quiescence.retire([&] { ran.push_back(2); });
  EXPECT_TRUE(ran.empty()) << "only poll() runs them";
  EXPECT_EQ(quiescence.poll(), 0U);
  EXPECT_EQ(ran, (std::vector{1, 2}));
}

TEST(Quiescence, WaitsForEveryReaderThatIsOnline) {
  Quiescence quiescence(3);
  bool ran = false;
  quiescence.online(0);
  quiescence.online(2);
  quiescence.retire([&] { ran = true; });
  EXPECT_EQ(quiescence.poll(), 1U);
  quiescence.quiescent(0);
  EXPECT_EQ(quiescence.poll(), 1U);
  EXPECT_FALSE(ran);
  quiescence.quiescent(2);
  EXPECT_EQ(quiescence.poll(), 0U);
  EXPECT_TRUE(ran);
  quiescence.offline(0);
  quiescence.offline(2);
}

TEST(Quiescence, GoingOfflineIsAReport) {
  Quiescence quiescence(1);
  quiescence.online(0);
  quiescence.retire([] {});
  EXPECT_EQ(quiescence.poll(), 1U);
  quiescence.offline(0);
  EXPECT_EQ(quiescence.poll(), 0U);
}

TEST(Quiescence, AReaderThatComesLaterHoldsNothingUp) {
  Quiescence quiescence(1);
  quiescence.retire([] {});
  quiescence.online(0);
  EXPECT_EQ(quiescence.poll(), 0U);
  quiescence.offline(0);
}

TEST(Quiescence, ReportsCountForWhatWasRetiredBefore) {
  Quiescence quiescence(1);
  quiescence.online(0);
  quiescence.retire([] {});
  quiescence.quiescent(0);
  quiescence.retire([] {});
  EXPECT_EQ(quiescence.poll(), 1U);
  quiescence.offline(0);
}

TEST(Quiescence, WhatIsReclaimedMayRetire) {
  Quiescence quiescence(1);
  int runs = 0;
  quiescence.retire([&] { quiescence.retire([&] { ++runs; }); });
  quiescence.synchronize();
  EXPECT_EQ(runs, 1);
}

TEST(Quiescence, RunsWhatIsLeftAtItsEnd) {
  int runs = 0;
  {
    Quiescence quiescence(1);
    quiescence.retire([&] { ++runs; });
  }
  EXPECT_EQ(runs, 1);
}

TEST(Quiescence, NoReaders) {
  EXPECT_THROW(Quiescence(0), std::system_error);
}

}  // namespace
}  // namespace culvert
