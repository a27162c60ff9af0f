// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/discovery.hpp"

#include <gtest/gtest.h>

#include "slowpath/fixture.hpp"

namespace culvert::test {
namespace {

constexpr std::string_view host_link_local = "fe80::1";
constexpr std::string_view stranger_mac = "02:00:00:00:01:03";

Bytes link_option(std::uint8_t type, std::string_view address) {
  return bytes_of(LinkLayerOption{type, 1, mac(address)});
}

class DiscoveryTest : public SlowPathTest {
 protected:
  static Bytes solicit(std::string_view target, std::string_view source = host_link_local,
                       std::string_view destination = {},
                       const Bytes& options = link_option(LinkLayerOption::source, host_mac)) {
    const std::string group = to_string(solicited_node(ip6(target)));
    return icmp6(source, destination.empty() ? group : destination, icmpv6::neighbour_solicitation,
                 0, 0, bytes_of(ip6(target)) + options, 255);
  }
  static Bytes advertise(std::string_view target, std::uint32_t flags,
                         const Bytes& options = link_option(LinkLayerOption::target, host_mac),
                         std::string_view destination = own6) {
    return icmp6(target, destination, icmpv6::neighbour_advertisement, 0, flags,
                 bytes_of(ip6(target)) + options, 255);
  }
  void receive(const Bytes& packet) {
    punt_local(packet);
    poll();
  }
  void expect_unused(const Bytes& packet) {
    const std::uint64_t before = drops(Drop::not_handled);
    receive(packet);
    EXPECT_EQ(drops(Drop::not_handled), before + 1);
    EXPECT_EQ(counters->delivered.get(), 0U);
    expect_nothing();
  }
  void expect_advertised(std::string_view target, std::string_view destination,
                         std::string_view to = host_mac, std::uint32_t flags = 0xe0000000) {
    EXPECT_EQ(take_one(Entry::transmit),
              ethernet(to, own_mac, ether_type::ipv6,
                       icmp6(target, destination, icmpv6::neighbour_advertisement, 0, flags,
                             bytes_of(ip6(target)) + link_option(LinkLayerOption::target, own_mac),
                             255)));
  }
  /// An entry in this state, with the host's MAC.
  NeighbourEntry& known(NeighbourState wanted) {
    NeighbourEntry& entry = neighbours->acquire(0, ip6(host6));
    neighbours->update(
        entry, {.mac = mac(host_mac), .reachable = wanted == NeighbourState::reachable}, now);
    return entry;
  }
};

TEST_F(DiscoveryTest, AdvertisesAGlobalAddress) {
  receive(solicit(own6));
  expect_advertised(own6, host_link_local);
  EXPECT_EQ(counters->delivered.get(), 1U);
  EXPECT_EQ(counters->originated.get(), 1U);
  EXPECT_EQ(all_drops(), 0U);
}

TEST_F(DiscoveryTest, AdvertisesThePortsLinkLocalAddress) {
  receive(solicit(own_link_local));
  expect_advertised(own_link_local, host_link_local);
}

TEST_F(DiscoveryTest, AnotherPortsLinkLocalAddressIsNotHere) {
  expect_unused(solicit("fe80::fe"));
}

TEST_F(DiscoveryTest, AdvertisesToWhoAsksByUnicast) {  // RFC 4861 section 7.3.3
  receive(solicit(own6, host_link_local, own6));
  expect_advertised(own6, host_link_local);
  receive(solicit(own_link_local, host_link_local, own_link_local, {}));
  expect_advertised(own_link_local, host_link_local);
}

TEST_F(DiscoveryTest, LearnsFromWhoAsksUs) {
  receive(solicit(own6));
  (void)take();
  EXPECT_EQ(state(host_link_local), NeighbourState::stale);
  EXPECT_EQ(neighbour(host_link_local)->mac, mac(host_mac));
}

TEST_F(DiscoveryTest, LearnsNothingWithoutTheOption) {
  receive(solicit(own6, host_link_local, {}, {}));
  expect_advertised(own6, host_link_local);
  EXPECT_EQ(neighbours->size(), 0U);
}

TEST_F(DiscoveryTest, DefendsItsAddressAgainstDuplicates) {  // RFC 4862 section 5.4.3
  receive(solicit(own6, "::", {}, {}));
  expect_advertised(own6, "ff02::1", "33:33:00:00:00:01", 0xa0000000);
  EXPECT_EQ(neighbours->size(), 0U);
}

TEST_F(DiscoveryTest, IsSilentAboutOthersAddresses) {
  expect_unused(solicit("2001:db8::77"));
  EXPECT_EQ(neighbours->size(), 0U);
}

TEST_F(DiscoveryTest, AnswersThoughTheTableIsFull) {
  limit({}, {.entries = 0});
  receive(solicit(own6));
  expect_advertised(own6, host_link_local);
}

TEST_F(DiscoveryTest, OurOwnPacketsAreIgnored) {
  expect_unused(solicit(own6, own_link_local));
  expect_unused(solicit(own6, own6));
  expect_unused(solicit(own6, host_link_local, {}, link_option(LinkLayerOption::source, own_mac)));
  punt(solicit(own6), {.punt = Punt::local, .l2 = sizeof(EthernetHeader)},
       ethernet(own_mac, own_mac, ether_type::ipv6, {}));
  poll();
  EXPECT_EQ(drops(Drop::not_handled), 4U);
  expect_nothing();
  EXPECT_EQ(neighbours->size(), 0U);
}

TEST_F(DiscoveryTest, SenderWithAGroupMacIsIgnored) {
  punt(solicit(own6), {.punt = Punt::local, .l2 = sizeof(EthernetHeader)},
       ethernet(own_mac, "33:33:00:00:00:01", ether_type::ipv6, {}));
  poll();
  EXPECT_EQ(drops(Drop::not_handled), 1U);
  expect_nothing();
}

TEST_F(DiscoveryTest, ThroughATunnelItIsNone) {
  // What stands before the packet is left of the outer header, whatever it looks like.
  punt(solicit(own6, host6, own6), {.punt = Punt::local},
       ethernet(own_mac, host_mac, ether_type::ipv6, {}));
  poll();
  EXPECT_EQ(drops(Drop::not_handled), 1U);
  expect_nothing();
}

TEST_F(DiscoveryTest, WhatFailsTheChecksIsDropped) {
  Bytes forwarded = solicit(own6);
  header_at<Ipv6Header>(forwarded.data()).hop_limit = 254;
  expect_unused(forwarded);
  Bytes damaged = solicit(own6);
  damaged.back() ^= std::byte{1};
  expect_unused(damaged);
}

TEST_F(DiscoveryTest, TruncatedAnywhereIsDropped) {
  const Bytes packet = solicit(own6);
  for (std::size_t length = sizeof(Ipv6Header) + 1; length < packet.size(); ++length) {
    expect_unused(first(packet, length));
  }
}

TEST_F(DiscoveryTest, LongerThanAnyIsDropped) {
  Bytes options = link_option(LinkLayerOption::source, host_mac);
  while (options.size() < 1400) {
    options = options + hex("fd01 000000000000");
  }
  expect_unused(solicit(own6, host_link_local, {}, options));
}

TEST_F(DiscoveryTest, SplitBehindTheHeadersIsAnswered) {
  Bytes options = link_option(LinkLayerOption::source, host_mac);
  while (options.size() < 160) {
    options = options + hex("fd01 000000000000");
  }
  const Bytes packet = solicit(own6, host_link_local, {}, options);
  for (std::size_t split = contiguous_headers; split < packet.size(); ++split) {
    punt(mbufs.make(packet, ethernet(own_mac, host_mac, ether_type::ipv6, {}), split),
         {.punt = Punt::local, .l2 = sizeof(EthernetHeader)});
    poll();
    expect_advertised(own6, host_link_local);
  }
}

// RFC 4861 section 7.2.5. Flags: 8 router, 4 solicited, 2 override.
TEST_F(DiscoveryTest, WhatAnAdvertisementChanges) {
  using State = NeighbourState;
  const Bytes its = link_option(LinkLayerOption::target, host_mac);
  const Bytes other = link_option(LinkLayerOption::target, stranger_mac);
  struct Case {
    const char* description;
    State before;
    std::uint32_t flags;
    Bytes options;
    State after;
    bool takes_another;
    bool router;
  };
  const Case cases[] = {
      {"solicited, same", State::stale, 0x40000000, its, State::reachable, false, false},
      {"solicited, without option", State::stale, 0x40000000, {}, State::reachable, false, false},
      {"solicited, other, override", State::reachable, 0x60000000, other, State::reachable, true,
       false},
      {"solicited, other, no override", State::reachable, 0x40000000, other, State::stale, false,
       false},
      {"the same, when stale", State::stale, 0x40000000, other, State::stale, false, false},
      {"unsolicited, other, override", State::reachable, 0xa0000000, other, State::stale, true,
       true},
      {"unsolicited, same", State::reachable, 0x80000000, its, State::reachable, false, true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.description);
    limit({});
    const NeighbourEntry& entry = known(c.before);
    receive(advertise(host6, c.flags, c.options));
    EXPECT_EQ(entry.state, c.after);
    EXPECT_EQ(entry.mac, mac(c.takes_another ? stranger_mac : host_mac));
    EXPECT_EQ(entry.router, c.router);
    EXPECT_EQ(counters->delivered.get(), 1U);
  }
}

TEST_F(DiscoveryTest, AnAdvertisementThatNobodyAskedForCreatesNothing) {
  expect_unused(advertise(host6, 0x60000000));
  EXPECT_EQ(neighbours->size(), 0U);
}

TEST_F(DiscoveryTest, AnAdvertisementOfOurAddressIsIgnored) {
  const NeighbourEntry& entry = neighbours->acquire(0, ip6(own6));
  expect_unused(advertise(own6, 0x20000000));
  EXPECT_EQ(entry.state, NeighbourState::none);
}

TEST_F(DiscoveryTest, AsksTheGroupThenReleasesWhatWaits) {
  const Bytes packet = ipv6("2001:db8:1::2", host6, 17, payload(8));
  punt_resolve(packet);
  poll();
  const std::string group = to_string(solicited_node(ip6(host6)));
  const Bytes question =
      icmp6(own6, group, icmpv6::neighbour_solicitation, 0, 0,
            bytes_of(ip6(host6)) + link_option(LinkLayerOption::source, own_mac), 255);
  EXPECT_EQ(take_one(Entry::transmit),
            ethernet("33:33:ff:00:00:01", own_mac, ether_type::ipv6, question));
  receive(advertise(host6, 0x60000000));
  EXPECT_EQ(take_one(Entry::forward), packet);
  EXPECT_EQ(state(host6), NeighbourState::reachable);
}

TEST_F(DiscoveryTest, AsksTheNeighbourItselfWhenProbing) {
  NeighbourEntry& entry = known(NeighbourState::stale);
  entry.destination = MacWord{entry.mac, static_cast<std::uint16_t>(Reachability::ready)}.word();
  advance(Neighbours::stale_check_time);
  advance(Neighbours::delay_time);
  EXPECT_EQ(
      take_one(Entry::transmit),
      ethernet(host_mac, own_mac, ether_type::ipv6,
               icmp6(own6, host6, icmpv6::neighbour_solicitation, 0, 0,
                     bytes_of(ip6(host6)) + link_option(LinkLayerOption::source, own_mac), 255)));
}

TEST_F(DiscoveryTest, OtherGroupTrafficIsLeftAlone) {
  expect_unused(icmp6(host_link_local, "ff02::16", 143, 0, 0, payload(8), 1));   // MLD report
  expect_unused(icmp6(host_link_local, "ff02::2", 133, 0, 0, {}, 255));          // router wanted
  expect_unused(icmp6(host_link_local, "ff02::1", 128, 0, 0, payload(8), 255));  // echo
}

}  // namespace
}  // namespace culvert::test
