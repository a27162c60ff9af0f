// SPDX-License-Identifier: BSD-3-Clause
// Over random tunnels and packets: each field as the tunnel's parameters say, the checksum as DPDK
// computes it.
#include <random>

#include <gtest/gtest.h>

#include <rte_ip.h>

#include "culvert/codec/modes.hpp"

#include "support/bytes.hpp"

namespace culvert::test {
namespace {

class Random {
 public:
  template <typename T>
  [[nodiscard]] T next() {
    return static_cast<T>(engine_());
  }
  [[nodiscard]] bool coin() { return (engine_() & 1U) != 0; }

  [[nodiscard]] OuterParameters parameters(std::uint16_t payload) {
    OuterParameters result{.local = Ipv4Address::from_host(next<std::uint32_t>()),
                           .remote = Ipv4Address::from_host(next<std::uint32_t>()),
                           .ttl = coin() ? next<std::uint8_t>() : std::uint8_t{0},
                           .tos = next<std::uint8_t>(),
                           .inherit_tos = coin(),
                           .pmtudisc = coin(),
                           .payload = payload};
    if (coin()) {
      result.key = be32{next<std::uint32_t>()};
    }
    return result;
  }

  [[nodiscard]] InnerFacts facts(std::uint16_t payload) {
    const bool ipv4 = payload == ether_type::ipv4;
    return {.length = static_cast<std::uint16_t>(20 + next<std::uint16_t>() % 65000),
            .fragment = ipv4 ? next<std::uint16_t>() : std::uint16_t{0},
            .tos = next<std::uint8_t>(),
            .ttl = next<std::uint8_t>()};
  }

 private:
  std::mt19937 engine_{20031011};
};

void expect_fields(const Ipv4Header& header, const OuterParameters& parameters,
                   const RenderedHeader& rendered, const InnerFacts& inner, std::uint16_t id) {
  const unsigned dscp = parameters.inherit_tos ? inner.tos & 0xfcU : parameters.tos & 0xfcU;
  const bool dont_fragment = parameters.pmtudisc || (inner.fragment & 0x4000U) != 0;
  ASSERT_EQ(header.version_ihl, 0x45);
  ASSERT_EQ(header.tos, dscp | (inner.tos & 3U));
  ASSERT_EQ(header.total_length.host(), rendered.length + inner.length);
  ASSERT_EQ(header.id.host(), id);
  ASSERT_EQ(header.fragment.host(), dont_fragment ? 0x4000 : 0);
  ASSERT_EQ(header.ttl, parameters.ttl == 0 ? inner.ttl : parameters.ttl);
  ASSERT_EQ(header.source, parameters.local);
  ASSERT_EQ(header.destination, parameters.remote);
}

template <TunnelMode mode>
void expect_right_headers(std::uint16_t payload) {
  using Stack = typename Mode<mode>::Stack;
  Random random;
  for (int i = 0; i < 20000; ++i) {
    const OuterParameters parameters = random.parameters(payload);
    const InnerFacts inner = random.facts(payload);
    const auto id = random.next<std::uint16_t>();
    const RenderedHeader rendered = Stack::render(parameters);
    Bytes bytes(rendered.begin(), rendered.begin() + rendered.length);
    Stack::fixup(bytes.data(), rendered, inner, id);
    auto& header = header_at<Ipv4Header>(bytes.data());
    expect_fields(header, parameters, rendered, inner, id);
    const be16 checksum = header.checksum;
    header.checksum = {};
    ASSERT_EQ(checksum.raw(), rte_ipv4_cksum(reinterpret_cast<const rte_ipv4_hdr*>(bytes.data())));
    ASSERT_TRUE(
        std::equal(bytes.begin() + sizeof header, bytes.end(), rendered.begin() + sizeof header));
  }
}

TEST(Fixup, Ipip) {
  expect_right_headers<TunnelMode::ipip>(ether_type::ipv4);
}
TEST(Fixup, GreWithIpv4) {
  expect_right_headers<TunnelMode::gre>(ether_type::ipv4);
}
TEST(Fixup, GreWithIpv6) {
  expect_right_headers<TunnelMode::gre>(ether_type::ipv6);
}
TEST(Fixup, Sit) {
  expect_right_headers<TunnelMode::sit>(ether_type::ipv6);
}

TEST(Fixup, ChecksumAtEveryCarry) {  // all the sums that the identification can make
  using Stack = Mode<TunnelMode::ipip>::Stack;
  const RenderedHeader rendered = Stack::render({.local = ip4("255.255.255.255"),
                                                 .remote = ip4("255.255.255.255"),
                                                 .inherit_tos = true,
                                                 .payload = ether_type::ipv4});
  const InnerFacts inner{.length = 65515, .fragment = 0x4000, .tos = 0xff, .ttl = 0xff};
  Bytes bytes(rendered.begin(), rendered.begin() + rendered.length);
  for (std::uint32_t id = 0; id < 0x10000; ++id) {
    Stack::fixup(bytes.data(), rendered, inner, static_cast<std::uint16_t>(id));
    ASSERT_TRUE(ipv4_checksum_ok(bytes.data(), sizeof(Ipv4Header))) << id;
    ASSERT_NE(header_at<Ipv4Header>(bytes.data()).checksum, be16{0xffff}) << id;
  }
}

}  // namespace
}  // namespace culvert::test
