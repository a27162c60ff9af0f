// SPDX-License-Identifier: BSD-3-Clause
// Frames of no particular meaning through the whole row: each is sent, dropped, punted or, a
// fragment, held, and counted as that; nothing is lost; what is sent is a valid packet. The frames
// lie on heap buffers of exactly their size, for AddressSanitizer.
#include <random>

#include <gtest/gtest.h>

#include "support/gateway.hpp"

namespace culvert::test {
namespace {

constexpr unsigned burst = 32;
const std::string_view a = node_a.outside4;
const std::string_view b = node_b.outside4;

struct Input {
  std::uint16_t port;
  Bytes frame;
};

Input from_host(const Bytes& packet, std::uint16_t type = ether_type::ipv4) {
  return {inside, ethernet(node_a.inside_mac, node_a.host_mac, type, packet)};
}
Input from_b(const Bytes& packet) {
  return {outside, ethernet(node_a.outside_mac, node_b.outside_mac, ether_type::ipv4, packet)};
}

/// One of each kind that the data plane tells apart.
std::vector<Input> valid_frames() {
  const Bytes out4 = ipv4(node_a.host4, node_b.host4, 17, payload(20), {.fragment = 0x4000});
  const Bytes out6 = ipv6(node_a.host6, node_b.host6, 17, payload(20));
  const Bytes in4 = ipv4(node_b.host4, node_a.host4, 17, payload(20));
  const Bytes in6 = ipv6(node_b.host6, node_a.host6, 17, payload(20));
  const Bytes with_options =
      ipv4(node_b.host4, node_a.host4, 17, payload(8), {.options = Bytes(40, std::byte{1})});
  const Bytes ipip = ipv4(b, a, 4, in4);
  return {
      from_host(out4),
      from_host(out6, ether_type::ipv6),
      from_host(ipv4(node_a.host4, b, 6, payload(40))),
      from_host(ipv4(node_a.host4, node_a.inside4, 1, payload(40))),
      from_host(ipv6(node_a.host6, node_a.inside6, 58, payload(24)), ether_type::ipv6),
      from_host(ipv4(node_a.host4, "172.16.0.1", 17, payload(1400))),
      from_host(payload(46), ether_type::arp),
      from_b(ipip),
      from_b(ipv4(b, a, 4, with_options, {.tos = 3, .options = Bytes(40, std::byte{1})})),
      from_b(ipv4(b, a, 4, ipip)),
      from_b(ipv4(b, a, 4, ipv4(b, a, 4, ipv4(b, a, 4, ipip)))),
      from_b(ipv4(b, a, 41, in6, {.tos = 1})),
      from_b(ipv4(b, a, 47, gre(0, ether_type::ipv4, {}, in4))),
      from_b(ipv4(b, a, 47, gre(0x3000, ether_type::ipv6, hex("0000162e 00000001"), in6))),
      from_b(ipv4(b, a, 47, gre(0xb000, ether_type::ipv4, hex("0000000000000000 00000001"), in4))),
      from_b(ipv4(b, a, 4, first(in4, 24), {.id = 1, .fragment = 0x2000})),
      from_b(ipv4(b, a, 4, from(in4, 24), {.id = 1, .fragment = 0x0003})),
      from_b(ipv4(b, a, 41, first(in6, 48), {.tos = 2, .fragment = 0x2000})),
      from_b(ipv4(b, a, 41, from(in6, 48), {.tos = 2, .fragment = 0x0006})),
      from_host(ipv4(node_a.host4, "10.0.0.3", 17, payload(400))),
      from_host(ipv4(node_a.host4, "192.0.2.1", 17, payload(400), {.fragment = 0x2010})),
      from_host(ipv6(node_a.host6, "2001:db8:5::1", 17, payload(500)), ether_type::ipv6),
      from_host(ipv4(node_a.host4, node_b.host4, 17, payload(20),
                     {.options = hex("07070400000000 440c050100000000 00000000 83")})),
      from_host(ipv4(node_a.host4, "10.0.0.3", 17, payload(400),
                     {.options = hex("94040000 440c0503 0a000001 00000000")})),
      from_b(ipv4(outside4_of_c, a, 4, in4)),
      from_b(ipv4(b, outside4_of_c, 4, in4)),
  };
}

class Fuzz : public testing::Test {
 protected:
  Fuzz() {
    const TestTunnel ipip{.mode = TunnelMode::ipip, .local = a, .remote = b, .inherit_tos = true};
    const TestTunnel gre{
        .mode = TunnelMode::gre, .local = a, .remote = b, .pmtudisc = false, .output_key = 1234};
    const TestTunnel keyed{.mode = TunnelMode::gre, .local = a, .input_key = 5678};
    const TestTunnel sit{.mode = TunnelMode::sit, .ttl = 64};
    gateway.route("0.0.0.0/0", gateway.through(ipip, gateway.add_tunnel(ipip), ether_type::ipv4));
    gateway.route("128.0.0.0/1", gateway.through(gre, gateway.add_tunnel(gre), ether_type::ipv4));
    gateway.route("::/0", gateway.through(sit, gateway.add_tunnel(sit), ether_type::ipv6, b));
    gateway.route("10.0.0.0/24", gateway.of_kind(NextHop::Kind::connected));
    (void)gateway.add_tunnel(keyed);
    gateway.route("10.0.0.3/32", gateway.forward_to(gateway.peer(outside4_of_c), 200));
    gateway.route("192.0.2.0/24", narrow(ipip, ether_type::ipv4));
    gateway.route("2001:db8:5::/48",
                  narrow({.mode = TunnelMode::sit, .local = a, .remote = b}, ether_type::ipv6));
    waiting.reserve(burst);
  }

  /// A tunnel that cuts both what enters it and its outer packets.
  NextHop narrow(const TestTunnel& tunnel, std::uint16_t type) {
    NextHop next_hop = gateway.through(tunnel, 0, type);
    next_hop.mtu = 180;
    next_hop.device_mtu = 300;
    next_hop.path_mtu = 200;
    next_hop.outer.fragment = 0;
    return next_hop;
  }

  void feed(std::uint16_t port, const Bytes& frame, const Layout& layout) {
    if (port != port_of_waiting || waiting.size() == burst) {
      flush();
      port_of_waiting = port;
    }
    rte_mbuf* const m = make_mbuf(gateway.pool(), frame, layout);
    m->ol_flags |= random() & ~(RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL);
    waiting.push_back(m);
  }

  void flush() {
    gateway.forward(port_of_waiting, waiting);
    waiting.clear();
    take_what_left();
    const Reassembly& reassembly = gateway.lane().reassembly;
    ASSERT_EQ(gateway.missing_mbufs(), reassembly.buffers());
    std::uint64_t dropped = 0;
    for (const Counter& counter : gateway.counters().drops) {
      dropped += counter.get();
    }
    const Counters& counters = gateway.counters();
    ASSERT_EQ(counters.received.get() + counters.fragments.get() + counters.reassembled.get(),
              sent + punted + dropped + reassembly.held() + counters.fragmented.get() +
                  counters.joined.get());
    ASSERT_EQ(counters.sent.get(), sent);
  }

  void take_what_left() {
    rte_mbuf* m = nullptr;
    for (const std::uint16_t port : {inside, outside}) {
      while (rte_eth_rx_burst(gateway.port(port).ethdev(), 0, &m, 1) == 1) {
        expect_valid(contents(m));
        rte_pktmbuf_free(m);
        ++sent;
      }
    }
    while (gateway.exchange().take_punts(&m, 1) == 1) {
      (void)contents(m, facts_of(m).l2);
      rte_pktmbuf_free(m);
      ++punted;
    }
  }

  static void expect_valid(const Bytes& frame) {
    ASSERT_GE(frame.size(), sizeof(EthernetHeader) + sizeof(Ipv4Header));
    const std::size_t size = frame.size() - sizeof(EthernetHeader);
    const std::byte* const packet = frame.data() + sizeof(EthernetHeader);
    if (header_at<EthernetHeader>(frame.data()).type == be16{ether_type::ipv4}) {
      const auto& header = header_at<Ipv4Header>(packet);
      ASSERT_EQ(header.version(), 4U);
      ASSERT_EQ(header.total_length.host(), size);
      ASSERT_TRUE(ipv4_checksum_ok(packet, header.header_length()));
    } else {
      ASSERT_EQ(header_at<Ipv6Header>(packet).version(), 6U);
      ASSERT_EQ(header_at<Ipv6Header>(packet).payload_length.host() + sizeof(Ipv6Header), size);
    }
  }

  /// Below `limit`.
  std::size_t any(std::size_t limit) { return random() % limit; }
  std::byte any_byte() { return static_cast<std::byte>(random()); }

  TestGateway gateway;
  std::vector<rte_mbuf*> waiting;
  std::uint16_t port_of_waiting = inside;
  std::uint64_t sent = 0;
  std::uint64_t punted = 0;
  std::mt19937_64 random{6040};
};

/// Makes the checksum of the IPv4 header at `offset` right, if one can stand there.
void mend(Bytes& frame, std::size_t offset) {
  if (frame.size() < offset + sizeof(Ipv4Header)) {
    return;
  }
  auto& header = header_at<Ipv4Header>(frame.data() + offset);
  if (header.version() == 4 && header.header_length() >= sizeof header &&
      frame.size() >= offset + header.header_length()) {
    header.checksum = {};
    header.checksum = ipv4_checksum(frame.data() + offset, header.header_length());
  }
}

/// Those of the outer packet and of what may be inside it.
void mend(Bytes& frame) {
  for (const std::size_t offset : {54U, 46U, 42U, 38U, 34U, 14U}) {  // inner ones first
    const bool is_start = offset == sizeof(EthernetHeader);
    if (is_start || (offset < frame.size() && (frame[offset] >> 4) == std::byte{4})) {
      mend(frame, offset);
    }
  }
}

TEST_F(Fuzz, EveryBitOfEveryKind) {
  for (const Input& input : valid_frames()) {
    for (std::size_t bit = 0; bit < std::min<std::size_t>(input.frame.size(), 140) * 8; ++bit) {
      Bytes frame = input.frame;
      frame[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
      feed(input.port, frame, {.storage = Layout::Storage::heap});
      mend(frame);
      feed(input.port, frame, {.storage = Layout::Storage::heap});
    }
  }
  flush();
}

TEST_F(Fuzz, EveryTruncationOfEveryKind) {
  for (const Input& input : valid_frames()) {
    for (std::size_t length = 0; length < input.frame.size(); ++length) {
      const Bytes frame = first(input.frame, length);
      feed(input.port, frame, {.storage = Layout::Storage::heap});
      feed(input.port, frame, {.storage = Layout::Storage::heap, .cuts = {length / 2}});
    }
  }
  flush();
}

TEST_F(Fuzz, AMillionFrames) {
  const std::vector<Input> valid = valid_frames();
  const auto change = [this](Bytes& frame) {
    for (std::size_t count = any(4); count > 0 && !frame.empty(); --count) {
      frame[any(frame.size())] = any_byte();
    }
    for (std::size_t count = any(4); count > 0 && !frame.empty(); --count) {
      frame[any(std::min<std::size_t>(frame.size(), 80))] ^= static_cast<std::byte>(1U << any(8));
    }
  };
  for (unsigned i = 0; i < 1'000'000 && !HasFatalFailure(); ++i) {
    const Input& input = valid[any(valid.size())];
    Bytes frame = input.frame;
    if (any(16) == 0) {
      frame.resize(any(200));
      std::generate(
          frame.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(frame.size(), any(40))),
          frame.end(), [this] { return any_byte(); });
    } else if (any(4) != 0) {
      change(frame);
    }
    if (any(8) == 0) {
      frame.resize(any(frame.size() + 8));
    }
    if (any(2) == 0) {
      mend(frame);
    }
    Layout layout{.storage = any(16) == 0 ? Layout::Storage::pool : Layout::Storage::heap};
    for (std::size_t at = 0; any(2) == 0 && layout.cuts.size() < 4;) {
      at += any(frame.size() + 1 - at);
      layout.cuts.push_back(at);
    }
    if (any(16) == 0) {
      layout.headroom = static_cast<std::uint16_t>(any(RTE_PKTMBUF_HEADROOM));
    }
    feed(any(32) == 0 ? 1 - input.port : input.port, frame, layout);
  }
  flush();
  EXPECT_EQ(gateway.counters().received.get(), 1'000'000U);
  EXPECT_GT(sent, 100'000U);  // most of the row was reached
  EXPECT_GT(punted, 10'000U);
  EXPECT_GT(gateway.counters().fragmented.get(), 10'000U);
  EXPECT_GT(gateway.counters().reassembled.get(), 1'000U);
}

}  // namespace
}  // namespace culvert::test
