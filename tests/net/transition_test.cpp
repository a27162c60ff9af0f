// SPDX-License-Identifier: BSD-3-Clause
// IPv4 addresses inside IPv6 ones, by the examples of the RFCs and of the captures.
#include "culvert/net/transition.hpp"

#include <gtest/gtest.h>

namespace culvert {
namespace {

Ipv4Address v4(const char* text) {
  return parse_ipv4(text).value();
}
Ipv6Address v6(const char* text) {
  return parse_ipv6(text).value();
}
SixRdDomain domain(const char* prefix, unsigned length, const char* relay = "0.0.0.0",
                   unsigned relay_length = 0) {
  return {{v6(prefix), length}, {v4(relay), relay_length}};
}

struct Mapping {
  const char* description;
  SixRdDomain domain;
  const char* inner;
  const char* outer;  // null: outside the domain
};

const Mapping mappings[] = {
    {"05b: all 32 bits", domain("2001:db8::", 32), "2001:db8:a00:2::1", "10.0.0.2"},
    {"05b: outside", domain("2001:db8::", 32), "2001:db9:a00:2::1", nullptr},
    {"05c: 24 bits", domain("2001:db8::", 32, "10.0.0.0", 8), "2001:db8:0:200::1", "10.0.0.2"},
    {"05d: RFC 3056 section 2", sixtofour, "2002:a00:2::1", "10.0.0.2"},
    {"RFC 5969 section 4: 10.100.100.1 has a /56", domain("2001:db8::", 32, "10.0.0.0", 8),
     "2001:db8:6464:100::", "10.100.100.1"},
    {"a /28 and 32 bits: a /60", domain("2001:db0::", 28), "2001:dba:0:10::", "160.0.0.1"},
    {"a prefix that ends within a byte", domain("2001:db8::", 29, "192.168.0.0", 16),
     "2001:db8:818::", "192.168.1.3"},
    {"bits up to the last of the network's half", domain("2001:db8::", 56, "10.0.0.0", 24),
     "2001:db8:0:a7::1", "10.0.0.167"},
    {"no bits at all", domain("2001:db8::", 64, "10.0.0.1", 32), "2001:db8::77", "10.0.0.1"},
    {"no bits, another network", domain("2001:db8::", 64, "10.0.0.1", 32), "2001:db8:0:1::77",
     nullptr},
    {"no prefix at all", domain("::", 0), "a00:1::", "10.0.0.1"},
    {"no prefix, no bits", domain("::", 0, "10.0.0.1", 32), "ffff::", "10.0.0.1"},
};

TEST(SixRd, Maps) {
  for (const Mapping& m : mappings) {
    ASSERT_TRUE(m.domain.is_valid()) << m.description;
    const SixRdMap map{m.domain};
    EXPECT_EQ(map.contains(v6(m.inner)), m.outer != nullptr) << m.description;
    if (m.outer != nullptr) {
      EXPECT_EQ(map.endpoint(v6(m.inner)), v4(m.outer)) << m.description;
    }
  }
}

// As ipip6_tunnel's ioctl has it: what is refused there is in transcripts/show-6rd.txt.
TEST(SixRd, ValidDomains) {
  EXPECT_TRUE(sixtofour.is_valid());
  EXPECT_FALSE(domain("2001:db8::", 33).is_valid());
  EXPECT_FALSE(domain("2001:db8::", 57, "10.0.0.0", 24).is_valid());
  EXPECT_FALSE(domain("2001:db8::1", 32).is_valid());
  EXPECT_FALSE(domain("2001:db8::", 32, "10.0.0.1", 8).is_valid());
  EXPECT_FALSE(domain("2001:db8::", 65, "10.0.0.1", 32).is_valid());
}

TEST(Isatap, Endpoint) {  // RFC 5214 section 6.1; 05a
  EXPECT_EQ(isatap_endpoint(v6("fe80::5efe:10.0.0.1")), v4("10.0.0.1"));
  EXPECT_EQ(isatap_endpoint(v6("fe80::200:5efe:192.0.2.1")), v4("192.0.2.1"));
  EXPECT_EQ(isatap_endpoint(v6("2001:db8:5::5efe:a00:9")), v4("10.0.0.9"));
  for (const char* const other : {"fe80::100:5efe:10.0.0.1", "fe80::5eff:10.0.0.1", "fe80::1",
                                  "fe80::300:5efe:10.0.0.1", "::10.0.0.1", "fe80::5efe:0:a00:1"}) {
    EXPECT_EQ(isatap_endpoint(v6(other)), std::nullopt) << other;
  }
}

TEST(Compatible, Endpoint) {  // RFC 4291 section 2.5.5.1
  EXPECT_EQ(compatible_endpoint(v6("::10.0.0.2")), v4("10.0.0.2"));
  EXPECT_EQ(compatible_endpoint(v6("::2")), v4("0.0.0.2"));
  for (const char* const other : {"::", "::1", "::ffff:10.0.0.2", "1::10.0.0.2", "::1:10.0.0.2"}) {
    EXPECT_EQ(compatible_endpoint(v6(other)), std::nullopt) << other;
  }
  EXPECT_TRUE(is_mapped(v6("::ffff:10.0.0.2")));
  EXPECT_FALSE(is_mapped(v6("::10.0.0.2")));
  EXPECT_FALSE(is_mapped(v6("64:ff9b::10.0.0.2")));
}

}  // namespace
}  // namespace culvert
