// SPDX-License-Identifier: BSD-3-Clause
// A million frames that nobody meant to send: valid ones of every kind with bytes changed, cut off,
// repeated or in pieces, and noise. Each lies in a heap buffer of exactly its size, so that
// AddressSanitizer sees a byte read beyond it. Whatever comes in is sent, punted or dropped, once.
#include <random>

#include <gtest/gtest.h>

#include "support/gateway.hpp"

namespace culvert::test {
namespace {

constexpr std::size_t frames_in_all = 1'000'000;
constexpr unsigned burst_size = 32;

/// Of every kind that the gateway knows, through every stage.
std::vector<Bytes> valid_frames() {
  const Node& a = node_a;
  const Node& b = node_b;
  const auto in = [&](std::uint16_t type, const Bytes& packet) {
    return ethernet(a.inside_mac, a.host_mac, type, packet);
  };
  const auto out = [&](const Bytes& packet) {
    return ethernet(a.outside_mac, b.outside_mac, ether_type::ipv4, packet);
  };
  const Bytes inner4 = ipv4(b.host4, a.host4, ip_protocol::udp, payload(40));
  const Bytes inner6 = ipv6(b.host6, a.host6, ip_protocol::udp, payload(40));
  const auto outer = [&](std::uint8_t protocol, const Bytes& body, const Ipv4Options& more = {}) {
    return out(ipv4(b.outside4, a.outside4, protocol, body, more));
  };
  return {
      in(ether_type::ipv4, ipv4(a.host4, b.host4, ip_protocol::udp, payload(60))),
      in(ether_type::ipv4, ipv4(a.host4, b.host4, ip_protocol::udp, payload(1600))),
      in(ether_type::ipv4, ipv4(a.host4, a.inside4, ip_protocol::icmp, icmp4(8, 0, 1, payload(9)))),
      in(ether_type::ipv4, ipv4(a.host4, b.host4, ip_protocol::udp, payload(8),
                                {.options = hex("94040000 01010100")})),
      in(ether_type::ipv6, ipv6(a.host6, b.host6, ip_protocol::udp, payload(60))),
      in(ether_type::ipv6, icmp6(a.host6, a.inside6, 128, 0, 1, payload(20))),
      in(ether_type::arp, hex("0001 0800 06 04 0001 020000000102 c0a80102 000000000000 c0a80101")),
      outer(ip_protocol::ipip, inner4),
      outer(ip_protocol::ipip, inner4, {.tos = 3}),
      outer(ip_protocol::ipip, inner4, {.options = hex("94040000")}),
      outer(ip_protocol::ipip, inner4, {.fragment = Ipv4Header::more_fragments}),
      outer(ip_protocol::ipip, ipv4(b.outside4, a.outside4, ip_protocol::ipip, inner4)),
      outer(ip_protocol::gre, gre(0, ether_type::ipv4, {}, inner4)),
      outer(ip_protocol::gre, gre(0, ether_type::ipv6, {}, inner6)),
      outer(ip_protocol::gre,
            gre(GreHeader::key_present, ether_type::ipv4, hex("0000002a"), inner4)),
      outer(ip_protocol::gre,
            gre(0xb000, ether_type::ipv4, hex("0000 0000 0000002a 00000001"), inner4)),
      outer(ip_protocol::ipv6, inner6),
      out(ipv4(b.outside4, a.outside4, ip_protocol::udp, payload(20))),
  };
}

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed), valid_(valid_frames()) {}

  Bytes next() {
    if (below(20) == 0) {
      return noise();
    }
    Bytes frame = valid_[below(valid_.size())];
    // The checksum would catch most changes first: repaired in half of the frames.
    for (std::size_t changes = below(4); changes != 0; --changes) {
      change(frame);
    }
    if (below(2) == 0) {
      repair(frame);
    }
    return frame;
  }

  Layout layout(std::size_t size) {
    Layout layout{.storage = Layout::Storage::heap};
    std::size_t at = 0;
    for (std::size_t pieces = below(3); pieces != 0 && at + 1 < size; --pieces) {
      at += 1 + below(size - at - 1);
      layout.cuts.push_back(at);
    }
    return layout;
  }

  std::size_t below(std::size_t bound) { return random_() % bound; }

 private:
  Bytes noise() {
    Bytes frame(1 + below(120));
    std::ranges::generate(frame, [this] { return static_cast<std::byte>(random_()); });
    return frame;
  }

  void change(Bytes& frame) {
    const std::size_t at = below(frame.size());
    switch (below(5)) {
      case 0:  // most of what matters is in the headers
        frame[below(std::min<std::size_t>(frame.size(), 80))] = static_cast<std::byte>(random_());
        break;
      case 1:
        frame[at] ^= static_cast<std::byte>(1U << below(8));
        break;
      case 2:
        frame.resize(std::max<std::size_t>(at, 1));
        break;
      case 3:
        frame.resize(frame.size() + below(20));
        break;
      default:
        frame[at] = std::byte{0xff};
        break;
    }
  }

  static void repair(Bytes& frame) {
    constexpr std::size_t ip = sizeof(EthernetHeader);
    if (frame.size() < ip + sizeof(Ipv4Header)) {
      return;
    }
    auto& header = header_at<Ipv4Header>(frame.data() + ip);
    const unsigned length = header.header_length();
    if (length >= sizeof(Ipv4Header) && frame.size() >= ip + length) {
      header.checksum = {};
      header.checksum = ipv4_checksum(frame.data() + ip, length);
    }
  }

  std::mt19937 random_;
  std::vector<Bytes> valid_;
};

void configure(TestGateway& gateway) {
  const std::string_view local = node_a.outside4;
  const std::string_view remote = node_b.outside4;
  const TestTunnel ipip{.mode = TunnelMode::ipip, .local = local, .remote = remote};
  const TestTunnel gre{.mode = TunnelMode::gre, .local = local, .remote = remote};
  const TestTunnel keyed{
      .mode = TunnelMode::gre, .local = local, .remote = remote, .input_key = 42, .output_key = 42};
  const TestTunnel sit{.mode = TunnelMode::sit, .local = local, .remote = remote};
  const std::uint32_t first = gateway.add_tunnel(ipip);
  gateway.add_tunnel(gre);
  gateway.add_tunnel(keyed);
  const std::uint32_t last = gateway.add_tunnel(sit);
  gateway.add_tunnel({.mode = TunnelMode::ipip});
  gateway.route(node_b.inside_net4, gateway.through(ipip, first, ether_type::ipv4));
  gateway.route(node_b.inside_net6, gateway.through(sit, last, ether_type::ipv6));
}

/// Frees what came out, and counts it.
std::size_t drain(TestGateway& gateway) {
  std::size_t count = 0;
  rte_mbuf* m = nullptr;
  for (const std::uint16_t port : {inside, outside}) {
    while (rte_eth_rx_burst(gateway.port(port).ethdev(), 0, &m, 1) == 1) {
      rte_mbuf_sanity_check(m, 1);
      rte_pktmbuf_free(m);
      ++count;
    }
  }
  while (gateway.exchange().take_punts(&m, 1) == 1) {
    rte_mbuf_sanity_check(m, 1);
    rte_pktmbuf_free(m);
    ++count;
  }
  return count;
}

std::uint64_t all_drops(TestGateway& gateway) {
  std::uint64_t sum = 0;
  for (const Counter& counter : gateway.counters().drops) {
    sum += counter.get();
  }
  return sum;
}

TEST(Fuzz, EachFrameIsSentPuntedOrDroppedOnce) {
  TestGateway gateway;
  configure(gateway);
  gateway.renew_lane();
  Mutator mutator(2026);
  std::size_t came_out = 0;
  std::size_t went_in = 0;
  while (went_in < frames_in_all) {
    std::array<rte_mbuf*, burst_size> mbufs{};
    const std::uint16_t port = mutator.below(2) == 0 ? inside : outside;
    for (rte_mbuf*& m : mbufs) {
      const Bytes frame = mutator.next();
      m = make_mbuf(gateway.pool(), frame, mutator.layout(frame.size()));
    }
    gateway.forward(port, mbufs);
    came_out += drain(gateway);
    went_in += burst_size;
    if (went_in % (burst_size * 1024) == 0) {
      ASSERT_EQ(gateway.missing_mbufs(), 0U) << "after " << went_in;
    }
  }
  EXPECT_EQ(gateway.counters().received.get(), went_in);
  EXPECT_EQ(came_out + all_drops(gateway), went_in);
  EXPECT_EQ(gateway.missing_mbufs(), 0U);
  // It got everywhere: a fuzz that stops at the first check finds nothing.
  for (const Drop reason : {Drop::other_host, Drop::ip_checksum, Drop::ip_total_length, Drop::ecn,
                            Drop::gre_checksum, Drop::outer_fragment, Drop::no_tunnel}) {
    EXPECT_GT(gateway.counters().drops[static_cast<std::size_t>(reason)].get(), 0U)
        << name_of(reason);
  }
}

}  // namespace
}  // namespace culvert::test
