// SPDX-License-Identifier: BSD-3-Clause
#include "slowpath/neighbours_fixture.hpp"

namespace culvert::test {
namespace {

using NeighbourStatesTest = NeighboursTest;

TEST_F(NeighbourStatesTest, AsksOnceASecondThreeTimesThenFails) {
  NeighbourEntry& entry = table->acquire(0, a);
  const rte_mbuf* const m = hold(entry);
  EXPECT_EQ(entry.state, NeighbourState::incomplete);
  EXPECT_EQ(notes.questions, 1);
  advance(999ms);
  EXPECT_EQ(notes.questions, 1);
  advance(1ms);
  EXPECT_EQ(notes.questions, 2);
  advance(1s);
  EXPECT_EQ(notes.questions, 3);
  EXPECT_EQ(entry.state, NeighbourState::incomplete);
  EXPECT_TRUE(notes.discarded.empty());
  advance(1s);
  EXPECT_EQ(notes.questions, 3);
  EXPECT_EQ(entry.state, NeighbourState::failed);
  ASSERT_EQ(notes.discarded.size(), 1U);
  EXPECT_EQ(notes.discarded[0], std::pair(m, Drop::neighbour_failed));
  EXPECT_EQ(table->held(), 0U);
}

TEST_F(NeighbourStatesTest, FailedEntryIsAskedForAgainByTheNextPacket) {
  NeighbourEntry& entry = table->acquire(0, a);
  hold(entry);
  pass(3s);
  hold(entry);
  EXPECT_EQ(entry.state, NeighbourState::incomplete);
  EXPECT_EQ(notes.questions, 4);
}

TEST_F(NeighbourStatesTest, MorePacketsDoNotAskMore) {
  NeighbourEntry& entry = table->acquire(0, a);
  hold(entry);
  hold(entry);
  EXPECT_EQ(notes.questions, 1);
}

TEST_F(NeighbourStatesTest, ReachableForThirtySecondsThenStale) {
  NeighbourEntry& entry = table->acquire(0, a);
  table->update(entry, {.mac = its, .reachable = true}, now);
  pass(20s);
  table->update(entry, {.mac = its, .reachable = true}, now);
  pass(29s);
  EXPECT_EQ(entry.state, NeighbourState::reachable);
  pass(1s);
  EXPECT_EQ(entry.state, NeighbourState::stale);
  EXPECT_EQ(reachability(entry), Reachability::idle);
  EXPECT_EQ(published(entry), its) << "workers go on sending";
}

TEST_F(NeighbourStatesTest, StaleEntryThatIsUsedIsProbedAfterTheDelay) {
  NeighbourEntry& entry = learn(a);
  EXPECT_EQ(entry.state, NeighbourState::stale);
  send_by(entry);
  advance(Neighbours::stale_check_time);
  EXPECT_EQ(entry.state, NeighbourState::delay);
  pass(4s);
  EXPECT_EQ(notes.probes, 0);
  pass(1s);
  EXPECT_EQ(entry.state, NeighbourState::probe);
  EXPECT_EQ(notes.probes, 1);
  pass(2s);
  EXPECT_EQ(notes.probes, 3);
  EXPECT_EQ(reachability(entry), Reachability::ready);
  pass(1s);
  EXPECT_EQ(entry.state, NeighbourState::failed);
  EXPECT_EQ(entry.destination.load(), 0U) << "no MAC, unresolved";
  EXPECT_EQ(notes.questions, 0);
}

TEST_F(NeighbourStatesTest, AnAnswerEndsTheProbing) {
  NeighbourEntry& entry = learn(a);
  send_by(entry);
  pass(8s);
  ASSERT_EQ(entry.state, NeighbourState::probe);
  table->update(entry, {.reachable = true}, now);
  EXPECT_EQ(entry.state, NeighbourState::reachable);
  pass(20s);
  EXPECT_LE(notes.probes, 3);
  EXPECT_EQ(entry.state, NeighbourState::reachable);
}

TEST_F(NeighbourStatesTest, StaleEntryThatNobodyUsesIsLeftAlone) {
  NeighbourEntry& entry = learn(a);
  pass(1000s);
  EXPECT_EQ(table->find(0, a), &entry) << "few entries: there is room for it";
  EXPECT_EQ(entry.state, NeighbourState::stale);
  EXPECT_EQ(notes.probes + notes.questions, 0);
}

// RFC 4861 section 7.2.5 and appendix C, and neigh_update() of Linux.
TEST_F(NeighbourStatesTest, WhatANeighbourSaysOfItself) {
  using State = NeighbourState;
  struct Case {
    const char* description;
    State before;  // with `its` MAC where it has one
    NeighbourUpdate heard;
    State after;
    bool takes_another;
  };
  const Case cases[] = {
      {"asked: answer",
       State::incomplete,
       {.mac = another, .reachable = true},
       State::reachable,
       true},
      {"asked: shows itself", State::incomplete, {.mac = another}, State::stale, true},
      {"asked: answer without MAC",
       State::incomplete,
       {.reachable = true},
       State::incomplete,
       false},
      {"asked: first MAC counts without override",
       State::incomplete,
       {.mac = another, .reachable = true, .replace = false},
       State::reachable,
       true},
      {"stale: confirmed", State::stale, {.mac = its, .reachable = true}, State::reachable, false},
      {"stale: confirmed without MAC", State::stale, {.reachable = true}, State::reachable, false},
      {"reachable: same, unasked", State::reachable, {.mac = its}, State::reachable, false},
      {"reachable: other MAC", State::reachable, {.mac = another}, State::stale, true},
      {"reachable: other MAC, answer",
       State::reachable,
       {.mac = another, .reachable = true},
       State::reachable,
       true},
      {"reachable: other MAC, no override",
       State::reachable,
       {.mac = another, .reachable = true, .replace = false},
       State::reachable,
       false},
      {"reachable: other MAC, no override, IPv6",
       State::reachable,
       {.mac = another, .reachable = true, .replace = false, .doubt = true},
       State::stale,
       false},
      {"stale: other MAC, no override, IPv6",
       State::stale,
       {.mac = another, .reachable = true, .replace = false, .doubt = true},
       State::stale,
       false},
      {"failed: shows itself", State::failed, {.mac = another}, State::stale, true},
      {"permanent: other MAC",
       State::permanent,
       {.mac = another, .reachable = true},
       State::permanent,
       false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.description);
    limit({});
    NeighbourEntry& entry = table->acquire(0, a);
    if (c.before == State::permanent) {
      table->set_permanent(0, a, its);
    } else if (c.before == State::incomplete || c.before == State::failed) {
      hold(entry);
      pass(c.before == State::failed ? 3s : 0s);
    } else {
      table->update(entry, {.mac = its, .reachable = c.before == State::reachable}, now);
    }
    ASSERT_EQ(entry.state, c.before);
    table->update(entry, c.heard, now);
    EXPECT_EQ(entry.state, c.after);
    if (entry.has_mac()) {
      EXPECT_EQ(entry.mac, c.takes_another ? another : its);
      EXPECT_EQ(published(entry), entry.mac);
    }
  }
}

TEST_F(NeighbourStatesTest, RouterFlagFollowsWhatIsBelieved) {
  NeighbourEntry& entry = learn(a);
  table->update(entry, {.mac = its, .router = true}, now);
  EXPECT_TRUE(entry.router);
  table->update(entry, {.mac = another, .replace = false, .router = false}, now);
  EXPECT_TRUE(entry.router);
  table->update(entry, {.mac = its, .router = false}, now);
  EXPECT_FALSE(entry.router);
}

TEST_F(NeighbourStatesTest, FailedEntryWithoutUsersGoesAfterAWhile) {
  NeighbourEntry& entry = *table->find_or_learn(0, a, now);
  hold(entry);
  pass(3s);
  ASSERT_EQ(entry.state, NeighbourState::failed);
  pass(59s);
  EXPECT_NE(table->find(0, a), nullptr);
  pass(1s);
  EXPECT_EQ(table->find(0, a), nullptr);
}

TEST_F(NeighbourStatesTest, FailedEntryWithUsersGoesOnceReleased) {
  NeighbourEntry& entry = table->acquire(0, a);
  hold(entry);
  pass(100s);
  EXPECT_EQ(table->find(0, a), &entry);
  table->release(entry);
  advance(0s);
  EXPECT_EQ(table->find(0, a), nullptr);
}

TEST_F(NeighbourStatesTest, UnusedStaleEntriesAreCollectedDownToALimit) {
  table->update(table->acquire(0, a), {.mac = its}, now);
  for (unsigned i = 0; i < 300; ++i) {
    learn(numbered(i));
  }
  for (int i = 0; i < 70; ++i) {
    send_by(*table->find(0, numbered(7)));
    table->update(*table->find(0, numbered(7)), {.reachable = true}, now);
    advance(1s);
    advance(0s);
  }
  EXPECT_EQ(table->size(), Neighbours::collected_above);
  EXPECT_NE(table->find(0, a), nullptr);
  EXPECT_NE(table->find(0, numbered(7)), nullptr);
}

TEST_F(NeighbourStatesTest, TickIsBoundedAndOldestFirst) {
  for (unsigned i = 0; i < 1000; ++i) {
    table->set_output(&notes);
    hold(table->acquire(0, numbered(i)));
    now += 1us;
  }
  notes.questions = 0;
  advance(1s);
  EXPECT_EQ(notes.questions, static_cast<int>(Neighbours::expirations_per_tick));
  EXPECT_EQ(table->find(0, numbered(0))->probes, 2U);
  EXPECT_EQ(table->find(0, numbered(999))->probes, 1U);
  EXPECT_LE(table->next_due(), now) << "so that the caller knows";
  for (int i = 0; i < 3; ++i) {
    advance(0s);
  }
  EXPECT_EQ(notes.questions, 1000);
}

}  // namespace
}  // namespace culvert::test
