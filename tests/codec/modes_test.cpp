// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/codec/modes.hpp"

#include <gtest/gtest.h>

namespace culvert {
namespace {

TEST(Modes, ProtocolsThatTunnelsUse) {  // IANA: 4, 41, 47
  for (unsigned protocol = 0; protocol < 256; ++protocol) {
    const ProtocolUse& use = protocol_uses[protocol];
    EXPECT_EQ(use.tunnel, protocol == 4 || protocol == 41 || protocol == 47) << protocol;
  }
  EXPECT_EQ(protocol_uses[4].mode, TunnelMode::ipip);
  EXPECT_EQ(protocol_uses[4].payload, ether_type::ipv4);
  EXPECT_EQ(protocol_uses[41].mode, TunnelMode::sit);
  EXPECT_EQ(protocol_uses[41].payload, ether_type::ipv6);
  EXPECT_EQ(protocol_uses[47].mode, TunnelMode::gre);
}

TEST(Modes, WhatEachOneCarries) {
  EXPECT_TRUE(carries(TunnelMode::ipip, ether_type::ipv4));
  EXPECT_FALSE(carries(TunnelMode::ipip, ether_type::ipv6));
  EXPECT_TRUE(carries(TunnelMode::gre, ether_type::ipv4));
  EXPECT_TRUE(carries(TunnelMode::gre, ether_type::ipv6));
  EXPECT_FALSE(carries(TunnelMode::sit, ether_type::ipv4));
  EXPECT_TRUE(carries(TunnelMode::sit, ether_type::ipv6));
}

TEST(Modes, EachIsVisitedAsItself) {
  const auto name = [](TunnelMode mode) { return visit_mode(mode, [](auto m) { return m.name; }); };
  EXPECT_EQ(name(TunnelMode::ipip), "ipip");
  EXPECT_EQ(name(TunnelMode::gre), "gre");
  EXPECT_EQ(name(TunnelMode::sit), "sit");
}

}  // namespace
}  // namespace culvert
