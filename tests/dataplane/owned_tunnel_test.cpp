// SPDX-License-Identifier: BSD-3-Clause
// A tunnel with sequence numbers belongs to one worker: whichever worker gets its packets, they
// leave, and are checked, in order.
#include <gtest/gtest.h>

#include "two_workers.hpp"

namespace culvert::test {
namespace {

const std::string_view a = node_a.outside4;
const std::string_view b = node_b.outside4;

class OwnedTunnel : public TwoWorkers {
 protected:
  OwnedTunnel() {
    const TestTunnel tunnel{.mode = TunnelMode::gre,
                            .local = a,
                            .remote = b,
                            .ttl = 64,
                            .input_fields = gre_field::sequence,
                            .output_fields = gre_field::sequence};
    (void)gateway.add_tunnel({.local = a, .remote = b});
    index = gateway.add_tunnel(tunnel);  // odd: the second worker's
    gateway.route(node_b.inside_net4, gateway.through(tunnel, index, ether_type::ipv4));
  }

  static Bytes out(std::uint8_t ttl) {
    return ethernet(node_a.inside_mac, node_a.host_mac, ether_type::ipv4,
                    ipv4(node_a.host4, node_b.host4, 17, payload(20), {.ttl = ttl}));
  }
  static Bytes in(std::uint32_t number) {
    const Bytes inner = ipv4(node_b.host4, node_a.host4, 17, payload(20));
    return ethernet(node_a.outside_mac, node_b.outside_mac, ether_type::ipv4,
                    ipv4(b, a, 47, gre(0x1000, ether_type::ipv4, bytes_of(be32{number}), inner)));
  }
  /// The GRE sequence number of a frame.
  static std::uint32_t number_of(const Outcome& outcome) {
    return header_at<be32>(outcome.bytes.data() + sizeof(EthernetHeader) + sizeof(Ipv4Header) +
                           sizeof(GreHeader))
        .host();
  }

  std::uint32_t index = 0;
};

TEST_F(OwnedTunnel, NumbersLeaveInOrderWhoeverGetsThePackets) {
  constexpr unsigned rounds = 300;
  std::vector<Outcome> all;
  for (unsigned i = 0; i < rounds; ++i) {
    receive(i % 3 == 0 ? 1 : 0, inside, out(64));
    if (i % 5 == 0) {
      settle();
      const auto now = gateway.outcomes();
      all.insert(all.end(), now.begin(), now.end());
    }
  }
  settle();
  const auto rest = gateway.outcomes();
  all.insert(all.end(), rest.begin(), rest.end());
  ASSERT_EQ(all.size(), rounds);
  for (std::uint32_t i = 0; i < rounds; ++i) {
    ASSERT_EQ(all[i].kind, Outcome::Kind::sent);
    ASSERT_EQ(number_of(all[i]), i);
    ASSERT_EQ(all[i].bytes[14 + 20 + 8 + 8], std::byte{63}) << "one hop, not two";
  }
}

TEST_F(OwnedTunnel, APacketIsHandedOverAsItCame) {
  receive(0, inside, out(1));
  EXPECT_EQ(resume(1), 1U);
  // Its TTL is used up: the sender is told of it as of any other, by the owner.
  rte_mbuf* m = nullptr;
  ASSERT_EQ(second.take_punts(&m, 1), 1U);
  EXPECT_EQ(facts_of(m).drop, Drop::ttl_exceeded);
  EXPECT_EQ(facts_of(m).worker, 1);
  EXPECT_EQ(contents(m, sizeof(EthernetHeader)), out(1));
  rte_pktmbuf_free(m);
}

TEST_F(OwnedTunnel, NumbersAreCheckedInOnePlace) {
  receive(0, outside, in(5));
  receive(0, outside, in(6));
  EXPECT_EQ(gateway.outcomes(), std::vector<Outcome>{}) << "not looked at before the owner has it";
  EXPECT_EQ(resume(1), 2U);
  settle();
  receive(1, outside, in(6));
  receive(0, outside, in(7));
  receive(0, outside, in(5));
  settle();
  const auto all = gateway.outcomes();
  EXPECT_EQ(std::count(all.begin(), all.end(), dropped(Drop::gre_sequence)), 2);
  EXPECT_EQ(all.size(), 5U);
  EXPECT_EQ(gateway.counters(index).rx_packets.get(), 3U);
}

}  // namespace
}  // namespace culvert::test
