// SPDX-License-Identifier: BSD-3-Clause
#include "slowpath/fixture.hpp"

namespace culvert::test {

SlowPathTest::SlowPathTest() {
  host.ports[0] = {.mac = mac(own_mac), .link_local = ip6(own_link_local), .mtu = 1500};
  host.ports[1] = {.mac = mac("02:00:00:00:00:02"), .link_local = ip6("fe80::fe"), .mtu = 1500};
  host.ipv4_source = ip4(own4);
  host.ipv6_source = ip6(own6);
  host.route(ip4("192.0.2.0"), 24, {.mtu = 1500, .port = 0, .kind = NextHop::Kind::connected});
  host.route(ip4("198.51.100.0"), 24, {.mtu = 1500, .port = 1, .kind = NextHop::Kind::connected});
  host.route(ip6("2001:db8::"), 64, {.mtu = 1500, .port = 0, .kind = NextHop::Kind::connected});
  for (const std::string_view own : {own4, other_own4, own6}) {
    host.route(parse_address(own).value(), NextHop::Kind::local);
  }
  host.route(ip4("192.0.2.255"), NextHop::Kind::broadcast);
  limit({});
}

void SlowPathTest::limit(const IcmpLimits& icmp, const NeighbourLimits& limits) {
  slow_path.reset();
  counters = std::make_unique<Counters>(1);
  neighbours = std::make_unique<Neighbours>(forwarding.quiescence, limits);
  neighbours->set_host(&host);
  for (const auto& [index, view] : host.ports) {
    neighbours->set_source(index, view.mac);
  }
  slow_path = std::make_unique<SlowPath>(forwarding, *neighbours, host, *counters, mbufs.pool(),
                                         exchanges, icmp);
}

void SlowPathTest::TearDown() {
  slow_path.reset();
  for (Exchange* const exchange : exchanges) {
    rte_mbuf* m = nullptr;
    while (exchange->take_punts(&m, 1) != 0 || exchange->take_injections(&m, 1) != 0) {
      rte_pktmbuf_free(m);
    }
  }
  EXPECT_EQ(mbufs.missing(), 0U);
}

void SlowPathTest::punt(rte_mbuf* m, PacketFacts facts) {
  facts_of(m) = facts;
  ASSERT_TRUE(exchanges.at(facts.worker)->punt(m));
}

void SlowPathTest::punt(const Bytes& packet, const PacketFacts& facts, const Bytes& l2) {
  punt(mbufs.make(packet, l2), facts);
}

void SlowPathTest::punt_arp(const Bytes& frame, std::uint16_t port) {
  punt(frame, {.punt = Punt::arp, .port = port});
}

void SlowPathTest::punt_local(const Bytes& packet, std::string_view to, std::uint16_t port) {
  punt(packet, {.punt = Punt::local, .port = port, .l2 = sizeof(EthernetHeader)},
       ethernet(to, host_mac, ether_type::ipv6, {}));
}

void SlowPathTest::punt_resolve(const Bytes& packet, Entry entry) {
  punt(packet, {.punt = Punt::resolve, .entry = entry});
}

void SlowPathTest::punt_error(const Bytes& packet, Drop drop, std::uint16_t mtu) {
  punt(packet, {.punt = Punt::error, .drop = drop, .mtu = mtu});
}

void SlowPathTest::advance(Clock::duration by) {
  now += by;
  slow_path->tick(now);
}

std::vector<SlowPathTest::Injected> SlowPathTest::take(std::size_t worker) {
  std::vector<Injected> all;
  rte_mbuf* m = nullptr;
  while (exchanges.at(worker)->take_injections(&m, 1) != 0) {
    const PacketFacts facts = facts_of(m);
    all.push_back({content_of(m), facts.entry, facts.port, m->data_off, m});
    rte_pktmbuf_free(m);
  }
  return all;
}

Bytes SlowPathTest::take_one(Entry entry, std::uint16_t port) {
  const auto all = take(entry == Entry::transmit ? port : 0);
  EXPECT_EQ(all.size(), 1U);
  if (all.size() != 1) {
    return {};
  }
  EXPECT_EQ(all.front().entry, entry);
  EXPECT_EQ(all.front().port, port);
  return all.front().bytes;
}

std::uint64_t SlowPathTest::all_drops() const {
  std::uint64_t sum = 0;
  for (const Counter& drop : counters->drops) {
    sum += drop.get();
  }
  return sum;
}

}  // namespace culvert::test
