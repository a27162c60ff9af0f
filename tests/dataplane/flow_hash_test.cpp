// SPDX-License-Identifier: BSD-3-Clause
// The packets of a flow keep together, and flows fall evenly into buckets.
#include "culvert/dataplane/flow_hash.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "culvert/dataplane/spread.hpp"

#include "support/gateway.hpp"

namespace culvert::test {
namespace {

constexpr std::uint8_t icmp = 1;
constexpr std::uint8_t tcp = 6;
constexpr std::uint8_t udp = 17;
constexpr std::uint8_t fragment_header = 44;

Bytes ports(std::uint16_t source, std::uint16_t destination, std::size_t more = 8) {
  return bytes_of(be16{source}) + bytes_of(be16{destination}) + payload(more);
}

class FlowHash : public testing::Test {
 protected:
  std::uint32_t hash(const Bytes& bytes, const Layout& layout = {}) {
    rte_mbuf* const m = make_mbuf(gateway.pool(), bytes, layout);
    const bool v4 = header_at<Ipv4Header>(data_of(m)).version() == 4;
    const Packet packet(m, v4 ? ether_type::ipv4 : ether_type::ipv6, 0);
    const std::uint32_t result = flow_hash(packet);
    rte_pktmbuf_free(m);
    return result;
  }
  static Bytes from_port(std::uint16_t port, const Ipv4Options& options = {}, std::size_t more = 8,
                         std::uint8_t protocol = udp) {
    return ipv4("20.0.0.1", "20.0.0.2", protocol, ports(port, 53, more), options);
  }
  static Bytes from_port6(std::uint16_t port, std::uint8_t protocol = udp) {
    return ipv6("2001:db8::1", "2001:db8::2", protocol, ports(port, 53));
  }
  static Bytes labelled(Bytes packet, std::uint32_t label) {
    header_at<Ipv6Header>(packet.data()).version_class_label = be32{6U << 28U | label};
    return packet;
  }

  TestGateway gateway;
};

TEST_F(FlowHash, IsOfTheFlowAndOfNothingElse) {
  const std::uint32_t it = hash(from_port(1000));
  EXPECT_EQ(hash(from_port(1000, {.tos = 3, .ttl = 9, .id = 7, .fragment = 0x4000}, 200)), it);
  EXPECT_NE(hash(from_port(1001)), it);
  EXPECT_NE(hash(from_port(1000, {}, 8, tcp)), it);
  EXPECT_NE(hash(ipv4("20.0.0.1", "20.0.0.3", udp, ports(1000, 53))), it);
  EXPECT_NE(hash(ipv4("20.0.0.2", "20.0.0.1", udp, ports(1000, 53))), it);
  const std::uint32_t six = hash(from_port6(1000));
  EXPECT_EQ(hash(labelled(from_port6(1000), 77)), six) << "ports say more than the label";
  EXPECT_NE(hash(from_port6(1001)), six);
  EXPECT_NE(hash(ipv6("2001:db8::1", "2001:db8::3", udp, ports(1000, 53))), six);
}

TEST_F(FlowHash, WithoutPortsAddressesAndProtocolAreTheFlow) {
  EXPECT_EQ(hash(from_port(1000, {}, 8, icmp)), hash(from_port(1001, {}, 8, icmp)));
  EXPECT_EQ(hash(from_port6(1000, 58)), hash(from_port6(1001, 58)));
}

TEST_F(FlowHash, FragmentsKeepTogether) {
  constexpr std::uint16_t more = 0x2000;
  const std::uint32_t it = hash(from_port(1000, {.fragment = more}));
  EXPECT_EQ(hash(from_port(2222, {.fragment = more | 185})), it);
  EXPECT_EQ(hash(from_port(3333, {.fragment = 370})), it);
  EXPECT_NE(hash(from_port(1000)), it);
}

TEST_F(FlowHash, TheFlowLabelStandsForPortsThatAreOutOfSight) {
  const std::uint32_t it = hash(labelled(from_port6(1000, fragment_header), 0x12345));
  EXPECT_EQ(hash(labelled(from_port6(7777, fragment_header), 0x12345)), it);
  EXPECT_NE(hash(labelled(from_port6(1000, fragment_header), 0x12346)), it);
}

TEST_F(FlowHash, ReadsNoFurtherThanThePacketGoes) {  // AddressSanitizer sees it
  for (std::size_t behind = 0; behind < 4; ++behind) {
    const Bytes packet = ipv4("20.0.0.1", "20.0.0.2", udp, payload(behind));
    EXPECT_EQ(hash(packet, {.storage = Layout::Storage::heap}),
              hash(ipv4("20.0.0.1", "20.0.0.2", udp, {})));
  }
}

/// Of 4096 flows a bucket has 16 on average.
void expect_even(const std::vector<std::uint32_t>& hashes) {
  std::array<unsigned, Spread::buckets> counts{};
  for (const std::uint32_t hash : hashes) {
    ++counts[hash % Spread::buckets];
  }
  EXPECT_LE(*std::ranges::max_element(counts), 40U);
  EXPECT_LE(std::ranges::count(counts, 0U), 8);
  for (const unsigned workers : {2U, 3U, 4U}) {
    std::vector<std::size_t> shares(workers);
    for (unsigned i = 0; i < Spread::buckets; ++i) {
      shares[i % workers] += counts[i];
    }
    EXPECT_LE(*std::ranges::max_element(shares) * workers, hashes.size() * 5 / 4) << workers;
  }
}

TEST_F(FlowHash, NeighbouringFlowsFallFarApart) {
  std::vector<std::uint32_t> by_port;
  std::vector<std::uint32_t> by_address;
  std::vector<std::uint32_t> by_port6;
  std::vector<std::uint32_t> by_label;
  for (unsigned i = 0; i < 4096; ++i) {
    const auto port = static_cast<std::uint16_t>(32768 + i);
    by_port.push_back(hash(from_port(port)));
    const std::string host = "20.0." + std::to_string(i / 256) + "." + std::to_string(i % 256);
    by_address.push_back(hash(ipv4(host, "20.1.0.1", udp, ports(4500, 4500))));
    by_port6.push_back(hash(from_port6(port)));
    by_label.push_back(hash(labelled(from_port6(1000, fragment_header), i)));
  }
  expect_even(by_port);
  expect_even(by_address);
  expect_even(by_port6);
  expect_even(by_label);
}

}  // namespace
}  // namespace culvert::test
