// SPDX-License-Identifier: BSD-3-Clause
// What fits a tunnel: RFC 2003 section 5.1 and RFC 4213 section 3.2, and what Linux was seen to do
// (captures 08a, 08d, 08g).
#include <gtest/gtest.h>

#include "culvert/codec/modes.hpp"
#include "culvert/control/resolver.hpp"

namespace culvert::test {
namespace {

struct Case {
  const char* description;
  bool pmtudisc;
  Family payload;
  unsigned device_mtu;
  unsigned path_mtu;
  unsigned mtu;        // fits as it is
  unsigned whole_mtu;  // fits, if need be with its outer packet in fragments
  bool dont_fragment;  // on the outer packet, whatever the inner one says
};

constexpr Case cases[] = {
    {"08a: the device's own MTU", true, Family::ipv4, 1480, 1500, 1480, 1480, true},
    {"08c: a device MTU beyond the path's", true, Family::ipv4, 1500, 1500, 1480, 1480, true},
    {"08d: the same with nopmtudisc", false, Family::ipv4, 1500, 1500, 1480, 1500, false},
    {"a device MTU below the path's", false, Family::ipv4, 1400, 1500, 1400, 1400, false},
    {"08f: IPv6", true, Family::ipv6, 1480, 1500, 1480, 1480, true},
    {"IPv6 just fits", true, Family::ipv6, 1280, 1300, 1280, 1280, true},
    {"08g: IPv6 over 1280", true, Family::ipv6, 1280, 1280, 1260, 1280, false},
    {"a device MTU that the path does not keep", true, Family::ipv6, 1480, 1299, 1279, 1280, false},
    {"the same with nopmtudisc", false, Family::ipv6, 1480, 1299, 1279, 1480, false},
    {"a device MTU below IPv6's least", true, Family::ipv6, 576, 1500, 576, 1280, false},
    {"a path below the header's length", true, Family::ipv4, 1480, 19, 0, 0, true},
    {"the longest packet", false, Family::ipv4, 65535, 65535, 65515, 65515, false},
};

TEST(Limits, OfTunnels) {
  for (const Case& c : cases) {
    NextHop tunnel;
    tunnel.kind = NextHop::Kind::tunnel;
    OuterParameters outer;
    outer.pmtudisc = c.pmtudisc;
    tunnel.outer = Mode<TunnelMode::ipip>::Stack::render(outer);
    set_limits(tunnel, c.device_mtu, c.path_mtu, c.payload);
    EXPECT_EQ(tunnel.mtu, c.mtu) << c.description;
    EXPECT_EQ(tunnel.whole_mtu(), c.whole_mtu) << c.description;
    EXPECT_EQ(tunnel.path_mtu, c.path_mtu) << c.description;
    EXPECT_EQ(tunnel.outer.fragment == Ipv4Header::dont_fragment, c.dont_fragment) << c.description;
  }
}

TEST(Limits, OfPorts) {
  EXPECT_EQ((NextHop{.mtu = 1500, .kind = NextHop::Kind::forward}.whole_mtu()), 1500U);
}

}  // namespace
}  // namespace culvert::test
