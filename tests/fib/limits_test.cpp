// SPDX-License-Identifier: BSD-3-Clause
// What fits a tunnel: RFC 2003 section 5.1 and RFC 4213 section 3.2, and what Linux was seen to do
// (captures 08a, 08d, 08g).
#include <gtest/gtest.h>

#include "culvert/codec/modes.hpp"
#include "culvert/fib/next_hop.hpp"

namespace culvert::test {
namespace {

struct Case {
  const char* description;
  bool pmtudisc;
  bool ipv6;
  unsigned device_mtu;
  unsigned path_mtu;
  unsigned mtu;        // fits as it is
  unsigned whole_mtu;  // fits, if need be with its outer packet in fragments
  bool dont_fragment;  // on the outer packet, whatever the inner one says
};

constexpr Case cases[] = {
    {"08a: the device's own MTU", true, false, 1480, 1500, 1480, 1480, true},
    {"08c: a device MTU beyond the path's", true, false, 1500, 1500, 1480, 1480, true},
    {"08d: the same with nopmtudisc", false, false, 1500, 1500, 1480, 1500, false},
    {"a device MTU below the path's", false, false, 1400, 1500, 1400, 1400, false},
    {"08f: IPv6", true, true, 1480, 1500, 1480, 1480, true},
    {"IPv6 just fits", true, true, 1280, 1300, 1280, 1280, true},
    {"08g: IPv6 over 1280", true, true, 1280, 1280, 1260, 1280, false},
    {"a device MTU that the path does not keep", true, true, 1480, 1299, 1279, 1280, false},
    {"the same with nopmtudisc", false, true, 1480, 1299, 1279, 1480, false},
    {"a device MTU below IPv6's least", true, true, 576, 1500, 576, 1280, false},
    {"a path below the header's length", true, false, 1480, 19, 0, 0, true},
    {"the longest packet", false, false, 65535, 65535, 65515, 65515, false},
};

TEST(Limits, OfTunnels) {
  for (const Case& c : cases) {
    NextHop tunnel;
    tunnel.kind = NextHop::Kind::tunnel;
    OuterParameters outer;
    outer.pmtudisc = c.pmtudisc;
    tunnel.outer = Mode<TunnelMode::ipip>::Stack::render(outer);
    set_limits(tunnel, c.device_mtu, c.path_mtu, c.ipv6);
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
