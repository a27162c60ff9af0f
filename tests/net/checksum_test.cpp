// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/net/checksum.hpp"

#include <array>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include <rte_ip.h>

namespace culvert {
namespace {

using Bytes = std::vector<std::byte>;

Bytes random_bytes(std::mt19937& random, std::size_t size) {
  Bytes bytes(size);
  for (std::byte& byte : bytes) {
    byte = static_cast<std::byte>(random());
  }
  return bytes;
}

std::array<std::byte, 8> from_hex(std::uint64_t word) {
  return std::bit_cast<std::array<std::byte, 8>>(be64{word});
}

std::uint16_t oracle(const Ipv4Header& header) {
  return byte_swap(rte_ipv4_cksum(reinterpret_cast<const rte_ipv4_hdr*>(&header)));
}

Ipv4Header random_header(std::mt19937& random) {
  Ipv4Header header{};
  const Bytes bytes = random_bytes(random, sizeof header);
  std::memcpy(&header, bytes.data(), sizeof header);
  header.version_ihl = 0x45;
  header.checksum = {};
  return header;
}

TEST(Checksum, ExampleOfRfc1071Section3) {
  const auto bytes = from_hex(0x0001f203f4f5f6f7);
  EXPECT_EQ(to_checksum(raw_sum(bytes)).host(), static_cast<std::uint16_t>(~0xddf2U));
}

TEST(Checksum, ExampleOfRfc1624Section4) {
  EXPECT_EQ(adjust_checksum(be16{0xdd2f}, 0x5555, 0x3285), be16{0x0000});
}

TEST(Checksum, SumsEveryLengthAsDpdkDoes) {
  std::mt19937 random(1);
  for (std::size_t length = 1; length <= 256; ++length) {
    const Bytes bytes = random_bytes(random, length);  // on the heap, of exactly this size
    EXPECT_EQ(fold(raw_sum(bytes)), rte_raw_cksum(bytes.data(), length)) << length;
    EXPECT_EQ(fold(raw_sum_long(bytes)), rte_raw_cksum(bytes.data(), length)) << length;
  }
}

TEST(Checksum, PiecesOfAnyLength) {
  std::mt19937 random(3);
  const Bytes bytes = random_bytes(random, 41);
  const std::span all{bytes};
  for (std::size_t first = 0; first <= bytes.size(); ++first) {
    for (std::size_t second = first; second <= bytes.size(); ++second) {
      PieceSum sum;
      sum.add(all.first(first));
      sum.add(all.subspan(first, second - first));
      sum.add(all.subspan(second));
      ASSERT_EQ(sum.folded(), rte_raw_cksum(bytes.data(), bytes.size())) << first << " " << second;
    }
  }
}

TEST(Checksum, SumsContinue) {  // as long as each piece but the last has an even length
  std::mt19937 random(2);
  const Bytes bytes = random_bytes(random, 99);
  const std::span all{bytes};
  for (std::size_t at = 0; at < bytes.size(); at += 2) {
    const std::uint64_t sum = raw_sum(all.subspan(at), raw_sum_long(all.first(at)));
    EXPECT_EQ(fold(sum), fold(raw_sum(all))) << at;
    EXPECT_EQ(fold(raw_sum_long(all.subspan(at), raw_sum(all.first(at)))), fold(sum)) << at;
  }
}

TEST(Checksum, CarriesAtEveryFold) {
  EXPECT_EQ(fold(0), 0U);
  EXPECT_EQ(fold(0xffff), 0xffffU);
  EXPECT_EQ(fold(0x10000), 1U);
  EXPECT_EQ(fold(0xffffffff), 0xffffU);
  EXPECT_EQ(fold(0x1fffe0001), 1U);  // carries at 32 bits and at 16
  EXPECT_EQ(fold(0xffffffffffffffff), 0xffffU);
  const Bytes ones(65536, std::byte{0xff});
  EXPECT_EQ(fold(raw_sum(ones)), 0xffffU);
  EXPECT_EQ(fold(raw_sum_long(ones)), 0xffffU);
}

TEST(Checksum, Ipv4HeadersAsDpdkDoes) {
  std::mt19937 random(3);
  for (int i = 0; i < 10000; ++i) {
    Ipv4Header header = random_header(random);
    const auto* bytes = reinterpret_cast<const std::byte*>(&header);
    const be16 checksum = ipv4_checksum(bytes, sizeof header);
    ASSERT_EQ(checksum.host(), oracle(header));
    header.checksum = checksum;
    ASSERT_TRUE(ipv4_checksum_ok(bytes, sizeof header));
  }
}

TEST(Checksum, NoticesEveryFlippedBit) {
  std::mt19937 random(4);
  for (unsigned length = 20; length <= 60; length += 4) {
    Bytes header = random_bytes(random, length);
    header[0] = std::byte{0x45};
    header[10] = header[11] = std::byte{0};
    const be16 checksum = ipv4_checksum(header.data(), length);
    std::memcpy(&header[10], &checksum, sizeof checksum);
    ASSERT_TRUE(ipv4_checksum_ok(header.data(), length));
    for (unsigned bit = 0; bit < length * 8; ++bit) {
      const auto flip = static_cast<std::byte>(1U << bit % 8);
      header[bit / 8] ^= flip;
      EXPECT_FALSE(ipv4_checksum_ok(header.data(), length)) << bit;
      header[bit / 8] ^= flip;
    }
  }
}

TEST(Checksum, AdjustsAsAFullComputationDoes) {
  std::mt19937 random(5);
  for (int i = 0; i < 100000; ++i) {
    Ipv4Header header = random_header(random);
    const auto* bytes = reinterpret_cast<const std::byte*>(&header);
    const be16 before = ipv4_checksum(bytes, sizeof header);
    const std::uint16_t old_id = header.id.host();
    header.id = be16{static_cast<std::uint16_t>(random())};
    ASSERT_EQ(adjust_checksum(before, old_id, header.id.host()),
              ipv4_checksum(bytes, sizeof header));
  }
}

TEST(Checksum, TtlCountsDownWithTheChecksumItHas) {
  std::mt19937 random(6);
  const Ipv4Header base = random_header(random);
  // The identification takes the checksum through all its values: every 5th of them, 0xffff too.
  for (std::uint32_t id = 0; id <= 0xffff; id += 5) {
    for (unsigned ttl = 1; ttl < 256; ++ttl) {
      Ipv4Header header = base;
      header.id = be16{static_cast<std::uint16_t>(id)};
      header.ttl = static_cast<std::uint8_t>(ttl);
      header.checksum = be16{oracle(header)};
      decrement_ttl(header);
      const be16 got = header.checksum;
      header.checksum = {};
      ASSERT_EQ(header.ttl, ttl - 1);
      ASSERT_EQ(got.host(), oracle(header)) << id << ' ' << ttl;
    }
  }
}

TEST(Checksum, TtlCountsDownFromNegativeZeroToo) {  // received so, 0xffff verifies like 0
  Ipv4Header header{};
  header.version_ihl = 0x45;
  header.ttl = 64;
  header.id = be16{static_cast<std::uint16_t>(0xffffU - 0x4500U - 0x4000U)};
  ASSERT_EQ(oracle(header), 0U);
  header.checksum = be16{0xffff};
  const auto* bytes = reinterpret_cast<const std::byte*>(&header);
  ASSERT_TRUE(ipv4_checksum_ok(bytes, sizeof header));
  decrement_ttl(header);
  EXPECT_TRUE(ipv4_checksum_ok(bytes, sizeof header));
}

TEST(Checksum, PseudoHeaderAsDpdkDoes) {
  std::mt19937 random(7);
  for (int i = 0; i < 1000; ++i) {
    rte_ipv6_hdr header{};
    Ipv6Address source;
    Ipv6Address destination;
    for (std::uint8_t& byte : source.bytes) {
      byte = static_cast<std::uint8_t>(random());
    }
    for (std::uint8_t& byte : destination.bytes) {
      byte = static_cast<std::uint8_t>(random());
    }
    const auto length = static_cast<std::uint16_t>(random());
    std::memcpy(header.src_addr, source.bytes.data(), source.bytes.size());
    std::memcpy(header.dst_addr, destination.bytes.data(), destination.bytes.size());
    header.payload_len = be16{length}.raw();
    header.proto = ip_protocol::icmpv6;
    EXPECT_EQ(fold(pseudo_header_sum(source, destination, length, ip_protocol::icmpv6)),
              rte_ipv6_phdr_cksum(&header, 0));
  }
}

}  // namespace
}  // namespace culvert
