// SPDX-License-Identifier: BSD-3-Clause
// Asking ahead for what a burst needs changes nothing but the time that it takes.
#include "culvert/dataplane/prefetch.hpp"

#include <gtest/gtest.h>

#include "support/gateway.hpp"

namespace culvert::test {
namespace {

const std::string_view a = node_a.outside4;
const std::string_view b = node_b.outside4;

class Prefetch : public testing::Test {
 protected:
  Prefetch() {
    for (TestGateway* gateway : {&few, &many}) {
      gateway->add_tunnel({.mode = TunnelMode::ipip, .local = a, .remote = b});
      gateway->add_tunnel({.mode = TunnelMode::gre, .local = a, .remote = b, .input_key = 5678});
    }
    Tunnel tunnel;
    tunnel.up = true;
    for (std::uint32_t i = 0; i < 6'000; ++i) {
      tunnel.local = Ipv4Address::from_host(0x0a640000);
      tunnel.remote = Ipv4Address::from_host(0x0a640000 + i);
      many.forwarding().tunnels.insert(tunnel);
    }
  }

  TestGateway few;
  TestGateway many;
};

TEST_F(Prefetch, IsForManyTunnels) {
  EXPECT_FALSE(few.forwarding().tunnels.outgrows_cache());
  EXPECT_TRUE(many.forwarding().tunnels.outgrows_cache());
}

TEST_F(Prefetch, ReadsNothingBeyondAFrameAndChangesNothing) {
  const Bytes inner = ipv4(node_b.host4, node_a.host4, 17, payload(20));
  for (const Bytes& outer : {ipv4(b, a, 4, inner), ipv4(b, a, 47, hex("20000800 0000162e") + inner),
                             ipv4(b, a, 47, hex("00000800") + inner), inner}) {
    const Bytes frame = ethernet(node_a.outside_mac, node_b.outside_mac, ether_type::ipv4, outer);
    for (std::size_t length = 0; length <= frame.size(); ++length) {
      const Bytes cut = first(frame, length);
      const Layout layout{.storage = Layout::Storage::heap};
      EXPECT_EQ(many.receive(outside, cut, layout), few.receive(outside, cut, layout)) << length;
    }
  }
}

}  // namespace
}  // namespace culvert::test
