// SPDX-License-Identifier: BSD-3-Clause
// tests/slowpath: a gateway without workers: the test punts in their place and looks at what is
// injected.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "culvert/slowpath/slow_path.hpp"

#include "slowpath/fake_host.hpp"
#include "slowpath/mbufs.hpp"
#include "support/bytes.hpp"

namespace culvert::test {

using namespace std::chrono_literals;

/// Ports 0 (192.0.2.254/24, 2001:db8::ff/64) and 1 (198.51.100.254/24), and 10.0.0.1/32 of our own.
class SlowPathTest : public testing::Test {
 protected:
  static constexpr std::string_view own_mac = "02:00:00:00:00:01";
  static constexpr std::string_view host_mac = "02:00:00:00:01:02";
  static constexpr std::string_view own4 = "192.0.2.254";
  static constexpr std::string_view other_own4 = "10.0.0.1";
  static constexpr std::string_view host4 = "192.0.2.1";
  static constexpr std::string_view far4 = "198.51.100.1";
  static constexpr std::string_view own6 = "2001:db8::ff";
  static constexpr std::string_view host6 = "2001:db8::1";
  static constexpr std::string_view own_link_local = "fe80::ff";

  struct Injected {
    Bytes bytes;
    Entry entry;
    std::uint16_t port;
    std::uint16_t headroom;
    const void* mbuf;
  };

  SlowPathTest();
  /// Every mbuf is in its pool again.
  void TearDown() override;
  /// Starts over with other limits.
  void limit(const IcmpLimits& icmp, const NeighbourLimits& neighbours = {});

  /// As a worker does it; `l2` stands before the data.
  void punt(rte_mbuf* m, PacketFacts facts);
  void punt(const Bytes& packet, const PacketFacts& facts, const Bytes& l2 = {});
  void punt_arp(const Bytes& frame, std::uint16_t port = 0);
  /// A packet that came from the host, to a MAC of ours unless said otherwise.
  void punt_local(const Bytes& packet, std::string_view to = own_mac, std::uint16_t port = 0);
  void punt_resolve(const Bytes& packet, Entry entry = Entry::forward);
  void punt_error(const Bytes& packet, Drop drop, std::uint16_t mtu = 0);
  void poll() { (void)slow_path->poll(now); }
  void advance(Clock::duration by);

  /// What a worker is given, in order.
  [[nodiscard]] std::vector<Injected> take(std::size_t worker = 0);
  /// The only one.
  [[nodiscard]] Bytes take_one(Entry entry, std::uint16_t port = 0);
  void expect_nothing() { EXPECT_TRUE(take().empty()); }

  [[nodiscard]] std::uint64_t drops(Drop drop) const {
    return counters->drops[static_cast<std::size_t>(drop)].get();
  }
  [[nodiscard]] std::uint64_t all_drops() const;
  [[nodiscard]] NeighbourEntry* neighbour(std::string_view address, std::uint16_t port = 0) {
    return neighbours->find(port, parse_address(address).value());
  }
  [[nodiscard]] NeighbourState state(std::string_view address) {
    NeighbourEntry* const entry = neighbour(address);
    return entry == nullptr ? NeighbourState::none : entry->state;
  }

  Mbufs mbufs;
  Forwarding forwarding{{.workers = 2}};
  Doorbell doorbell;
  Exchange first_exchange{"first", doorbell};
  Exchange second_exchange{"second", doorbell};
  std::array<Exchange*, 2> exchanges{&first_exchange, &second_exchange};
  FakeHost host{forwarding};
  std::unique_ptr<Counters> counters;
  std::unique_ptr<Neighbours> neighbours;
  std::unique_ptr<SlowPath> slow_path;
  Time now = Time{} + 1000s;
};

}  // namespace culvert::test
