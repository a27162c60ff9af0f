// SPDX-License-Identifier: BSD-3-Clause
// tests/traffic: frames are right byte by byte, by annotated hex and by DPDK's functions.
#include "culvert-traffic/frame.hpp"

#include <gtest/gtest.h>

#include <rte_ip.h>

#include "frames.hpp"

namespace culvert::traffic::test {
namespace {

using culvert::test::hex;

TEST(Frame, PlainIpv4) {
  FrameBuilder builder(traffic_from({"--flows", "1"}));
  const Bytes expected =
      hex("020000000001 020000000002 0800 "             // Ethernet
          "45 00 002e 0000 4000 40 11 106b "            // RFC 791: 46 bytes, DF, TTL 64, UDP
          "64400001 c6120001 "                          // 100.64.0.1 198.18.0.1
          "0400 0009 001a 0000 "                        // RFC 768: 1024 to 9, 26 bytes, no checksum
          "c1e7 00000000 01020304 a0b0 c0d0e0f0 01 08"  // signature, filler
      );
  EXPECT_EQ(bytes_of(builder.next(), 0x01020304, 0xff00a0b0c0d0e0f0), expected);
}

TEST(Frame, GreWithKeyAndChecksum) {
  FrameBuilder builder(
      traffic_from({"--flows", "1", "--tunnel", "gre", "--key", "258", "--csum", "--outer-local",
                    "192.0.2.1", "--outer-remote", "192.0.2.9", "--ttl", "9"}));
  const Bytes frame = bytes_of(builder.next());
  const Bytes outer =
      hex("020000000001 020000000002 0800 "   //
          "45 00 004e 0000 4000 09 2f ed76 "  // 78 bytes, DF, GRE
          "c0000209 c0000201 "                //
          "a000 0800 ");                      // RFC 2784 and 2890: C and K, IPv4
  EXPECT_EQ(culvert::test::first(frame, outer.size()), outer);
  EXPECT_EQ(Bytes(frame.begin() + 40, frame.begin() + 46), hex("0000 00000102"));  // reserved, key
  EXPECT_EQ(frame.size(), 60U + 32U);
}

struct Kind {
  const char* name;
  std::vector<std::string> options;
  std::uint32_t type;  ///< RTE_PTYPE_…
};
void PrintTo(const Kind& kind, std::ostream* out) {
  *out << kind.name;
}

constexpr std::uint32_t outer4 = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4;
constexpr std::uint32_t inner4 = RTE_PTYPE_INNER_L3_IPV4 | RTE_PTYPE_INNER_L4_UDP;
constexpr std::uint32_t inner6 = RTE_PTYPE_INNER_L3_IPV6 | RTE_PTYPE_INNER_L4_UDP;
const std::vector<Kind> kinds{
    {"plain4", {}, outer4 | RTE_PTYPE_L4_UDP},
    {"plain6", {"--inner", "ipv6"}, RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV6 | RTE_PTYPE_L4_UDP},
    {"ipip", {"--tunnel", "ipip"}, outer4 | RTE_PTYPE_TUNNEL_IP | inner4},
    {"sit", {"--tunnel", "sit"}, outer4 | RTE_PTYPE_TUNNEL_IP | inner6},
    {"gre4", {"--tunnel", "gre"}, outer4 | RTE_PTYPE_TUNNEL_GRE | inner4},
    {"gre6", {"--tunnel", "gre", "--inner", "ipv6"}, outer4 | RTE_PTYPE_TUNNEL_GRE | inner6},
    {"gre_key", {"--tunnel", "gre", "--key", "7"}, outer4 | RTE_PTYPE_TUNNEL_GRE | inner4},
    {"gre_csum4", {"--tunnel", "gre", "--csum"}, outer4 | RTE_PTYPE_TUNNEL_GRE | inner4},
    {"gre_csum_key6",
     {"--tunnel", "gre", "--csum", "--key", "7", "--inner", "ipv6"},
     outer4 | RTE_PTYPE_TUNNEL_GRE | inner6},
};

/// Whether the UDP checksum of an IPv6 packet is what DPDK computes.
bool udp_checksum_ok(Bytes packet) {
  auto& stored = header_at<UdpHeader>(packet.data() + 40).checksum;
  const be16 expected = std::exchange(stored, be16{});
  const auto* const ip = reinterpret_cast<const rte_ipv6_hdr*>(packet.data());
  return rte_ipv6_udptcp_cksum(ip, packet.data() + 40) == expected.raw();
}

class FrameOf : public testing::TestWithParam<Kind> {
 protected:
  /// An IP packet with UDP in it, to the end of the frame.
  static void check_packet(const Bytes& frame, std::size_t at, bool ipv6) {
    const std::byte* const packet = frame.data() + at;
    if (ipv6) {
      const auto* const ip = reinterpret_cast<const rte_ipv6_hdr*>(packet);
      EXPECT_EQ(rte_be_to_cpu_16(ip->payload_len) + 40U, frame.size() - at);
      EXPECT_TRUE(udp_checksum_ok({packet, frame.data() + frame.size()}));
      return;
    }
    check_ipv4(frame, at);
    const auto* const udp = packet + 20;
    EXPECT_EQ(header_at<UdpHeader>(udp).length.host(), frame.size() - at - 20);
    EXPECT_EQ(header_at<UdpHeader>(udp).checksum.host(), 0U);
  }

  static void check_ipv4(const Bytes& frame, std::size_t at) {
    auto ip = *reinterpret_cast<const rte_ipv4_hdr*>(frame.data() + at);
    EXPECT_EQ(rte_be_to_cpu_16(ip.total_length), frame.size() - at);
    const auto stored = ip.hdr_checksum;
    ip.hdr_checksum = 0;
    EXPECT_EQ(rte_ipv4_cksum(&ip), stored);
  }

  static void check(Bytes frame, std::uint32_t expected_type) {
    rte_net_hdr_lens lengths{};
    ASSERT_EQ(packet_type(frame, lengths), expected_type) << rte_get_ptype_l3_name(expected_type);
    const bool tunnel = (expected_type & RTE_PTYPE_TUNNEL_MASK) != 0;
    const std::size_t outer = lengths.l2_len;
    if (!tunnel) {
      check_packet(frame, outer, RTE_ETH_IS_IPV6_HDR(expected_type));
      return;
    }
    check_ipv4(frame, outer);
    const std::size_t gre = outer + lengths.l3_len;
    const std::size_t inner = gre + lengths.tunnel_len;
    check_packet(frame, inner,
                 (expected_type & RTE_PTYPE_INNER_L3_MASK) == RTE_PTYPE_INNER_L3_IPV6);
    if ((expected_type & RTE_PTYPE_TUNNEL_MASK) == RTE_PTYPE_TUNNEL_GRE &&
        (header_at<GreHeader>(frame.data() + gre).flags.host() & 0x8000U) != 0) {
      EXPECT_EQ(rte_raw_cksum(frame.data() + gre, frame.size() - gre), 0xffff);  // RFC 2784, 2.3
    }
  }
};

TEST_P(FrameOf, IsWhatDpdkTakesItFor) {
  for (const char* const size : {"82", "83", "571", "1518", "9018"}) {
    auto options = GetParam().options;
    options.insert(options.end(), {"--size", size, "--flows", "1000"});
    FrameBuilder builder(traffic_from(options));
    for (unsigned i = 0; i < 100; ++i) {
      const Frame frame = builder.next();
      const std::uint32_t sequence = i * 0x01234567U;
      check(bytes_of(frame, sequence, i * 0x0123456789abU), GetParam().type);
    }
  }
}

/// What the tunnel adds comes on top, so that a frame has its size again without it.
TEST_P(FrameOf, HasItsSizeWithoutTheTunnel) {
  auto options = GetParam().options;
  options.insert(options.end(), {"--size", "300"});
  FrameBuilder builder(traffic_from(options));
  Bytes frame = bytes_of(builder.next());
  rte_net_hdr_lens lengths{};
  const std::uint32_t type = packet_type(frame, lengths);
  const std::size_t added =
      (type & RTE_PTYPE_TUNNEL_MASK) == 0 ? 0 : std::size_t{lengths.l3_len} + lengths.tunnel_len;
  EXPECT_EQ(frame.size() - added + 4, 300U);
  EXPECT_EQ(frame.size(), longest_frame(traffic_from(options)));
}

INSTANTIATE_TEST_SUITE_P(Kinds, FrameOf, testing::ValuesIn(kinds),
                         [](const auto& kind) { return kind.param.name; });

/// RFC 8200 section 8.1: a sum of zero is sent as 0xffff. The sum runs through all values with the
/// sequence, so it is met.
TEST(Frame, UdpChecksumOverIpv6IsNeverZero) {
  FrameBuilder builder(traffic_from({"--inner", "ipv6"}));
  const Frame frame = builder.next();
  bool met = false;
  for (std::uint32_t sequence = 0; sequence <= 0xffff; ++sequence) {
    const Bytes bytes = bytes_of(frame, sequence);
    const auto checksum = header_at<UdpHeader>(bytes.data() + 54).checksum.host();
    ASSERT_NE(checksum, 0U);
    met = met || checksum == 0xffff;
    ASSERT_TRUE(udp_checksum_ok(culvert::test::from(bytes, 14))) << sequence;
  }
  EXPECT_TRUE(met);
}

}  // namespace
}  // namespace culvert::traffic::test
