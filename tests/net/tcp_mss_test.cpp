// SPDX-License-Identifier: BSD-3-Clause
// SYNs written out by hand, their checksums as DPDK has them.
#include "culvert/net/tcp_mss.hpp"

#include <gtest/gtest.h>

#include <rte_ip.h>

#include "support/bytes.hpp"

namespace culvert::test {
namespace {

constexpr std::uint8_t syn = 0x02;

/// Ports, numbers, data offset and flags, window, checksum (zero), urgent pointer (RFC 9293
/// section 3.1), then options up to a multiple of four.
Bytes tcp(std::uint8_t flags, const Bytes& options) {
  const auto words = static_cast<unsigned>(5 + options.size() / 4);
  Bytes header = hex("c350 0050  01020304  00000000  0000 ffff 0000 0000") + options;
  header[12] = static_cast<std::byte>(words << 4U);
  header[13] = static_cast<std::byte>(flags);
  return header;
}

Bytes with_checksum4(Bytes packet) {
  auto* const ip = reinterpret_cast<rte_ipv4_hdr*>(packet.data());
  auto* const at = packet.data() + rte_ipv4_hdr_len(ip);
  header_at<be16>(at + 16) = {};
  header_at<be16>(at + 16) = std::bit_cast<be16>(rte_ipv4_udptcp_cksum(ip, at));
  return packet;
}
Bytes with_checksum6(Bytes packet, std::size_t offset = 40) {
  auto* const ip = reinterpret_cast<rte_ipv6_hdr*>(packet.data());
  header_at<be16>(packet.data() + offset + 16) = {};
  header_at<be16>(packet.data() + offset + 16) =
      std::bit_cast<be16>(rte_ipv6_udptcp_cksum(ip, packet.data() + offset));
  return packet;
}

Bytes syn4(const Bytes& options, const Ipv4Options& more = {}, std::uint8_t flags = syn) {
  return with_checksum4(ipv4("192.168.1.2", "192.168.2.2", 6, tcp(flags, options), more));
}
Bytes syn6(const Bytes& options) {
  return with_checksum6(ipv6("2001:db8:1::2", "2001:db8:2::2", 6, tcp(syn, options)));
}

Bytes clamped(Bytes packet, std::uint16_t limit, bool changes = true) {
  EXPECT_EQ(clamp_tcp_mss(packet, limit), changes);
  return packet;
}

TEST(TcpMss, IsLowered) {
  // MSS 1460 as Linux sends it: with SACK permitted, timestamps, window scale.
  const std::string_view rest = "0402 080a 00000001 00000000 01 030307";
  const Bytes before = hex("0204 05b4") + hex(rest);
  const Bytes after = hex("0204 0578") + hex(rest);
  EXPECT_EQ(clamped(syn4(before), 1400), syn4(after));
  EXPECT_EQ(clamped(syn6(before), 1400), syn6(after));
  EXPECT_EQ(clamped(syn4(before, {}, 0x12), 1400), syn4(after, {}, 0x12)) << "with ACK";
  EXPECT_EQ(clamped(syn4(before, {.options = hex("94040000")}), 1400),
            syn4(after, {.options = hex("94040000")}));
}

TEST(TcpMss, AtAnOddPlace) {
  EXPECT_EQ(clamped(syn4(hex("01 0204 05b4 01 01 00")), 1400), syn4(hex("01 0204 0578 01 01 00")));
  EXPECT_EQ(clamped(syn6(hex("01 0204 ffff 01 01 00")), 1), syn6(hex("01 0204 0001 01 01 00")));
}

TEST(TcpMss, EveryValueAndLimit) {
  for (unsigned mss = 1; mss < 0x10000; mss += 251) {
    for (unsigned limit = 1; limit < mss; limit += 1021) {
      const auto option = [](unsigned value) {
        return hex("0204") + bytes_of(be16{static_cast<std::uint16_t>(value)});
      };
      ASSERT_EQ(clamped(syn4(option(mss)), static_cast<std::uint16_t>(limit)), syn4(option(limit)));
    }
  }
}

TEST(TcpMss, IsNeverRaised) {
  for (const std::uint16_t limit : std::initializer_list<std::uint16_t>{1460, 1461, 65535}) {
    EXPECT_EQ(clamped(syn4(hex("0204 05b4")), limit, false), syn4(hex("0204 05b4")));
  }
}

TEST(TcpMss, FirstFragmentsOnly) {
  const auto fragment4 = [](std::uint16_t fragment, std::string_view mss) {
    return syn4(hex("0204") + hex(mss), {.fragment = fragment});
  };
  EXPECT_EQ(clamped(fragment4(0x2000, "05b4"), 1400), fragment4(0x2000, "0578"));
  EXPECT_EQ(clamped(fragment4(0x2001, "05b4"), 1400, false), fragment4(0x2001, "05b4"));
  // RFC 8200 section 4.5: next header, reserved, offset and M, identification.
  const auto fragment6 = [](std::string_view offset, std::string_view mss) {
    return ipv6("2001:db8:1::2", "2001:db8:2::2", 44,
                hex("06 00") + hex(offset) + hex("00000007") + tcp(syn, hex("0204") + hex(mss)));
  };
  Bytes first = fragment6("0001", "05b4");
  EXPECT_TRUE(clamp_tcp_mss(first, 1400));
  EXPECT_EQ(header_at<be16>(first.data() + 40 + 8 + 22), be16{1400});
  EXPECT_EQ(clamped(fragment6("0009", "05b4"), 1400, false), fragment6("0009", "05b4"));
}

TEST(TcpMss, BehindExtensionHeaders) {  // hop by hop, then destination options of 16 bytes
  const auto packet = [](std::string_view mss) {
    return ipv6("2001:db8:1::2", "2001:db8:2::2", 0,
                hex("3c 00 0104 00000000") + hex("06 01 010c 00000000 00000000 00000000") +
                    tcp(syn, hex("0204") + hex(mss)));
  };
  Bytes changed = packet("05b4");
  EXPECT_TRUE(clamp_tcp_mss(changed, 1400));
  Bytes expected = packet("0578");
  const std::size_t checksum = 40 + 24 + 16;
  header_at<be16>(expected.data() + checksum) = adjust_checksum(be16{}, 0x05b4, 0x0578);
  EXPECT_EQ(changed, expected);
}

TEST(TcpMss, WhatIsMalformedIsLeftAlone) {
  const Bytes packets[] = {
      syn4({}),                          // no option
      syn4(hex("0204 05b4"), {}, 0x10),  // no SYN
      syn4(hex("0203 05b4")),            // another length
      syn4(hex("0205 05b4 00000000")),   //
      syn4(hex("0200 05b4")),            // a length that leads nowhere
      syn4(hex("0801 0204 05b4 0000")),  // below its own two bytes
      syn4(hex("080a 0204 05b4 0000")),  // beyond the header
      syn4(hex("01010102")),             // cut short
      syn4(hex("00 0204 05b4 000000")),  // behind the end of the options
      ipv4("192.168.1.2", "192.168.2.2", 6, hex("c3500050 01020304")),
      ipv4("192.168.1.2", "192.168.2.2", 17, tcp(syn, hex("0204 05b4"))),
      ipv6("2001:db8:1::2", "2001:db8:2::2", 44, hex("0600")),
      ipv6("2001:db8:1::2", "2001:db8:2::2", 0, hex("06ff 0000 00000000") + tcp(syn, {})),
      ipv6("2001:db8:1::2", "2001:db8:2::2", 17, tcp(syn, hex("0204 05b4"))),
  };
  for (std::size_t i = 0; i < std::size(packets); ++i) {
    EXPECT_EQ(clamped(packets[i], 1, false), packets[i]) << i;
  }
}

TEST(TcpMss, EveryTruncation) {
  for (const Bytes& whole : {syn4(hex("0204 05b4")), syn6(hex("0204 05b4"))}) {
    const std::size_t ip = (std::to_integer<unsigned>(whole[0]) >> 4U) == 4 ? 20 : 40;
    for (std::size_t length = ip; length < whole.size(); ++length) {
      EXPECT_EQ(clamped(first(whole, length), 1, false), first(whole, length)) << length;
    }
  }
}

}  // namespace
}  // namespace culvert::test
