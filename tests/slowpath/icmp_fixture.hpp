// SPDX-License-Identifier: BSD-3-Clause
// tests/slowpath: pings, datagrams, and what is to come back.
#pragma once

#include "slowpath/fixture.hpp"

namespace culvert::test {

inline constexpr std::string_view host_link_local = "fe80::1";
inline constexpr std::string_view far6 = "2001:db8:1::2";
inline constexpr std::uint32_t ident = 0x12340001;

inline Bytes ping4(std::string_view destination, std::size_t size = 56,
                   const Ipv4Options& more = {}, std::string_view source = "192.0.2.1") {
  return ipv4(source, destination, 1, icmp4(8, 0, ident, payload(size)), more);
}
inline Bytes ping6(std::string_view destination, std::size_t size = 56,
                   std::string_view source = "2001:db8::1", std::uint32_t label = 0) {
  return icmp6(source, destination, 128, 0, ident, payload(size), 64, label);
}
inline Bytes udp4(std::string_view source, std::string_view destination, std::size_t size = 20) {
  return ipv4(source, destination, 17, payload(size));
}
inline Bytes udp6(std::string_view source, std::string_view destination, std::size_t size = 20) {
  return ipv6(source, destination, 17, payload(size));
}

class IcmpTest : public SlowPathTest {
 protected:
  /// The answer to ping4 with these arguments; what it says of its identification stays its own.
  void expect_echo4(std::string_view from_address, std::size_t size = 56, std::uint8_t tos = 0) {
    const Bytes reply = take_one(Entry::output);
    ASSERT_GE(reply.size(), sizeof(Ipv4Header));
    const std::uint16_t id = header_at<Ipv4Header>(reply.data()).id.host();
    EXPECT_EQ(reply, ipv4(from_address, "192.0.2.1", 1, icmp4(0, 0, ident, payload(size)),
                          {.tos = tos, .id = id}));
  }
  void expect_error4(const IcmpError& error, std::string_view source, const Bytes& original) {
    const Bytes packet = take_one(Entry::output);
    ASSERT_GE(packet.size(), sizeof(Ipv4Header));
    Bytes expected(icmp_error_size);
    const std::uint16_t id = header_at<Ipv4Header>(packet.data()).id.host();
    expected.resize(write_icmp_error(expected, error, ip4(source), id, original));
    EXPECT_EQ(packet, expected);
  }
  static Bytes error6(const IcmpError& error, std::string_view source, const Bytes& original) {
    Bytes packet(icmpv6_error_size);
    packet.resize(write_icmpv6_error(packet, error, ip6(source), original));
    return packet;
  }
  void expect_dropped(Drop reason) {
    EXPECT_EQ(drops(reason), 1U);
    EXPECT_EQ(all_drops(), 1U);
    EXPECT_EQ(counters->delivered.get(), 0U);
    EXPECT_EQ(counters->originated.get(), 0U);
    expect_nothing();
  }
};

}  // namespace culvert::test
