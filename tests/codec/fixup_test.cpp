// SPDX-License-Identifier: BSD-3-Clause
// Over random tunnels and packets: each field as the tunnel's parameters say, the checksum as DPDK
// computes it.
#include <algorithm>
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

  [[nodiscard]] Bytes bytes(std::size_t size) {
    Bytes result(size);
    std::ranges::generate(result, [this] { return next<std::byte>(); });
    return result;
  }

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

/// RFC 2784 section 2.1 and RFC 2890 section 2, offset by offset; the checksum as DPDK has it.
void expect_gre(std::span<const std::byte> packet, const OuterParameters& parameters,
                std::uint32_t sequence, bool checksum, bool numbered) {
  std::size_t at = sizeof(Ipv4Header);
  const auto word = [&](std::size_t offset) {
    return header_at<be32>(packet.data() + offset).host();
  };
  const std::uint32_t flags =
      (checksum ? 0x8000U : 0U) | (parameters.key ? 0x2000U : 0U) | (numbered ? 0x1000U : 0U);
  ASSERT_EQ(word(at), flags << 16U | 0x0800U);
  at += 4;
  if (checksum) {
    ASSERT_EQ(word(at) & 0xffffU, 0U) << "reserved1";
    const auto covered = packet.subspan(sizeof(Ipv4Header));
    ASSERT_EQ(rte_raw_cksum(covered.data(), covered.size()), 0xffffU);
    at += 4;
  }
  if (parameters.key) {
    ASSERT_EQ(word(at), parameters.key->host());
    at += 4;
  }
  if (numbered) {
    ASSERT_EQ(word(at), sequence);
  }
}

TEST(Fixup, EveryOptionOfGre) {
  Random random;
  for (int i = 0; i < 20000; ++i) {
    OuterParameters parameters = random.parameters(ether_type::ipv4);
    const bool checksum = random.coin();
    const bool numbered = random.coin();
    parameters.fields = static_cast<std::uint8_t>((checksum ? 1U : 0U) | (numbered ? 2U : 0U));
    const Bytes inner = random.bytes(20 + random.next<std::uint8_t>());
    const InnerFacts facts{.length = static_cast<std::uint16_t>(inner.size()),
                           .tos = 1,
                           .ttl = 9,
                           .sum = fold(raw_sum(inner)),
                           .sequence = random.next<std::uint32_t>()};
    const RenderedHeader rendered = Mode<TunnelMode::gre>::Stack::render(parameters);
    Bytes packet = Bytes(rendered.begin(), rendered.begin() + rendered.length) + inner;
    visit_stack(TunnelMode::gre, rendered.fields,
                [&](auto stack) { decltype(stack)::fixup(packet.data(), rendered, facts, 7); });
    expect_fields(header_at<Ipv4Header>(packet.data()), parameters, rendered, facts, 7);
    expect_gre(packet, parameters, facts.sequence, checksum, numbered);
    Match match;
    GreLayer::match(std::span{packet}.subspan(sizeof(Ipv4Header)), match);
    ASSERT_EQ(match.malformed, Malformed::none);
    ASSERT_EQ(packet.size(), sizeof(Ipv4Header) + match.length + inner.size());
  }
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
