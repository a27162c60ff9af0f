// SPDX-License-Identifier: BSD-3-Clause
// tests/traffic: the signature is found behind whatever headers, and nowhere else.
#include "culvert-traffic/signature.hpp"

#include <random>

#include <gtest/gtest.h>

#include "support/bytes.hpp"

namespace culvert::traffic {
namespace {

using culvert::test::Bytes;
using culvert::test::ethernet;
using culvert::test::gre;
using culvert::test::hex;
using culvert::test::ipv4;
using culvert::test::ipv6;
using culvert::test::operator+;

constexpr const char* a = "192.0.2.1";
constexpr const char* b = "192.0.2.2";
constexpr const char* a6 = "2001:db8::1";
constexpr const char* b6 = "2001:db8::2";

const Bytes udp = hex("1234 0009 0018 0000 c1e7 00000005 01020304 a0b0 c0d0e0f0");

Bytes frame(std::uint16_t type, const Bytes& packet) {
  return ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", type, packet);
}

Bytes inner4() {
  return ipv4(a, b, 17, udp);
}
Bytes inner6() {
  return ipv6(a6, b6, 17, udp);
}

const std::vector<std::pair<std::string, Bytes>> found{
    {"IPv4", frame(0x0800, inner4())},
    {"IPv6", frame(0x86dd, inner6())},
    {"IPv4 with options", frame(0x0800, ipv4(a, b, 17, udp, {.options = hex("01010101")}))},
    {"first fragment", frame(0x0800, ipv4(a, b, 17, udp, {.fragment = 0x2000}))},
    {"ipip", frame(0x0800, ipv4(a, b, 4, inner4()))},
    {"sit", frame(0x0800, ipv4(a, b, 41, inner6()))},
    {"GRE", frame(0x0800, ipv4(a, b, 47, gre(0, 0x0800, {}, inner4())))},
    {"GRE with all fields",
     frame(0x0800,
           ipv4(a, b, 47, gre(0xb000, 0x86dd, hex("00000000 00000007 00000001"), inner6())))},
    {"in IPv6", frame(0x86dd, ipv6(a6, b6, 4, inner4()))},
    {"two tunnels", frame(0x0800, ipv4(a, b, 4, ipv4(a, b, 47, gre(0, 0x0800, {}, inner4()))))},
    {"padding behind", frame(0x0800, inner4()) + Bytes(9)},
};

TEST(Signature, IsFound) {
  for (const auto& [name, bytes] : found) {
    const Signature* const signature = find_signature(bytes);
    ASSERT_NE(signature, nullptr) << name;
    EXPECT_EQ(signature->stream.host(), 5U) << name;
    EXPECT_EQ(signature->sequence.host(), 0x01020304U) << name;
    EXPECT_EQ(signature->time(), 0xa0b0c0d0e0f0U) << name;
  }
}

TEST(Signature, NotInWhatIsCutShort) {
  for (const auto& [name, bytes] : found) {
    const std::size_t whole = bytes.size() - (name == "padding behind" ? 9 : 0);
    for (std::size_t size = 0; size < whole; ++size) {
      const Bytes part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_EQ(find_signature(part), nullptr) << name << ' ' << size;
    }
  }
}

Bytes nested(unsigned times) {
  Bytes packet = inner4();
  for (unsigned i = 0; i < times; ++i) {
    packet = ipv4(a, b, 4, packet);
  }
  return frame(0x0800, packet);
}

TEST(Signature, NotInOtherFrames) {
  Bytes other_mark = udp;
  other_mark[8] = std::byte{0xc0};
  Bytes other_port = udp;
  other_port[3] = std::byte{0x35};
  const std::vector<std::pair<std::string, Bytes>> foreign{
      {"other mark", frame(0x0800, ipv4(a, b, 17, other_mark))},
      {"other port", frame(0x0800, ipv4(a, b, 17, other_port))},
      {"later fragment", frame(0x0800, ipv4(a, b, 17, udp, {.fragment = 0x0001}))},
      {"TCP", frame(0x0800, ipv4(a, b, 6, udp))},
      {"ARP", frame(0x0806, inner4())},
      {"IPv6 that says it is IPv4", frame(0x0800, inner6())},
      {"IPv4 that says it is IPv6", frame(0x86dd, inner4())},
      {"GRE with routing", frame(0x0800, ipv4(a, b, 47, gre(0x4000, 0x0800, {}, inner4())))},
      {"GRE keepalive", frame(0x0800, ipv4(a, b, 47, gre(0, 0, {}, {})))},
      {"nine headers", nested(8)},
  };
  for (const auto& [name, bytes] : foreign) {
    EXPECT_EQ(find_signature(bytes), nullptr) << name;
  }
  EXPECT_NE(find_signature(nested(7)), nullptr);
}

TEST(Signature, AnyBytesAreAnswered) {
  std::mt19937 random(1);
  for (const auto& [name, bytes] : found) {
    for (unsigned round = 0; round < 10'000; ++round) {
      Bytes broken = bytes;
      for (auto changes = random() % 4 + 1; changes != 0; --changes) {
        broken[random() % broken.size()] = static_cast<std::byte>(random());
      }
      (void)find_signature(broken);
    }
  }
}

}  // namespace
}  // namespace culvert::traffic
