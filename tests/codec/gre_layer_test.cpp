// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/codec/gre_layer.hpp"

#include <gtest/gtest.h>

#include "support/bytes.hpp"

namespace culvert::test {
namespace {

const be32 key{0xc0ffee01};

/// Flags and protocol, then fields of recognisable content, in the order of RFC 2890 section 2.
Bytes header(std::uint16_t flags, std::uint16_t protocol = ether_type::ipv4) {
  Bytes options;
  if ((flags & GreHeader::checksum_present) != 0) {
    options = options + hex("cccc 0000");
  }
  if ((flags & GreHeader::key_present) != 0) {
    options = options + bytes_of(key);
  }
  if ((flags & GreHeader::sequence_present) != 0) {
    options = options + hex("5e9e5e9e");
  }
  return gre(flags, protocol, options, {});
}

/// The bits one by one, most significant first, as RFC 2784 section 2 numbers them.
bool bit(std::uint16_t flags, unsigned number) {
  return (flags & (0x8000U >> number)) != 0;
}

Malformed expected(std::uint16_t flags) {
  if (bit(flags, 13) || bit(flags, 14) || bit(flags, 15)) {
    return Malformed::gre_version;
  }
  if (bit(flags, 1)) {
    return Malformed::gre_routing;
  }
  return bit(flags, 4) || bit(flags, 5) ? Malformed::gre_reserved : Malformed::none;
}

Match match_exactly(const Bytes& bytes) {
  Match match;
  GreLayer::match(bytes, match);
  return match;
}

TEST(GreLayer, EveryCombinationOfFlags) {
  for (unsigned word = 0; word < 0x10000; ++word) {
    const auto flags = static_cast<std::uint16_t>(word);
    const Bytes bytes = header(flags);
    const Match match = match_exactly(bytes);
    ASSERT_EQ(match.malformed, expected(flags)) << std::hex << flags;
    if (match.malformed == Malformed::none) {
      ASSERT_EQ(match.length, bytes.size()) << std::hex << flags;
      ASSERT_EQ(match.payload, ether_type::ipv4) << std::hex << flags;
      ASSERT_EQ(match.has_key, bit(flags, 2)) << std::hex << flags;
      ASSERT_EQ(match.key, bit(flags, 2) ? key : be32{}) << std::hex << flags;
      ASSERT_EQ(match.fields, (bit(flags, 0) ? 1U : 0U) | (bit(flags, 3) ? 2U : 0U));
      ASSERT_EQ(match.sequence, bit(flags, 3) ? 0x5e9e5e9eU : 0U) << std::hex << flags;
    }
  }
}

TEST(GreLayer, EveryTruncation) {
  for (unsigned word = 0; word < 0x10000; word += 0x1000) {  // C, R, K, S
    const auto flags = static_cast<std::uint16_t>(word);
    const Bytes bytes = header(flags);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      const Match match = match_exactly(first(bytes, length));  // on the heap, of exactly this size
      const bool flags_count = length >= sizeof(GreHeader) && expected(flags) != Malformed::none;
      EXPECT_EQ(match.malformed, flags_count ? expected(flags) : Malformed::truncated)
          << std::hex << flags << " cut to " << length;
    }
  }
}

TEST(GreLayer, PayloadFollowsTheHeader) {  // and is not looked at
  for (unsigned word = 0; word < 0x10000; word += 0x1000) {
    if (bit(static_cast<std::uint16_t>(word), 1)) {
      continue;  // routing
    }
    const Bytes bytes = header(static_cast<std::uint16_t>(word));
    const Match match = match_exactly(bytes + Bytes(3, std::byte{0xff}));
    EXPECT_EQ(match.malformed, Malformed::none);
    EXPECT_EQ(match.length, bytes.size());
  }
}

TEST(GreLayer, EveryProtocol) {
  for (unsigned word = 0; word < 0x10000; ++word) {
    const auto protocol = static_cast<std::uint16_t>(word);
    const bool known = protocol == ether_type::ipv4 || protocol == ether_type::ipv6;
    const Match match = match_exactly(header(0, protocol));
    ASSERT_EQ(match.malformed, known ? Malformed::none : Malformed::gre_protocol) << protocol;
    ASSERT_EQ(match.payload, protocol);
  }
}

TEST(GreLayer, SizeIsThatOfTheFieldsSent) {
  OuterParameters parameters;
  EXPECT_EQ(GreLayer::size(parameters), 4U);
  parameters.key = be32{0};  // a key of zero is a key
  EXPECT_EQ(GreLayer::size(parameters), 8U);
  parameters.fields = gre_field::checksum;
  EXPECT_EQ(GreLayer::size(parameters), 12U);
  parameters.fields = gre_field::checksum | gre_field::sequence;
  EXPECT_EQ(GreLayer::size(parameters), 16U);
}

}  // namespace
}  // namespace culvert::test
