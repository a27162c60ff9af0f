// SPDX-License-Identifier: BSD-3-Clause
// Checksums and sequence numbers of GRE on the whole row, against packets that a Linux kernel sent
// (captures 03c and 03d) and what it took of others (10g and 10h).
#include <gtest/gtest.h>

#include <rte_ip.h>

#include "support/gateway.hpp"

namespace culvert::test {
namespace {

constexpr std::uint16_t id = TestGateway::first_id;
constexpr std::uint16_t df = 0x4000;
const std::string_view a = node_a.outside4;
const std::string_view b = node_b.outside4;

// As a of 03c sent it, from the inner packet's first byte, and as h1 sent it to a.
const Bytes ping =
    hex("45000054 2cf14000 3f018a63 c0a80102 c0a80202 0800e61c 082a0001 a1f5016b 00000000 9e840900"
        "00000000 10111213 14151617 18191a1b 1c1d1e1f 20212223 24252627 28292a2b 2c2d2e2f 30313233"
        "34353637");
const Bytes ping_before = hex("45000054 2cf14000 40018963") + from(ping, 12);

Bytes from_host(const Bytes& packet) {
  return ethernet(node_a.inside_mac, node_a.host_mac, ether_type::ipv4, packet);
}
Bytes to_b(std::uint16_t flags, std::string_view fields, const Bytes& inner) {
  return ethernet(
      node_b.outside_mac, node_a.outside_mac, ether_type::ipv4,
      ipv4(a, b, 47, gre(flags, ether_type::ipv4, hex(fields), inner), {.id = id, .fragment = df}));
}

struct Sent {
  std::optional<std::uint32_t> key;
  std::uint8_t fields;
  std::uint16_t flags;
  std::string_view bytes;
};

TEST(GreFields, EveryCombinationOnTheWire) {
  // The checksum of 03c, 77ff, adjusted by hand for each further word (RFC 1624 equation 3): the
  // flags 2000 and 1000 each take their own value from it, as do the key's halves 0000 and 04d2
  // and the sequence number's.
  const Sent cases[] = {
      {{}, 0, 0x0000, ""},
      {{}, gre_field::checksum, 0x8000, "77ff 0000"},
      {1234, 0, 0x2000, "000004d2"},
      {{}, gre_field::sequence, 0x1000, "00000000"},
      {1234, gre_field::checksum, 0xa000, "532d 0000  000004d2"},
      {{}, gre_field::checksum | gre_field::sequence, 0x9000, "67ff 0000  00000000"},
      {1234, gre_field::sequence, 0x3000, "000004d2  00000000"},
      {1234, gre_field::checksum | gre_field::sequence, 0xb000, "432d 0000  000004d2  00000000"},
  };
  for (const Sent& c : cases) {
    TestGateway gateway;
    const TestTunnel tunnel{.mode = TunnelMode::gre,
                            .local = a,
                            .remote = b,
                            .ttl = 64,
                            .output_key = c.key,
                            .output_fields = c.fields};
    gateway.route(node_b.inside_net4, gateway.through(tunnel, 0, ether_type::ipv4));
    EXPECT_EQ(gateway.receive(inside, from_host(ping_before)),
              sent(outside, to_b(c.flags, c.bytes, ping)))
        << std::hex << c.flags;
  }
}

TEST(GreFields, AChecksumCoversEverySegment) {
  TestGateway gateway;
  const TestTunnel tunnel{.mode = TunnelMode::gre,
                          .local = a,
                          .remote = b,
                          .ttl = 64,
                          .input_fields = gre_field::checksum,
                          .output_fields = gre_field::checksum};
  (void)gateway.add_tunnel(tunnel);
  gateway.route(node_b.inside_net4, gateway.through(tunnel, 0, ether_type::ipv4));
  EXPECT_EQ(gateway.receive_in_every_layout(inside, from_host(ping_before)),
            sent(outside, to_b(0x8000, "77ff 0000", ping)));
  // Back: the same bytes swapped do not change a sum.
  const Bytes back = hex("45000054 2cf14000 3f018a63 c0a80202 c0a80102") + from(ping, 20);
  const auto frame = [&](std::string_view fields) {
    return ethernet(node_a.outside_mac, node_b.outside_mac, ether_type::ipv4,
                    ipv4(b, a, 47, gre(0x8000, ether_type::ipv4, hex(fields), back)));
  };
  const Bytes on = hex("45000054 2cf14000 3e018b63 c0a80202 c0a80102") + from(ping, 20);
  EXPECT_EQ(gateway.receive_in_every_layout(outside, frame("77ff 0000")),
            sent(inside, ethernet(node_a.host_mac, node_a.inside_mac, ether_type::ipv4, on)));
  EXPECT_EQ(gateway.receive_in_every_layout(outside, frame("77fe 0000")),
            dropped(Drop::gre_checksum));
  EXPECT_EQ(gateway.receive_in_every_layout(outside, frame("77ff 0001")),
            dropped(Drop::gre_checksum));
}

/// As DPDK sums all that stands behind the outer header of the frame.
bool has_right_gre_checksum(const Bytes& frame) {
  constexpr std::size_t headers = sizeof(EthernetHeader) + sizeof(Ipv4Header);
  return rte_raw_cksum(frame.data() + headers, frame.size() - headers) == 0xffffU;
}

TEST(GreFields, AChecksumOfAnyPayload) {
  TestGateway gateway;
  const TestTunnel tunnel{
      .mode = TunnelMode::gre, .local = a, .remote = b, .output_fields = gre_field::checksum};
  gateway.route(node_b.inside_net4, gateway.through(tunnel, 0, ether_type::ipv4));
  gateway.route(node_b.inside_net6, gateway.through(tunnel, 0, ether_type::ipv6));
  const Ipv4Options router_alert{.options = hex("94040000")};
  for (std::size_t length = 0; length < 100; ++length) {
    const Bytes body = from(Bytes(7, std::byte{0xa5}) + ping + ping, 168 + 7 - length);
    const auto send = [&](std::uint16_t type, const Bytes& packet) {
      const Outcome outcome =
          gateway.receive(inside, ethernet(node_a.inside_mac, node_a.host_mac, type, packet));
      EXPECT_EQ(outcome.kind, Outcome::Kind::sent) << length;
      EXPECT_TRUE(has_right_gre_checksum(outcome.bytes)) << length << " of " << std::hex << type;
    };
    send(ether_type::ipv4, ipv4(node_a.host4, node_b.host4, 17, body));
    send(ether_type::ipv4, ipv4(node_a.host4, node_b.host4, 17, body, router_alert));
    send(ether_type::ipv6, ipv6(node_a.host6, node_b.host6, 17, body));
  }
}

TEST(GreFields, NumbersRiseFromZero) {
  TestGateway gateway;
  const TestTunnel tunnel{.mode = TunnelMode::gre,
                          .local = a,
                          .remote = b,
                          .ttl = 64,
                          .output_fields = gre_field::sequence};
  gateway.route(node_b.inside_net4, gateway.through(tunnel, 0, ether_type::ipv4));
  for (const std::string_view number : {"00000000", "00000001", "00000002"}) {
    EXPECT_EQ(gateway.receive(inside, from_host(ping_before)),
              sent(outside, to_b(0x1000, number, ping)));
  }
  gateway.counters().sequences[0].clear();
  EXPECT_EQ(gateway.receive(inside, from_host(ping_before)),
            sent(outside, to_b(0x1000, "00000000", ping)));
}

class Received : public testing::Test {
 protected:
  void tunnel(std::uint8_t fields) {
    index = gateway.add_tunnel(
        {.mode = TunnelMode::gre, .local = a, .remote = b, .input_fields = fields});
  }
  Drop of(std::uint16_t flags, std::string_view fields) { return of(flags, hex(fields)); }
  Drop of(std::uint16_t flags, const Bytes& fields) {
    const Bytes back = hex("45000054 2cf14000 3f018a63 c0a80202 c0a80102") + from(ping, 20);
    const Outcome outcome = gateway.receive(
        outside, ethernet(node_a.outside_mac, node_b.outside_mac, ether_type::ipv4,
                          ipv4(b, a, 47, gre(flags, ether_type::ipv4, fields, back))));
    return outcome.kind == Outcome::Kind::sent ? Drop::none : outcome.drop;
  }
  Drop numbered(std::uint32_t number) { return of(0x1000, bytes_of(be32{number})); }

  TestGateway gateway;
  std::uint32_t index = 0;
};

TEST_F(Received, ChecksumsAskedFor) {  // 10g: good, bad, absent
  tunnel(gre_field::checksum);
  EXPECT_EQ(of(0x8000, "77ff 0000"), Drop::none);
  EXPECT_EQ(of(0x8000, "7700 0000"), Drop::gre_checksum);
  EXPECT_EQ(of(0x0000, ""), Drop::gre_checksum_missing);
  EXPECT_EQ(gateway.counters(index).rx_packets.get(), 1U);
  EXPECT_EQ(gateway.counters(index).rx_errors.get(), 2U);
  EXPECT_EQ(gateway.counters(index).rx_csum_errors.get(), 2U);
}

TEST_F(Received, ChecksumsNotAskedFor) {  // 10g, but that a good one is taken
  tunnel(0);
  EXPECT_EQ(of(0x8000, "77ff 0000"), Drop::none);
  EXPECT_EQ(of(0x8000, "7700 0000"), Drop::gre_checksum);
  EXPECT_EQ(gateway.counters(index).rx_csum_errors.get(), 1U);
}

TEST_F(Received, NumbersAskedFor) {  // 10h, the first tunnel
  tunnel(gre_field::sequence);
  constexpr Drop old = Drop::gre_sequence;
  const std::pair<std::uint32_t, Drop> packets[] = {
      {10, Drop::none}, {11, Drop::none}, {13, Drop::none}, {12, old},
      {13, old},        {14, Drop::none}, {5, old},         {0x8000000f, old}};
  for (const auto& [number, expected] : packets) {
    EXPECT_EQ(numbered(number), expected) << number;
  }
  EXPECT_EQ(of(0x0000, ""), Drop::gre_sequence_missing);
  EXPECT_EQ(gateway.counters(index).rx_packets.get(), 4U);
  EXPECT_EQ(gateway.counters(index).rx_errors.get(), 5U);
  EXPECT_EQ(gateway.counters(index).rx_out_of_seq.get(), 5U);
}

TEST_F(Received, NumbersThatWrap) {  // 10h, the second tunnel
  tunnel(gre_field::sequence);
  for (const std::uint32_t number : {0xfffffffeU, 0xffffffffU, 0U, 1U}) {
    EXPECT_EQ(numbered(number), Drop::none) << number;
  }
  EXPECT_EQ(numbered(0xfffffff0), Drop::gre_sequence);
  EXPECT_EQ(numbered(2), Drop::none);
}

TEST_F(Received, AnyNumberBehindTheHighest) {  // 10h, the third tunnel
  tunnel(gre_field::sequence);
  EXPECT_EQ(numbered(0xffffffff), Drop::none);
  EXPECT_EQ(numbered(0x1000), Drop::none);
  EXPECT_EQ(numbered(5), Drop::gre_sequence);
}

TEST_F(Received, NumbersNotAskedFor) {  // 10h, the last tunnel
  tunnel(0);
  EXPECT_EQ(numbered(9), Drop::none);
  EXPECT_EQ(numbered(3), Drop::none);
  EXPECT_EQ(gateway.counters(index).rx_errors.get(), 0U);
}

TEST_F(Received, EverythingAtOnce) {  // 03e: checksum, key, sequence number
  index = gateway.add_tunnel({.mode = TunnelMode::gre,
                              .local = a,
                              .remote = b,
                              .input_key = 1234,
                              .input_fields = gre_field::checksum | gre_field::sequence});
  EXPECT_EQ(of(0xb000, "432d 0000  000004d2  00000000"), Drop::none);
  EXPECT_EQ(of(0xb000, "432d 0000  000004d2  00000001"), Drop::gre_checksum);
  EXPECT_EQ(of(0xb000, "432c 0000  000004d2  00000001"), Drop::none);
  EXPECT_EQ(of(0xb000, "432c 0000  000004d2  00000001"), Drop::gre_sequence);
}

}  // namespace
}  // namespace culvert::test
