// SPDX-License-Identifier: BSD-3-Clause
// tests/slowpath: a neighbour table alone, and notes of what it asks for.
#pragma once

#include <gtest/gtest.h>

#include "slowpath/fake_host.hpp"
#include "slowpath/mbufs.hpp"
#include "support/bytes.hpp"

namespace culvert::test {

using namespace std::chrono_literals;

/// Writes down what the table asks for.
class Notes final : public NeighbourOutput {
 public:
  void solicit(const NeighbourEntry& neighbour) override {
    ++(neighbour.has_mac() ? probes : questions);
  }
  void resume(rte_mbuf* m) override {
    resumed.push_back(m);
    rte_pktmbuf_free(m);
  }
  void discard(rte_mbuf* m, Drop reason) override {
    discarded.emplace_back(m, reason);
    rte_pktmbuf_free(m);
  }

  int questions = 0;
  int probes = 0;
  std::vector<const rte_mbuf*> resumed;
  std::vector<std::pair<const rte_mbuf*, Drop>> discarded;
};

class NeighboursTest : public testing::Test {
 protected:
  NeighboursTest() { limit({}); }
  void TearDown() override {
    table.reset();
    EXPECT_EQ(mbufs.missing(), 0U);
  }
  void limit(const NeighbourLimits& limits) {
    table = std::make_unique<Neighbours>(forwarding.quiescence, limits);
    table->set_host(&host);
    table->set_output(&notes);
    table->set_source(0, own);
    host.events.clear();
  }
  void advance(Clock::duration by) {
    now += by;
    table->tick(now);
  }
  /// Second by second.
  void pass(std::chrono::seconds time) {
    for (auto i = 0s; i < time; ++i) {
      advance(1s);
    }
  }
  NeighbourEntry& learn(const IpAddress& address) {
    NeighbourEntry& entry = *table->find_or_learn(0, address, now);
    table->update(entry, {.mac = its}, now);
    return entry;
  }
  rte_mbuf* hold(NeighbourEntry& entry) {
    rte_mbuf* const m = mbufs.make(payload(20));
    table->hold(entry, m, now);
    return m;
  }
  /// What a worker does when it sends (see dataplane/route.hpp).
  static void send_by(NeighbourEntry& entry) {
    const MacWord word{entry.destination.load()};
    if (word.extra() == static_cast<std::uint16_t>(Reachability::idle)) {
      entry.destination.store(
          MacWord{word.mac(), static_cast<std::uint16_t>(Reachability::ready)}.word());
    }
  }
  static Reachability reachability(const NeighbourEntry& entry) {
    return static_cast<Reachability>(MacWord{entry.destination.load()}.extra());
  }
  static MacAddress published(const NeighbourEntry& entry) {
    return MacWord{entry.destination.load()}.mac();
  }

  const MacAddress own = mac("02:00:00:00:00:01");
  const MacAddress its = mac("02:00:00:00:01:02");
  const MacAddress another = mac("02:00:00:00:01:03");
  const IpAddress a = ip4("192.0.2.1");
  const IpAddress b = ip4("192.0.2.2");

  Mbufs mbufs;
  Forwarding forwarding{{.workers = 1}};
  FakeHost host{forwarding};
  Notes notes;
  std::unique_ptr<Neighbours> table;
  Time now = Time{} + 1000s;
};

inline IpAddress numbered(unsigned i) {
  return Ipv4Address::from_host(0x0a000000U + i);
}

}  // namespace culvert::test
