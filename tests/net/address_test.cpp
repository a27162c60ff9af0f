// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/net/address.hpp"

#include <string>

#include <gtest/gtest.h>

namespace culvert {
namespace {

using namespace std::string_view_literals;  // for texts with a zero byte

TEST(Address, Ipv4Texts) {
  for (const std::string text : {"0.0.0.0", "10.0.0.1", "255.255.255.255", "192.168.1.20"}) {
    const auto address = parse_ipv4(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(to_string(*address), text);
  }
  EXPECT_EQ(parse_ipv4("1.2.3.4")->host(), 0x01020304U);
}

TEST(Address, NoIpv4) {
  for (const std::string_view text : std::initializer_list<std::string_view>{
           "", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.", ".1.2.3", " 1.2.3.4", "1.2.3.4 ",
           "1.2.3.4/24", "0x1.2.3.4", "1.2.3.-4", "1..2.3", "a.b.c.d", "::1", "1.2.3.4\0"sv,
           "1.2.3.4\0junk"sv}) {
    EXPECT_FALSE(parse_ipv4(text)) << text;
  }
}

TEST(Address, Ipv6TextsOfRfc5952) {
  const std::pair<const char*, const char*> texts[] = {
      {"::", "::"},
      {"::1", "::1"},
      {"2001:DB8::1", "2001:db8::1"},
      {"2001:0db8::0001", "2001:db8::1"},
      {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
      {"fe80:0:0:0:200:5efe:a00:1", "fe80::200:5efe:a00:1"},
  };
  for (const auto& [text, canonical] : texts) {
    const auto address = parse_ipv6(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(to_string(*address), canonical);
    EXPECT_EQ(parse_ipv6(canonical), address);
  }
}

TEST(Address, NoIpv6) {
  for (const std::string_view text : std::initializer_list<std::string_view>{
           "", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "::1/64",
           "::1%eth0", "[::1]", "g::", "1.2.3.4", "::1\0"sv}) {
    EXPECT_FALSE(parse_ipv6(text)) << text;
  }
}

TEST(Address, EitherFamily) {
  EXPECT_EQ(parse_address("10.0.0.1"), IpAddress{*parse_ipv4("10.0.0.1")});
  EXPECT_EQ(parse_address("::1"), IpAddress{*parse_ipv6("::1")});
  EXPECT_FALSE(parse_address("tunl0"));
  EXPECT_EQ(to_string(*parse_address("10.0.0.1")), "10.0.0.1");
  EXPECT_EQ(to_string(*parse_address("::1")), "::1");
}

TEST(Address, Mac) {
  EXPECT_EQ(to_string(*parse_mac("02:00:5E:00:00:ff")), "02:00:5e:00:00:ff");
  EXPECT_EQ(to_string(*parse_mac("2:0:5e:0:0:f")), "02:00:5e:00:00:0f");
  for (const std::string_view text : std::initializer_list<std::string_view>{
           "", "02:00:00:00:00", "02:00:00:00:00:", "02:00:00:00:00:00:00", "02-00-00-00-00-00",
           "02:00:00:00:00:0g", "002:00:00:00:00:00", "100:00:00:00:00:00", "+2:00:00:00:00:00",
           " 02:00:00:00:00:00", "02::00:00:00:00", "02:00:00:00:00:00\0"sv}) {
    EXPECT_FALSE(parse_mac(text)) << text;
  }
  EXPECT_TRUE(broadcast_mac.is_group());
  EXPECT_TRUE(parse_mac("33:33:00:00:00:01")->is_group());
  EXPECT_FALSE(parse_mac("02:00:00:00:00:01")->is_group());
}

TEST(Address, KindsOfIpv4) {
  struct Case {
    const char* text;
    bool any, multicast, broadcast, loopback;
  };
  for (const Case& c :
       {Case{"0.0.0.0", true, false, false, false}, Case{"0.0.0.1", false, false, false, false},
        Case{"126.255.255.255", false, false, false, false},
        Case{"127.0.0.0", false, false, false, true},
        Case{"127.255.255.255", false, false, false, true},
        Case{"128.0.0.0", false, false, false, false},
        Case{"223.255.255.255", false, false, false, false},
        Case{"224.0.0.0", false, true, false, false},
        Case{"239.255.255.255", false, true, false, false},
        Case{"240.0.0.0", false, false, false, false},
        Case{"255.255.255.254", false, false, false, false},
        Case{"255.255.255.255", false, false, true, false}}) {
    const Ipv4Address address = *parse_ipv4(c.text);
    EXPECT_EQ(address.is_any(), c.any) << c.text;
    EXPECT_EQ(address.is_multicast(), c.multicast) << c.text;
    EXPECT_EQ(address.is_limited_broadcast(), c.broadcast) << c.text;
    EXPECT_EQ(address.is_loopback(), c.loopback) << c.text;
  }
}

TEST(Address, KindsOfIpv6) {
  struct Case {
    const char* text;
    bool any, multicast, link_local, loopback;
  };
  for (const Case& c :
       {Case{"::", true, false, false, false}, Case{"::1", false, false, false, true},
        Case{"::2", false, false, false, false}, Case{"fe7f::", false, false, false, false},
        Case{"fe80::1", false, false, true, false}, Case{"febf::1", false, false, true, false},
        Case{"fec0::1", false, false, false, false}, Case{"feff::", false, false, false, false},
        Case{"ff02::1", false, true, false, false}}) {
    const Ipv6Address address = *parse_ipv6(c.text);
    EXPECT_EQ(address.is_any(), c.any) << c.text;
    EXPECT_EQ(address.is_multicast(), c.multicast) << c.text;
    EXPECT_EQ(address.is_link_local(), c.link_local) << c.text;
    EXPECT_EQ(address.is_loopback(), c.loopback) << c.text;
  }
}

bool bit_of(const Ipv4Address& address, unsigned bit) {
  return (address.host() >> (31U - bit) & 1U) != 0;
}
bool bit_of(const Ipv6Address& address, unsigned bit) {
  return (address.bytes[bit / 8] & (0x80U >> bit % 8)) != 0;
}

template <typename Address>
void expect_masks_bit_by_bit(const Address& address) {
  for (unsigned length = 0; length <= Address::bits; ++length) {
    const auto prefix = Prefix<Address>::of(address, length);
    const Address last = prefix.last();
    for (unsigned bit = 0; bit < Address::bits; ++bit) {
      ASSERT_EQ(bit_of(prefix.address, bit), bit < length && bit_of(address, bit));
      ASSERT_EQ(bit_of(last, bit), bit >= length || bit_of(address, bit));
    }
    EXPECT_TRUE(prefix.contains(address));
    EXPECT_TRUE(prefix.contains(prefix.address));
    EXPECT_TRUE(prefix.contains(last));
  }
}

TEST(Address, PrefixesKeepTheirHighBits) {
  expect_masks_bit_by_bit(*parse_ipv4("165.90.60.195"));
  expect_masks_bit_by_bit(*parse_ipv6("a55a:3cc3:f00f:1ee1:9669:5aa5:c33c:8118"));
}

TEST(Address, PrefixesContainTheirOwnOnly) {
  const auto prefix = Ipv4Prefix::of(*parse_ipv4("10.42.1.77"), 24);
  EXPECT_EQ(to_string(prefix), "10.42.1.0/24");
  EXPECT_FALSE(prefix.contains(*parse_ipv4("10.42.0.255")));
  EXPECT_FALSE(prefix.contains(*parse_ipv4("10.42.2.0")));
  EXPECT_TRUE(Ipv4Prefix::of(*parse_ipv4("1.2.3.4"), 0).contains(*parse_ipv4("255.0.0.1")));
  EXPECT_FALSE(Ipv4Prefix::host(*parse_ipv4("1.2.3.4")).contains(*parse_ipv4("1.2.3.5")));
  const auto six = Ipv6Prefix::of(*parse_ipv6("2001:db8:1:2::3"), 63);
  EXPECT_EQ(to_string(six), "2001:db8:1:2::/63");
  EXPECT_TRUE(six.contains(*parse_ipv6("2001:db8:1:3::")));
  EXPECT_FALSE(six.contains(*parse_ipv6("2001:db8:1:4::")));
}

TEST(Address, OrderIsThatOfTheBytes) {
  EXPECT_LT(*parse_ipv4("1.0.0.2"), *parse_ipv4("2.0.0.1"));
  EXPECT_LT(*parse_ipv6("1::2"), *parse_ipv6("2::1"));
}

}  // namespace
}  // namespace culvert
