// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/neighbours.hpp"

#include "slowpath/neighbours_fixture.hpp"

namespace culvert::test {
namespace {

TEST_F(NeighboursTest, AcquiredEntryIsKnownUnaskedAndKept) {
  NeighbourEntry& entry = table->acquire(0, a);
  EXPECT_EQ(&table->acquire(0, a), &entry);
  EXPECT_EQ(entry.users, 2U);
  EXPECT_EQ(entry.state, NeighbourState::none);
  EXPECT_EQ(reachability(entry), Reachability::unresolved);
  EXPECT_EQ(MacWord{entry.source.load()}.mac(), own);
  EXPECT_EQ(MacWord{entry.source.load()}.extra(), 0U);
  EXPECT_EQ(host.events, std::vector<std::string>{"+192.0.2.1"});
  table->release(entry);
  pass(1000s);
  EXPECT_EQ(table->find(0, a), &entry);
  EXPECT_EQ(notes.questions, 0);
}

TEST_F(NeighboursTest, ReleasedUnaskedEntryGoesWithTheNextTick) {
  NeighbourEntry& entry = table->acquire(0, a);
  table->release(entry);
  EXPECT_EQ(table->find(0, a), &entry) << "not under its holder's hands";
  advance(0s);
  EXPECT_EQ(table->find(0, a), nullptr);
  EXPECT_EQ(host.events.back(), "-192.0.2.1");
}

TEST_F(NeighboursTest, AcquiredAgainBeforeTheTickStays) {
  NeighbourEntry& entry = table->acquire(0, a);
  table->release(entry);
  EXPECT_EQ(&table->acquire(0, a), &entry);
  advance(0s);
  EXPECT_EQ(table->find(0, a), &entry);
}

TEST_F(NeighboursTest, HeldPacketsLeaveInOrderWhenItAnswers) {
  NeighbourEntry& entry = table->acquire(0, a);
  std::vector<const rte_mbuf*> expected;
  for (int i = 0; i < 10; ++i) {
    expected.push_back(hold(entry));
  }
  table->update(entry, {.mac = its, .reachable = true}, now);
  EXPECT_EQ(notes.resumed, expected);
  EXPECT_EQ(entry.confirmed, now);
  EXPECT_EQ(entry.state, NeighbourState::reachable);
  EXPECT_EQ(reachability(entry), Reachability::ready);
  EXPECT_EQ(published(entry), its);
  EXPECT_EQ(table->held(), 0U);
  pass(3s);
  EXPECT_EQ(notes.questions, 1);
}

TEST_F(NeighboursTest, TheOldestIsDisplaced) {
  limit({.held_each = 2});
  NeighbourEntry& entry = table->acquire(0, a);
  const rte_mbuf* const oldest = hold(entry);
  const rte_mbuf* const second = hold(entry);
  const rte_mbuf* const third = hold(entry);
  ASSERT_EQ(notes.discarded.size(), 1U);
  EXPECT_EQ(notes.discarded[0], std::pair(oldest, Drop::held_overflow));
  table->update(entry, {.mac = its}, now);
  EXPECT_EQ(notes.resumed, (std::vector{second, third}));
}

TEST_F(NeighboursTest, HeldPacketsAreBoundedInAll) {
  limit({.held_each = 4, .held_total = 3});
  NeighbourEntry& first_entry = table->acquire(0, a);
  NeighbourEntry& second_entry = table->acquire(0, b);
  const rte_mbuf* const oldest = hold(first_entry);
  hold(first_entry);
  hold(first_entry);
  const rte_mbuf* const refused = hold(second_entry);
  EXPECT_EQ(notes.discarded.back(), std::pair(refused, Drop::held_overflow));
  EXPECT_EQ(second_entry.state, NeighbourState::incomplete) << "it is asked for all the same";
  hold(first_entry);
  EXPECT_EQ(notes.discarded.back(), std::pair(oldest, Drop::held_overflow));
  EXPECT_EQ(table->held(), 3U);
}

TEST_F(NeighboursTest, PermanentEntryNeedsNoTimerAndReleasesWhatWaits) {
  NeighbourEntry& entry = table->acquire(0, a);
  const rte_mbuf* const m = hold(entry);
  EXPECT_EQ(&table->set_permanent(0, a, its), &entry);
  EXPECT_EQ(notes.resumed, std::vector{m});
  EXPECT_EQ(table->next_due(), Time::max());
  pass(100s);
  EXPECT_EQ(entry.state, NeighbourState::permanent);
  EXPECT_EQ(reachability(entry), Reachability::ready);
  EXPECT_EQ(notes.questions, 1);
}

TEST_F(NeighboursTest, RemovedEntryGoesOrHasFailed) {
  EXPECT_FALSE(table->remove(0, a));
  learn(a);
  EXPECT_TRUE(table->remove(0, a));
  EXPECT_EQ(table->find(0, a), nullptr);
  NeighbourEntry& used = table->acquire(0, b);
  const rte_mbuf* const m = hold(used);
  EXPECT_TRUE(table->remove(0, b));
  EXPECT_EQ(table->find(0, b), &used);
  EXPECT_EQ(used.state, NeighbourState::failed);
  EXPECT_EQ(notes.discarded.back(), std::pair(m, Drop::neighbour_failed));
  pass(10s);
  EXPECT_EQ(notes.questions, 1) << "it is not asked for before it is needed";
  EXPECT_EQ(host.events, (std::vector<std::string>{"+192.0.2.1", "-192.0.2.1", "+192.0.2.2"}));
}

TEST_F(NeighboursTest, LimitIsForWhatTrafficMakes) {
  limit({.entries = 2});
  hold(*table->find_or_learn(0, a, now));
  hold(*table->find_or_learn(0, b, now));
  EXPECT_EQ(table->find_or_learn(0, numbered(1), now), nullptr);
  EXPECT_NE(table->find_or_learn(0, a, now), nullptr) << "it is there";
  (void)table->acquire(0, numbered(2));
  table->set_permanent(0, numbered(3), its);
  EXPECT_EQ(table->size(), 4U) << "what is configured counts, but is not refused";
}

TEST_F(NeighboursTest, FullTableGivesUpWhatFailed) {
  limit({.entries = 2});
  hold(*table->find_or_learn(0, a, now));
  pass(2s);
  hold(*table->find_or_learn(0, b, now));
  pass(1s);
  ASSERT_EQ(table->find(0, a)->state, NeighbourState::failed);
  EXPECT_NE(table->find_or_learn(0, numbered(1), now), nullptr);
  EXPECT_EQ(table->find(0, a), nullptr);
  EXPECT_NE(table->find(0, b), nullptr);
}

TEST_F(NeighboursTest, FullTableGivesUpStaleEntriesButFreshOnes) {
  limit({.entries = 1});
  NeighbourEntry& entry = learn(a);
  EXPECT_EQ(table->find_or_learn(0, b, now), nullptr);
  now += 5s;
  send_by(entry);
  EXPECT_EQ(table->find_or_learn(0, b, now), nullptr) << "it is in use";
  table->update(entry, {.mac = another}, now);
  now += 5s;
  EXPECT_NE(table->find_or_learn(0, b, now), nullptr);
  EXPECT_EQ(table->find(0, a), nullptr);
}

TEST_F(NeighboursTest, TableForNobody) {
  limit({.entries = 0});
  EXPECT_EQ(table->find_or_learn(0, a, now), nullptr);
}

TEST_F(NeighboursTest, SourceIsRewrittenForOnePort) {
  NeighbourEntry& first_entry = table->acquire(0, a);
  NeighbourEntry& second_entry = table->acquire(1, a);
  NeighbourEntry& third_entry = table->acquire(1, ip6("2001:db8::1"));
  NeighbourEntry& fourth_entry = table->acquire(2, a);
  table->set_source(1, another);
  const auto word = [](const NeighbourEntry& entry) { return entry.source.load(); };
  EXPECT_EQ(word(first_entry), MacWord(own, 0).word());
  EXPECT_EQ(word(second_entry), MacWord(another, 1).word());
  EXPECT_EQ(word(third_entry), MacWord(another, 1).word());
  EXPECT_EQ(word(fourth_entry), MacWord({}, 2).word());
  EXPECT_EQ(word(table->acquire(1, b)), MacWord(another, 1).word());
}

TEST_F(NeighboursTest, RemovedPortTakesItsEntriesAlong) {
  (void)table->acquire(0, a);
  NeighbourEntry& waiting = *table->find_or_learn(1, a, now);
  const rte_mbuf* const m = hold(waiting);
  table->set_permanent(1, ip6("2001:db8::1"), its);
  NeighbourEntry& used = table->acquire(1, b);
  (void)table->acquire(2, a);
  table->remove_port(1);
  EXPECT_EQ(table->size(), 3U);
  EXPECT_EQ(notes.discarded.back(), std::pair(m, Drop::port_down));
  EXPECT_EQ(table->find(1, b), &used) << "somebody still points at it";
  EXPECT_EQ(reachability(used), Reachability::unresolved);
}

TEST_F(NeighboursTest, InOrderOfPortFamilyAndAddress) {
  for (const char* const address : {"2001:db8::2", "192.0.2.10", "192.0.2.9", "2001:db8::1"}) {
    (void)table->acquire(1, parse_address(address).value());
    (void)table->acquire(0, parse_address(address).value());
  }
  std::vector<std::string> seen;
  table->for_each([&](const NeighbourEntry& entry) {
    seen.push_back(std::to_string(entry.port) + " " + to_string(entry.address));
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"0 192.0.2.9", "0 192.0.2.10", "0 2001:db8::1",
                                            "0 2001:db8::2", "1 192.0.2.9", "1 192.0.2.10",
                                            "1 2001:db8::1", "1 2001:db8::2"}));
}

/// What a host does that needs neighbours for neighbours.
class Reentrant final : public Host {
 public:
  explicit Reentrant(Neighbours& table) : table_(table) {}
  [[nodiscard]] std::optional<PortView> port(std::uint16_t) const override { return {}; }
  [[nodiscard]] std::optional<Ipv6Address> tunnel_link_local(std::uint32_t) const override {
    return {};
  }
  [[nodiscard]] std::optional<NextHop> tunnel_hop(std::uint32_t, std::uint16_t) override {
    return {};
  }
  void line_changed(std::uint32_t, bool) override {}
  [[nodiscard]] std::optional<Ipv4Address> source_on(std::uint16_t, Ipv4Address) const override {
    return {};
  }
  [[nodiscard]] std::optional<Ipv6Address> source_on(std::uint16_t,
                                                     const Ipv6Address&) const override {
    return {};
  }
  [[nodiscard]] std::optional<Ipv4Address> source_towards(Ipv4Address) const override { return {}; }
  [[nodiscard]] std::optional<Ipv6Address> source_towards(const Ipv6Address&) const override {
    return {};
  }
  [[nodiscard]] std::optional<QuotedTunnel> sender_of(const TunnelQuote&) const override {
    return {};
  }
  void path_mtu_changed(Ipv4Address) override {}
  void neighbour_added(NeighbourEntry&) override {}
  void neighbour_removed(NeighbourEntry& neighbour) override {
    again = &table_.acquire(neighbour.port, neighbour.address);
    removed = &neighbour;
  }

  const NeighbourEntry* again = nullptr;
  const NeighbourEntry* removed = nullptr;

 private:
  Neighbours& table_;
};

TEST_F(NeighboursTest, EntryThatIsNeededAgainWhileItGoesIsAnother) {
  Reentrant reentrant(*table);
  table->set_host(&reentrant);
  learn(a);
  table->remove(0, a);
  EXPECT_NE(reentrant.again, nullptr);
  EXPECT_NE(reentrant.again, reentrant.removed);
  EXPECT_EQ(table->find(0, a), reentrant.again);
  table->set_host(nullptr);
}

TEST_F(NeighboursTest, WorkersMayReadARemovedEntryUntilTheyReport) {
  forwarding.quiescence.online(0);
  const NeighbourEntry& entry = learn(a);
  table->remove(0, a);
  EXPECT_EQ(forwarding.quiescence.poll(), 1U);
  EXPECT_EQ(published(entry), its) << "AddressSanitizer sees whether it is still there";
  forwarding.quiescence.quiescent(0);
  EXPECT_EQ(forwarding.quiescence.poll(), 0U);
  forwarding.quiescence.offline(0);
}

TEST_F(NeighboursTest, WithoutAnOutputNothingIsHeld) {
  NeighbourEntry& entry = table->acquire(0, a);
  hold(entry);
  table->set_output(nullptr);
  EXPECT_EQ(table->held(), 0U);
  EXPECT_EQ(mbufs.missing(), 0U);
  pass(10s);
  EXPECT_EQ(entry.state, NeighbourState::failed);
}

}  // namespace
}  // namespace culvert::test
