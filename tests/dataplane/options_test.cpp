// SPDX-License-Identifier: BSD-3-Clause
// IPv4 options through the whole row, as capture 10b has them. What may stand in an option is
// net/ip_options_test's.
#include "culvert/dataplane/options.hpp"

#include <ctime>

#include <gtest/gtest.h>

#include "support/gateway.hpp"

namespace culvert::test {
namespace {

const std::string_view a = node_a.outside4;
const std::string_view b = node_b.outside4;

Bytes with(const Bytes& options, std::uint8_t ttl = 64) {
  return ipv4(node_a.host4, node_b.host4, 1, payload(64), {.ttl = ttl, .options = options});
}
Bytes from_host(const Bytes& packet) {
  return ethernet(node_a.inside_mac, node_a.host_mac, ether_type::ipv4, packet);
}

class Options : public testing::Test {
 protected:
  Options() {
    const TestTunnel ipip{.local = a, .remote = b};
    NextHop next_hop = gateway.through(ipip, gateway.add_tunnel(ipip), ether_type::ipv4);
    next_hop.own = ip4(node_a.inside4);  // the tunnel has no address: Linux took this one
    gateway.route(node_b.inside_net4, next_hop);
  }
  static Outcome in_tunnel(const Bytes& inner) {
    return sent(outside,
                ethernet(node_b.outside_mac, node_a.outside_mac, ether_type::ipv4,
                         ipv4(a, b, 4, inner,
                              {.ttl = 63, .id = TestGateway::first_id, .fragment = 0x4000})));
  }
  TestGateway gateway;
};

TEST_F(Options, RecordRoute) {
  const Bytes before =
      hex("01072708 c0a80102 00000000 00000000 00000000 00000000 00000000"
          "00000000 00000000 00000000");
  const Bytes after =
      hex("0107270c c0a80102 c0a80101 00000000 00000000 00000000 00000000"
          "00000000 00000000 00000000");
  EXPECT_EQ(gateway.receive_in_every_layout(inside, from_host(with(before))),
            in_tunnel(with(after, 63)));
}

TEST_F(Options, RouterAlertIsCarried) {
  EXPECT_EQ(gateway.receive_in_every_layout(inside, from_host(with(hex("94040000")))),
            in_tunnel(with(hex("94040000"), 63)));
}

TEST_F(Options, TimestampIsTheTimeOfDay) {
  const auto day_ms = [] {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return static_cast<std::uint64_t>(now.tv_sec) % 86400 * 1000 +
           static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
  };
  const std::uint64_t before = day_ms();
  const Outcome outcome =
      gateway.receive(inside, from_host(with(hex("440c0501 00000000 00000000"))));
  const std::uint64_t after = day_ms();
  ASSERT_EQ(outcome.bytes.size(), 14 + 20 + 20 + 12 + 64U);
  const std::byte* const option = outcome.bytes.data() + 14 + 20 + 20;
  EXPECT_EQ(first({option, option + 8}, 8), hex("440c0d01 c0a80101"));
  const std::uint32_t time = header_at<be32>(option + 8).host();
  if (before <= after) {  // it is not midnight
    EXPECT_LE(before, time);
    EXPECT_GE(after, time);
  }
}

TEST_F(Options, TimestampsOfNamedRouters) {
  const Bytes other = hex("440c0503 0a000063 00000000");
  EXPECT_EQ(gateway.receive(inside, from_host(with(other))), in_tunnel(with(other, 63)));
  const Outcome ours = gateway.receive(inside, from_host(with(hex("440c0503 0a000001 00000000"))));
  EXPECT_EQ(ours.bytes.at(14 + 20 + 20 + 2), std::byte{0x0d});  // an address of ours
}

TEST_F(Options, WrongOnesAreReportedWithTheirPlace) {
  const Bytes frame = from_host(with(hex("07630400")));
  EXPECT_EQ(gateway.receive_in_every_layout(inside, frame),
            reported(Drop::ip_options, inside, frame, 20));
  const Bytes later = from_host(with(hex("01010107 03030000")));
  EXPECT_EQ(gateway.receive(inside, later), reported(Drop::ip_options, inside, later, 25));
}

TEST_F(Options, SourceRoutesAreNotFollowed) {
  for (const std::string_view route : {"83070408 08080800", "89070408 08080800"}) {
    EXPECT_EQ(gateway.receive_in_every_layout(inside, from_host(with(hex(route)))),
              dropped(Drop::source_route));
    EXPECT_EQ(gateway.receive(inside, from_host(ipv4(node_a.host4, node_a.inside4, 1, payload(8),
                                                     {.options = hex(route)}))),
              dropped(Drop::source_route))
        << "for us";
  }
}

TEST_F(Options, OfOuterAndInnerPackets) {
  const auto outer = [](const Bytes& options, const Bytes& inner) {
    return ethernet(node_a.outside_mac, node_b.outside_mac, ether_type::ipv4,
                    ipv4(b, a, 4, inner, {.options = options}));
  };
  const auto inner = [](const Bytes& options, std::uint8_t ttl = 64) {
    return ipv4(node_b.host4, node_a.host4, 17, payload(8), {.ttl = ttl, .options = options});
  };
  const Bytes wrong = outer(hex("07630400"), inner({}));
  EXPECT_EQ(gateway.receive(outside, wrong), reported(Drop::ip_options, outside, wrong, 20));
  EXPECT_EQ(gateway.receive(outside, outer(hex("07070400 00000000"), inner(hex("94040000")))),
            sent(inside, ethernet(node_a.host_mac, node_a.inside_mac, ether_type::ipv4,
                                  inner(hex("94040000"), 63))));
  EXPECT_EQ(gateway.receive(outside, outer({}, inner(hex("83030400")))),
            dropped(Drop::source_route));
}

TEST_F(Options, NothingIsWrittenToWhatGoesNoFurther) {
  const Bytes frame = from_host(with(hex("07070400 00000000"), 1));
  EXPECT_EQ(gateway.receive(inside, frame), reported(Drop::ttl_exceeded, inside, frame));
}

}  // namespace
}  // namespace culvert::test
