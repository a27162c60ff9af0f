// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/path_mtus.hpp"

#include <gtest/gtest.h>

#include "slowpath/fake_host.hpp"
#include "support/bytes.hpp"

namespace culvert::test {
namespace {

using namespace std::chrono_literals;

class PathMtusTest : public testing::Test {
 protected:
  static constexpr std::uint16_t link = 1500;

  std::optional<std::uint16_t> learn(std::uint16_t reported, std::uint16_t length = 1500) {
    return paths.learn(far, reported, length, link, now);
  }
  [[nodiscard]] std::uint16_t known() const { return table.lookup(far); }
  /// All of the table has been looked at.
  void round() {
    for (std::size_t i = 0; i < PathMtus::ticks_a_round; ++i) {
      paths.tick(now);
    }
  }

  const Ipv4Address far = ip4("10.0.1.2");
  Forwarding forwarding{{.path_mtus = 64}};
  PathMtuTable& table = forwarding.path_mtus;
  FakeHost host{forwarding};
  PathMtus paths{table, host};
  Time now = Time{} + 65530s + 250ms;  // the entries' seconds wrap soon
};

TEST_F(PathMtusTest, OfTheRouterIsBelieved) {
  EXPECT_EQ(learn(1300), 1300);
  EXPECT_EQ(known(), 1300);
  EXPECT_EQ(host.path_mtu_changes, std::vector{far});
  EXPECT_EQ(table.lookup(ip4("10.0.1.3")), PathMtuTable::unknown);
}

TEST_F(PathMtusTest, NeverRaised) {
  EXPECT_EQ(learn(1300), 1300);
  EXPECT_EQ(learn(1400), 1300);
  EXPECT_EQ(known(), 1300);
  EXPECT_EQ(learn(1200), 1200);
  EXPECT_EQ(known(), 1200);
  EXPECT_EQ(host.path_mtu_changes.size(), 2U);
}

TEST_F(PathMtusTest, NothingIsLearnedOfWhatTheLinkDoesNotCarry) {
  EXPECT_EQ(learn(1500), std::nullopt);
  EXPECT_EQ(learn(9000), std::nullopt);
  EXPECT_EQ(table.size(), 0U);
  EXPECT_TRUE(host.path_mtu_changes.empty());
}

TEST_F(PathMtusTest, NotBelowTheFloor) {
  EXPECT_EQ(learn(68), 552);  // Linux's ip_rt_min_pmtu
  EXPECT_EQ(known(), 552);
}

TEST_F(PathMtusTest, AFloorIsNoReasonToRaise) {
  EXPECT_EQ(paths.learn(far, 68, 1500, 500, now), std::nullopt);
  EXPECT_EQ(table.size(), 0U);
}

TEST_F(PathMtusTest, RoutersThatDoNotSayHowMuch) {
  // RFC 1191 section 7.1, table 7-1.
  const std::uint16_t table_7_1[] = {65535, 32000, 17914, 8166, 4352, 2002,
                                     1492,  1006,  508,   296,  68};
  for (std::size_t i = 1; i < std::size(table_7_1); ++i) {
    EXPECT_EQ(plateau_below(table_7_1[i - 1]), table_7_1[i]);
    EXPECT_EQ(plateau_below(static_cast<std::uint16_t>(table_7_1[i] + 1)), table_7_1[i]);
  }
  EXPECT_EQ(plateau_below(68), 68);
  EXPECT_EQ(plateau_below(0), 68);
  EXPECT_EQ(learn(0, 1500), 1492);
  EXPECT_EQ(learn(0, 1492), 1006);
  EXPECT_EQ(learn(0, 1006), 552);  // 508 is below the floor
}

TEST_F(PathMtusTest, QuotedLengthsThatAreTooLong) {
  // RFC 1191 section 5: routers derived from 4.2BSD add the header's 20 bytes.
  EXPECT_EQ(learn(0, 1520), 1492);
  EXPECT_EQ(learn(0, 1512), 1006);  // 1492 is known to be too much by now
}

TEST_F(PathMtusTest, ForgottenAfterTenMinutes) {
  learn(1300);
  now += 599s;
  round();
  EXPECT_EQ(known(), 1300);
  now += 2s;
  round();
  EXPECT_EQ(known(), PathMtuTable::unknown);
  EXPECT_EQ(host.path_mtu_changes, (std::vector{far, far}));
}

TEST_F(PathMtusTest, TheSameAgainLastsLonger) {
  learn(1300);
  now += 400s;
  EXPECT_EQ(learn(1300), 1300);
  EXPECT_EQ(host.path_mtu_changes.size(), 1U);
  now += 400s;
  round();
  EXPECT_EQ(known(), 1300);
  EXPECT_EQ(learn(1400), 1300);  // more does not
  now += 201s;
  round();
  EXPECT_EQ(known(), PathMtuTable::unknown);
}

TEST_F(PathMtusTest, HowLongIsShown) {
  EXPECT_FALSE(paths.find(far, now));
  learn(1300);
  const auto at_once = paths.find(far, now);
  ASSERT_TRUE(at_once);
  EXPECT_EQ(at_once->mtu, 1300);
  EXPECT_EQ(at_once->left, 599s);  // as `ip` shows it: rounded down
  EXPECT_EQ(paths.find(far, now + 1s)->left, 598s);
  EXPECT_EQ(paths.find(far, now + 599s)->left, 0s);
  EXPECT_FALSE(paths.find(far, now + 600s));  // although no tick has come yet
}

TEST_F(PathMtusTest, WhoGivesWayInAFullTableIsForgotten) {
  for (std::uint32_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(paths.learn(Ipv4Address::from_host(0x0a000000U + i), 1300, 1500, link, now), 1300);
    now += 10ms;
  }
  EXPECT_LE(table.size(), 64U);
  EXPECT_EQ(host.path_mtu_changes.size(), 1000 + 1000 - table.size());
}

TEST_F(PathMtusTest, Cleared) {
  learn(1300);
  paths.clear();
  EXPECT_EQ(known(), PathMtuTable::unknown);
  EXPECT_EQ(learn(1400), 1400);
}

}  // namespace
}  // namespace culvert::test
