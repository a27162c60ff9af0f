// SPDX-License-Identifier: BSD-3-Clause
#include <stdexcept>

#include <gtest/gtest.h>

#include "culvert-traffic/traffic.hpp"

namespace culvert::traffic {
namespace {

struct Given {
  const char* text;
  std::uint64_t index;
  const char* host;
};

TEST(Destinations, HostsOfPrefixes) {
  for (const Given& given : {
           Given{"198.18.0.0/15,1", 0, "198.18.0.1"},
           Given{"198.18.0.0/15,512", 511, "198.19.255.1"},
           Given{"198.18.5.7/15,2", 1, "198.18.1.1"},
           Given{"0.0.0.0/0,16777216", 16'777'215, "255.255.255.1"},
           Given{"10.0.0.0/8,65536,28", 65'535, "10.15.255.241"},
           Given{"10.0.0.0/8,9,32", 8, "10.0.0.8"},
           Given{"10.0.0.0/28,1", 0, "10.0.0.1"},
           Given{"10.0.0.7/32,1", 0, "10.0.0.7"},
           Given{"2001:db8::/32,1", 0, "2001:db8::1"},
           Given{"2001:db8::/32,70000", 69'999, "2001:db8:1:116f::1"},
           Given{"2001:db8::/32,1000,48", 999, "2001:db8:3e7::1"},
           Given{"2001:db8::/32,1000,61", 999, "2001:db8:0:1f38::1"},
           Given{"2001:db8::/64,5,128", 4, "2001:db8::4"},
           Given{"::/0,18446744073709551615,128", 18'446'744'073'709'551'614U,
                 "::ffff:ffff:ffff:fffe"},
       }) {
    const auto destinations = parse_destinations(given.text);
    const std::string host =
        std::visit([&](const auto& d) { return to_string(host_in(d, given.index)); }, destinations);
    EXPECT_EQ(host, given.host) << given.text;
  }
}

TEST(Destinations, Refused) {
  for (const auto& [text, why] : std::initializer_list<std::pair<const char*, const char*>>{
           {"", "expected"},
           {"198.18.0.0/15", "expected"},
           {"198.18.0.0/15,1,24,1", "expected"},
           {"198.18.0.0,1", "not a prefix"},
           {"198.18.0.0/15/3,1", "not a prefix"},
           {"example.org/15,1", "not a prefix"},
           {"198.18.0.0/x,1", "not a number"},
           {"198.18.0.0/15,", "not a number"},
           {"198.18.0.0/15,-1", "not a number"},
           {"198.18.0.0/15,1 ", "not a number"},
           {"198.18.0.0/15,99999999999999999999", "not a number"},
           {"198.18.0.0/33,1", "at most 32 bits"},
           {"198.18.0.0/15,1,33", "at most 32 bits"},
           {"2001:db8::/32,1,129", "at most 128 bits"},
           {"198.18.0.0/15,1,14", "larger than the whole"},
           {"198.18.0.0/15,0", "from 1 to 2^9"},
           {"198.18.0.0/15,513", "from 1 to 2^9"},
       }) {
    try {
      (void)parse_destinations(text);
      FAIL() << text;
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string{error.what()}.find(why), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace culvert::traffic
