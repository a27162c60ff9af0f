// SPDX-License-Identifier: BSD-3-Clause
// When a worker gives flows away, and how many: Spread alone, told who is busy. And which hash
// types a port is asked for.
#include "culvert/dataplane/spread.hpp"

#include <algorithm>
#include <optional>

#include <gtest/gtest.h>

#include "culvert/dataplane/port.hpp"

namespace culvert::test {
namespace {

constexpr std::uint32_t window = 1000;  // ticks, and microseconds

class Policy : public testing::Test {
 protected:
  static constexpr std::uint16_t workers = 3;

  void start(SpreadMode mode, std::uint16_t count = workers) {
    spread.emplace(std::uint16_t{0}, count, Spread::Options{.mode = mode, .window = window},
                   1'000'000);
    if (spread->watches()) {
      turn(false);
    }
  }
  void turn(bool worked) { spread->begin_turn(all, worked, now); }
  /// A window in which these shares (of 100) of each worker's time went by, and each bucket had as
  /// many packets as `packets` says for it.
  template <typename Packets>
  void pass(std::array<unsigned, workers> busy, const Packets& packets) {
    for (unsigned bucket = 0; bucket < Spread::buckets; ++bucket) {
      for (unsigned i = packets(bucket); i != 0 && spread->active(); --i) {
        (void)spread->worker_for(bucket);
      }
    }
    for (std::uint16_t i = 0; i < workers; ++i) {
      spread->handed(i, false);
    }
    now += window * (100 - busy[0]) / 100;
    turn(false);
    for (std::size_t i = 1; i < workers; ++i) {
      time[i] += window * (100 - busy[i]) / 100;
      all[i]->set_idle(time[i]);
    }
    now += window * busy[0] / 100;
    turn(true);
  }
  void pass(std::array<unsigned, workers> busy) {
    pass(busy, [](unsigned) { return 4U; });
  }
  unsigned buckets_of(std::uint16_t worker) const {
    unsigned count = 0;
    for (unsigned i = 0; i < Spread::buckets; ++i) {
      count += static_cast<unsigned>(spread->worker_of(i) == worker);
    }
    return count;
  }

  Doorbell doorbell;
  Exchange first{"policy-0", doorbell};
  Exchange second{"policy-1", doorbell};
  Exchange third{"policy-2", doorbell};
  std::array<Exchange*, workers> all{&first, &second, &third};
  std::array<std::uint64_t, workers> time{};
  std::uint64_t now = 1'000'000;
  std::optional<Spread> spread;
};

TEST_F(Policy, OffIsOff) {
  start(SpreadMode::off);
  EXPECT_FALSE(spread->active() || spread->watches());
}

TEST_F(Policy, OneWorkerHasNobodyToGiveTo) {
  start(SpreadMode::on, 1);
  EXPECT_FALSE(spread->active() || spread->watches());
  start(SpreadMode::automatic, 1);
  EXPECT_FALSE(spread->active() || spread->watches());
}

TEST_F(Policy, OnIsEvenAndTheSameForAll) {
  start(SpreadMode::on);
  EXPECT_TRUE(spread->active());
  EXPECT_FALSE(spread->watches());
  EXPECT_EQ(buckets_of(0), 86U);
  EXPECT_EQ(buckets_of(1), 85U);
  const Spread other(1, workers, {.mode = SpreadMode::on}, 1'000'000);
  for (unsigned i = 0; i < Spread::buckets; ++i) {
    ASSERT_EQ(other.worker_of(i), spread->worker_of(i));
  }
}

TEST_F(Policy, NothingHappensWhileLoadIsEvenOrLow) {
  start(SpreadMode::automatic);
  for (unsigned i = 0; i < 10; ++i) {
    pass({90, 95, 85});
    EXPECT_FALSE(spread->active());
    pass({45, 0, 0});
    EXPECT_FALSE(spread->active());
  }
  EXPECT_EQ(buckets_of(0), Spread::buckets);
}

TEST_F(Policy, NoFlowIsLookedAtWhileAllAreBusy) {
  start(SpreadMode::automatic);
  pass({100, 0, 0});
  EXPECT_TRUE(spread->active());
  pass({100, 100, 100});
  EXPECT_FALSE(spread->active());
  EXPECT_EQ(buckets_of(0), Spread::buckets);
}

TEST_F(Policy, TheBusyGiveToTheIdle) {
  start(SpreadMode::automatic);
  pass({100, 0, 50});
  EXPECT_TRUE(spread->active());
  EXPECT_EQ(buckets_of(0), Spread::buckets) << "first it counts";
  pass({100, 0, 50});
  EXPECT_EQ(buckets_of(1), 64U) << "a quarter of the difference";
  EXPECT_EQ(buckets_of(2), 0U);
  pass({100, 60, 50});
  EXPECT_EQ(buckets_of(1), 64U);
  EXPECT_GT(buckets_of(2), 0U) << "the least busy one";
}

TEST_F(Policy, ItSettles) {
  start(SpreadMode::automatic);
  pass({100, 0, 100});
  // Each packet costs the same wherever it goes; one that is handed over costs its first worker
  // half of that all the same.
  std::uint16_t last = 0;
  unsigned changes = 0;
  for (unsigned i = 0; i < 50; ++i) {
    const auto there = static_cast<std::uint16_t>(buckets_of(1));
    changes = there == last ? 0 : i;
    last = there;
    pass({95 - 95 * there / 512U, 95 * there / 256U, 100U});
  }
  EXPECT_LT(changes, 20U);
  EXPECT_NEAR(last, 150, 25);
}

TEST_F(Policy, ItComesBackFromWhoIsBusier) {
  start(SpreadMode::automatic);
  pass({100, 0, 100});
  pass({100, 0, 100});
  const unsigned there = buckets_of(1);
  pass({60, 100, 100});
  pass({60, 60, 60});  // their packets have left
  EXPECT_LT(buckets_of(1), there);
  EXPECT_GT(buckets_of(1), 0U);
}

TEST_F(Policy, AllComesBackWhenItIsQuiet) {
  start(SpreadMode::automatic);
  pass({100, 0, 100});
  pass({100, 0, 100});
  EXPECT_LT(buckets_of(0), Spread::buckets);
  for (unsigned i = 0; i < 10; ++i) {
    pass({10, 5, 5}, [](unsigned bucket) { return bucket == 3 ? 5U : 0U; });
  }
  EXPECT_EQ(buckets_of(0), Spread::buckets);
  EXPECT_FALSE(spread->active());
}

TEST_F(Policy, OneFlowIsNotHelped) {
  start(SpreadMode::automatic);
  for (unsigned i = 0; i < 10; ++i) {
    pass({100, 0, 0}, [](unsigned bucket) { return bucket == 3 ? 1000U : 0U; });
  }
  EXPECT_EQ(buckets_of(0), Spread::buckets);
}

TEST_F(Policy, OfTwoFlowsOneGoes) {
  start(SpreadMode::automatic);
  const auto two = [](unsigned bucket) { return bucket == 3 || bucket == 9 ? 1000U : 0U; };
  pass({100, 0, 100}, two);
  pass({100, 0, 100}, two);
  EXPECT_EQ(buckets_of(1), 1U);
  pass({75, 50, 100}, two);
  EXPECT_EQ(buckets_of(1), 1U);
}

TEST_F(Policy, WhoSaysNothingIsNotIdle) {  // it may have been kept from its core
  start(SpreadMode::automatic);
  for (unsigned i = 0; i < 10; ++i) {
    pass({100, 100, 100});
    EXPECT_FALSE(spread->active());
  }
}

TEST_F(Policy, WhoHasNoRoomGivesBackAndRests) {
  start(SpreadMode::automatic);
  pass({100, 0, 100});
  pass({100, 0, 100});
  const unsigned there = buckets_of(1);
  (void)spread->worker_for(1);
  spread->handed(1, true);
  for (unsigned i = 0; i < 400; ++i) {
    pass({100, 0, 100});
    EXPECT_LT(buckets_of(1), there);
  }
  for (unsigned i = 0; i < 200; ++i) {
    pass({100, 0, 100});
  }
  EXPECT_GT(buckets_of(1), there) << "another try";
}

TEST_F(Policy, FromHomeAtOnceUnlessFramesPassThroughOtherRings) {
  start(SpreadMode::automatic);
  spread->want(0, 0);  // active
  turn(true);
  (void)spread->worker_for(7);
  ASSERT_TRUE(third.inject(nullptr));
  turn(true);
  spread->want(7, 1);
  turn(true);
  EXPECT_EQ(spread->worker_for(7), 1) << "the third worker's ring is none of its";
  (void)spread->worker_for(8);
  spread->passed_on();  // into that ring
  turn(true);
  spread->want(8, 1);
  turn(true);
  EXPECT_EQ(spread->worker_for(8), 0);
  rte_mbuf* m = nullptr;
  ASSERT_EQ(third.take_injections(&m, 1), 1U);
  turn(true);
  EXPECT_EQ(spread->worker_for(8), 0) << "taken, but not sent yet";
  third.finish();
  turn(true);
  EXPECT_EQ(spread->worker_for(8), 1);
}

TEST(RssTypes, InnerHeadersWhereTheDriverLooksIntoTunnels) {
  constexpr std::uint64_t fields = RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP;
  EXPECT_EQ(rss_types(~std::uint64_t{0}), fields | RTE_ETH_RSS_LEVEL_INNERMOST);
  EXPECT_EQ(rss_types(fields), fields);
  EXPECT_EQ(rss_types(fields | RTE_ETH_RSS_LEVEL_OUTERMOST), fields);
  EXPECT_EQ(rss_types(RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_ESP), RTE_ETH_RSS_IPV4);
  EXPECT_EQ(rss_types(RTE_ETH_RSS_LEVEL_INNERMOST), 0U);
}

}  // namespace
}  // namespace culvert::test
