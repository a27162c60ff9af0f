// SPDX-License-Identifier: BSD-3-Clause
// Stage 1 alone.
#include "culvert/dataplane/parse.hpp"

#include <gtest/gtest.h>

#include "support/stage.hpp"

namespace culvert::test {
namespace {

const std::string_view here = node_a.inside_mac;
const std::string_view there = node_a.host_mac;
const std::string_view from4 = node_a.host4;
const std::string_view to4 = node_b.host4;
const std::string_view from6 = node_a.host6;
const std::string_view to6 = node_b.host6;

Bytes frame4(const Bytes& packet) {
  return ethernet(here, there, ether_type::ipv4, packet);
}
Bytes frame6(const Bytes& packet) {
  return ethernet(here, there, ether_type::ipv6, packet);
}

/// The byte at `offset` of the packet replaced, the IPv4 checksum right again.
Bytes changed4(Bytes packet, std::size_t offset, unsigned value) {
  packet.at(offset) = static_cast<std::byte>(value);
  auto& header = header_at<Ipv4Header>(packet.data());
  header.checksum = {};
  header.checksum = ipv4_checksum(packet.data(), std::min<unsigned>(header.header_length(), 20));
  return packet;
}

Bytes changed(Bytes packet, std::size_t offset, unsigned value) {
  packet.at(offset) = static_cast<std::byte>(value);
  return packet;
}

class Parse : public testing::Test {
 protected:
  Outcome run(const Bytes& frame) {
    return run_stage_in_every_layout(
        gateway,
        [this](Lane& lane, Packet& packet) { return parse(lane, gateway.port(0), packet); }, frame);
  }
  TestGateway gateway;
};

const Bytes plain4 = ipv4(from4, to4, 17, payload(20));
const Bytes plain6 = ipv6(from6, to6, 17, payload(20));

struct Case {
  const char* description;
  Bytes frame;
  Outcome expected;
};

const Case frames[] = {
    {"IPv4", frame4(plain4), goes_on(plain4)},
    {"IPv6", frame6(plain6), goes_on(plain6)},
    {"IPv4 to all stations", ethernet("ff:ff:ff:ff:ff:ff", there, 0x0800, plain4), goes_on(plain4)},
    {"IPv6 to a group", ethernet("33:33:00:00:00:01", there, 0x86dd, plain6), goes_on(plain6)},
    {"another station's MAC", ethernet("02:00:00:00:01:ff", there, 0x0800, plain4),
     dropped(Drop::other_host)},
    {"the MAC of our other port", ethernet(node_a.outside_mac, there, 0x0800, plain4),
     dropped(Drop::other_host)},
    {"VLAN", ethernet(here, there, 0x8100, hex("0001 0800") + plain4), dropped(Drop::ether_type)},
    {"IEEE 802.3 length", ethernet(here, there, 0x0026, plain4), dropped(Drop::ether_type)},
    {"no packet at all", frame4({}), dropped(Drop::runt)},
};

TEST_F(Parse, Frames) {
  for (const Case& c : frames) {
    EXPECT_EQ(run(c.frame), c.expected) << c.description;
  }
}

const Case ipv4_headers[] = {
    {"padding to 60 bytes", frame4(ipv4(from4, to4, 17, payload(8)) + Bytes(18)),
     goes_on(ipv4(from4, to4, 17, payload(8)))},
    {"header and nothing else", frame4(ipv4(from4, to4, 17, {})),
     goes_on(ipv4(from4, to4, 17, {}))},
    {"4 bytes of options", frame4(ipv4(from4, to4, 17, payload(8), {.options = hex("94040000")})),
     goes_on(ipv4(from4, to4, 17, payload(8), {.options = hex("94040000")}))},
    {"40 bytes of options", frame4(ipv4(from4, to4, 17, payload(8), {.options = Bytes(40)})),
     goes_on(ipv4(from4, to4, 17, payload(8), {.options = Bytes(40)}))},
    {"19 bytes", frame4(first(plain4, 19)), dropped(Drop::runt)},
    {"version 5", frame4(changed4(plain4, 0, 0x55)), dropped(Drop::ip_version)},
    {"version 6", frame4(plain6), dropped(Drop::ip_version)},
    {"IHL 4", frame4(changed4(plain4, 0, 0x44)), dropped(Drop::ip_header_length)},
    {"IHL 0", frame4(changed4(plain4, 0, 0x40)), dropped(Drop::ip_header_length)},
    {"IHL 11 in 40 bytes", frame4(changed4(plain4, 0, 0x4b)), dropped(Drop::ip_header_length)},
    {"length below the header's", frame4(changed4(plain4, 3, 19)), dropped(Drop::ip_total_length)},
    {"length below that of options",
     frame4(changed4(ipv4(from4, to4, 17, payload(8), {.options = Bytes(4)}), 3, 23)),
     dropped(Drop::ip_total_length)},
    {"length beyond the frame", frame4(changed4(plain4, 3, 41)), dropped(Drop::ip_total_length)},
    {"length 65535", frame4(changed4(changed4(plain4, 2, 0xff), 3, 0xff)),
     dropped(Drop::ip_total_length)},
    {"checksum wrong", frame4(changed(plain4, 8, 63)), dropped(Drop::ip_checksum)},
    {"checksum zero", frame4(changed(changed(plain4, 10, 0), 11, 0)), dropped(Drop::ip_checksum)},
    {"checksum wrong in the options",
     frame4(changed(ipv4(from4, to4, 17, {}, {.options = Bytes(40)}), 59, 1)),
     dropped(Drop::ip_checksum)},
};

TEST_F(Parse, Ipv4Headers) {
  for (const Case& c : ipv4_headers) {
    EXPECT_EQ(run(c.frame), c.expected) << c.description;
  }
}

const Case ipv6_headers[] = {
    {"padding to 60 bytes", frame6(ipv6(from6, to6, 17, {}) + Bytes(6)),
     goes_on(ipv6(from6, to6, 17, {}))},
    {"39 bytes", frame6(first(plain6, 39)), dropped(Drop::runt)},
    {"version 4", frame6(plain4), dropped(Drop::ip_version)},
    {"version 7", frame6(changed(plain6, 0, 0x70)), dropped(Drop::ip_version)},
    {"length beyond the frame", frame6(changed(plain6, 5, 21)), dropped(Drop::ip_total_length)},
    {"unspecified source", frame6(ipv6("::", to6, 58, {})), goes_on(ipv6("::", to6, 58, {}))},
    {"group as source", frame6(ipv6("ff02::1", to6, 17, {})), dropped(Drop::martian_source)},
    {"loopback as source", frame6(ipv6("::1", to6, 17, {})), dropped(Drop::martian_source)},
    {"unspecified destination", frame6(ipv6(from6, "::", 17, {})),
     dropped(Drop::martian_destination)},
    {"loopback destination", frame6(ipv6(from6, "::1", 17, {})),
     dropped(Drop::martian_destination)},
};

TEST_F(Parse, Ipv6Headers) {
  for (const Case& c : ipv6_headers) {
    EXPECT_EQ(run(c.frame), c.expected) << c.description;
  }
}

TEST_F(Parse, MartianSourcesOfIpv4) {  // RFC 1812 section 5.3.7
  const std::pair<const char*, bool> sources[] = {
      {"0.0.0.0", true},          {"0.255.255.255", true},    {"1.0.0.0", false},
      {"126.255.255.255", false}, {"127.0.0.0", true},        {"127.255.255.255", true},
      {"128.0.0.0", false},       {"223.255.255.255", false}, {"224.0.0.0", true},
      {"239.255.255.255", true},  {"240.0.0.0", false},       {"255.255.255.254", false},
      {"255.255.255.255", true},
  };
  for (const auto& [source, martian] : sources) {
    const Bytes packet = ipv4(source, to4, 17, {});
    EXPECT_EQ(run(frame4(packet)), martian ? dropped(Drop::martian_source) : goes_on(packet))
        << source;
  }
}

TEST_F(Parse, MartianDestinationsOfIpv4) {
  const std::pair<const char*, bool> destinations[] = {
      {"0.0.0.0", true},    {"0.255.255.255", true},    {"1.0.0.0", false},
      {"127.0.0.1", true},  {"127.255.255.255", true},  {"128.0.0.0", false},
      {"224.0.0.1", false}, {"255.255.255.255", false},  // for route_special() to judge
  };
  for (const auto& [destination, martian] : destinations) {
    const Bytes packet = ipv4(from4, destination, 17, {});
    EXPECT_EQ(run(frame4(packet)), martian ? dropped(Drop::martian_destination) : goes_on(packet))
        << destination;
  }
}

TEST_F(Parse, CutAnywhere) {
  for (const Bytes& frame : {frame4(plain4), frame6(plain6)}) {
    const std::size_t headers = frame.at(12) == std::byte{0x08} ? 34 : 54;
    for (std::size_t length = 0; length < frame.size(); ++length) {
      EXPECT_EQ(run(first(frame, length)),
                dropped(length < headers ? Drop::runt : Drop::ip_total_length))
          << length;
    }
  }
}

TEST_F(Parse, ArpGoesToTheSlowPathWhole) {
  const Bytes frame = ethernet("ff:ff:ff:ff:ff:ff", there, ether_type::arp, payload(46));
  const Outcome expected{
      .kind = Outcome::Kind::punted, .port = inside, .bytes = frame, .punt = Punt::arp};
  EXPECT_EQ(run(frame), expected);
}

TEST_F(Parse, SaysWhatItFound) {
  rte_mbuf* const m =
      make_mbuf(gateway.pool(), ethernet("ff:ff:ff:ff:ff:ff", there, ether_type::ipv6, plain6));
  m->ol_flags = RTE_MBUF_F_RX_IP_CKSUM_BAD | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_RX_VLAN;
  Packet packet(m, 0, 77);
  EXPECT_TRUE(parse(gateway.lane(), gateway.port(outside), packet).continues());
  EXPECT_EQ(packet.type, ether_type::ipv6);
  EXPECT_EQ(packet.port, outside);
  EXPECT_EQ(packet.l2, sizeof(EthernetHeader));
  EXPECT_TRUE(packet.l2_group);
  EXPECT_EQ(m->ol_flags, 0U);
  rte_pktmbuf_free(m);
}

TEST_F(Parse, WithoutABufferForTheCopy) {
  std::vector<rte_mbuf*> taken;
  rte_mbuf* const m =
      make_mbuf(gateway.pool(), frame4(plain4), {.storage = Layout::Storage::heap, .cuts = {30}});
  while (rte_mbuf* const other = rte_pktmbuf_alloc(gateway.pool())) {
    taken.push_back(other);
  }
  Packet packet(m, 0, 0);
  const Verdict verdict = parse(gateway.lane(), gateway.port(inside), packet);
  EXPECT_EQ(verdict.drop(), Drop::no_mbuf);
  EXPECT_EQ(packet.mbuf, nullptr);
  rte_pktmbuf_free_bulk(taken.data(), static_cast<unsigned>(taken.size()));
}

}  // namespace
}  // namespace culvert::test
