// SPDX-License-Identifier: BSD-3-Clause
// IPv4 options by hand, after RFC 791 section 3.1; the routes and times of the first tests are
// those that Linux wrote in capture 10b.
#include "culvert/net/ip_options.hpp"

#include <string_view>

#include <gtest/gtest.h>

#include "support/bytes.hpp"

namespace culvert::test {
namespace {

Bytes stamped(std::string_view text, const OptionStamp& stamp) {
  Bytes options = hex(text);
  EXPECT_FALSE(check_options(options).wrong) << text;
  stamp_options(options, stamp);
  return options;
}

const OptionStamp by_a{.own = ip4("192.168.1.1"), .time = 0x044404f7};

TEST(IpOptions, RecordRoute) {
  EXPECT_EQ(stamped("01 07270  8 c0a80102 00000000 00000000 00000000 00000000 00000000 00000000"
                    "00000000 00000000",
                    by_a),
            hex("01 07270  c c0a80102 c0a80101 00000000 00000000 00000000 00000000 00000000"
                "00000000 00000000"));
  EXPECT_EQ(stamped("07 07 04 00000000 00", by_a), hex("07 07 08 c0a80101 00"));
  EXPECT_EQ(stamped("07 07 08 c0a80102 00", by_a), hex("07 07 08 c0a80102 00")) << "full";
  EXPECT_EQ(stamped("07 03 04 00", by_a), hex("07 03 04 00")) << "no room from the start";
}

TEST(IpOptions, Timestamps) {
  EXPECT_EQ(stamped("44 0c 09 00 044404f6 00000000", by_a), hex("44 0c 0d 00 044404f6 044404f7"));
  EXPECT_EQ(stamped("44 0c 05 01 00000000 00000000", by_a), hex("44 0c 0d 01 c0a80101 044404f7"));
  EXPECT_EQ(stamped("44 08 09 00 044404f6", by_a), hex("44 08 09 10 044404f6")) << "overflow";
  EXPECT_EQ(stamped("44 08 09 e1 044404f6", by_a), hex("44 08 09 f1 044404f6"));
  EXPECT_EQ(stamped("44 08 05 02 00000000", by_a), hex("44 08 05 02 00000000")) << "no such flag";
}

TEST(IpOptions, TimestampsOfNamedRouters) {
  Bytes options = hex("44 14 0d 03 0a000001 00000007 c0a80101 00000000");
  EXPECT_EQ(named_in_timestamp(options), ip4("192.168.1.1"));
  stamp_options(options, by_a);
  EXPECT_EQ(options, hex("44 14 0d 03 0a000001 00000007 c0a80101 00000000")) << "not ours";
  OptionStamp ours = by_a;
  ours.named_is_own = true;
  stamp_options(options, ours);
  EXPECT_EQ(options, hex("44 14 15 03 0a000001 00000007 c0a80101 044404f7"));
  EXPECT_EQ(named_in_timestamp(options), std::nullopt);
  stamp_options(options, ours);
  EXPECT_EQ(options, hex("44 14 15 03 0a000001 00000007 c0a80101 044404f7")) << "no overflow";
}

TEST(IpOptions, WhatIsLeftAsItIs) {
  for (const std::string_view text :
       {"94 04 00 00", "01 01 01 01", "82 0b 0000 0000 0000 000000 00", "88 04 0001",
        "1e 04 abcd"}) {
    EXPECT_EQ(stamped(text, by_a), hex(text)) << text;
  }
  EXPECT_EQ(stamped("00 07 07 04", by_a), hex("00 00 00 00")) << "behind the end";
}

TEST(IpOptions, SourceRoutes) {
  EXPECT_TRUE(check_options(hex("83 07 04 0a000001 00")).source_route);
  EXPECT_TRUE(check_options(hex("01 89 07 08 0a000001")).source_route);
  EXPECT_FALSE(check_options(hex("07 07 04 0a000001 00")).source_route);
}

struct Wrong {
  const char* description;
  std::string_view options;
  unsigned at;
};
constexpr Wrong wrong_ones[] = {
    {"10b: longer than the header", "07 63 04 00", 0},
    {"longer than the header, by one", "01 07 04 04", 1},
    {"length 0", "07 00 04 00", 0},
    {"length 1", "94 01 00 00", 0},
    {"no length", "01 01 01 07", 3},
    {"unknown, of length 1", "1e 01 00 00", 0},
    {"a route without pointer", "07 02 01 01", 1},
    {"a route whose pointer is in its head", "07 07 03 00000000 00", 2},
    {"a route whose pointer leaves too little room", "07 07 05 00000000 00", 2},
    {"a source route whose pointer is in its head", "83 07 00 00000000 00", 2},
    {"two routes", "07 03 04 07 03 04 00 00", 3},
    {"two source routes, of different kinds", "83 03 04 89 03 04 00 00", 3},
    {"timestamps without overflow", "44 03 05 00", 1},
    {"timestamps whose pointer is in their head", "44 08 04 00 00000000", 2},
    {"timestamps with too little room for a time", "44 08 06 00 00000000", 2},
    {"timestamps with too little room for an address", "44 08 05 01 00000000", 2},
    {"timestamps that overflow their overflow", "44 08 09 f0 00000000", 3},
    {"two timestamps", "44 04 05 00 44 04 05 00", 4},
    {"a router alert cut short", "94 03 00 00", 1},
};

TEST(IpOptions, WhichByteIsWrong) {
  for (const Wrong& c : wrong_ones) {
    EXPECT_EQ(check_options(hex(c.options)).wrong, c.at) << c.description;
  }
  EXPECT_FALSE(check_options({}).wrong);
  EXPECT_FALSE(check_options(hex("44 08 09 f3 00000000")).wrong) << "overflow of named routers";
  EXPECT_FALSE(check_options(hex("00 07 63 04")).wrong) << "behind the end";
}

TEST(IpOptions, WhatLaterFragmentsHave) {  // RFC 791: the flag is the first bit of the type
  Bytes options = hex("94 04 0000 07 07 04 00000000 01 82 04 0001 44 04 05 00 1e 03 ff 00");
  clear_uncopied_options(options);
  EXPECT_EQ(options, hex("94 04 0000 01 01 01 01010101 01 82 04 0001 01 01 01 01 01 01 01 00"));
}

/// On the heap and of exactly its size, for AddressSanitizer.
TEST(IpOptions, EveryTruncationAndEveryByte) {
  const Bytes all =
      hex("07 0b 04 00000000 00000000 44 0c 05 01 00000000 00000000 94 04 0000"
          "83 07 04 0a000001 01 00");
  for (std::size_t length = 0; length <= all.size(); ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      for (unsigned value = 0; value < 256; ++value) {
        Bytes options = first(all, length);
        options.shrink_to_fit();
        options[at] = static_cast<std::byte>(value);
        Bytes cleared = options;
        clear_uncopied_options(cleared);
        const auto wrong = check_options(options).wrong;
        if (wrong) {
          ASSERT_LT(*wrong, length);
        } else {
          (void)named_in_timestamp(options);
          stamp_options(options, {.own = {}, .time = 0, .named_is_own = true});
          ASSERT_EQ(options.size(), length);
        }
      }
    }
  }
}

}  // namespace
}  // namespace culvert::test
