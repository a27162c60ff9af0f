// SPDX-License-Identifier: BSD-3-Clause
// The errors that Linux received in captures 09, and what it told the senders. Linux tells the next
// sender, we the one whose packet is quoted, by decision: of the packets that both speak of they
// must say the same, byte for byte.
#include <algorithm>

#include "slowpath/icmp_fixture.hpp"
#include "support/pcap.hpp"

namespace culvert::test {
namespace {

constexpr std::string_view outside4 = "10.0.0.1";
constexpr std::string_view inside4 = "192.168.1.1";
constexpr std::string_view inside6 = "2001:db8:1::1";

struct Case {
  const char* capture;
  TunnelMode mode;
  std::size_t told;                 // by us
  std::size_t told_by_both;         // of the same packet
  std::vector<std::uint16_t> mtus;  // that we tell, in this order
};

/// The IP packet in a frame.
Bytes packet_in(const Bytes& frame) {
  return from(frame, sizeof(EthernetHeader));
}
bool is_ipv4(const Bytes& packet) {
  return header_at<Ipv4Header>(packet.data()).version() == 4;
}
const IcmpHeader& icmp_of(const Bytes& packet) {
  return header_at<IcmpHeader>(packet.data() +
                               (is_ipv4(packet) ? sizeof(Ipv4Header) : sizeof(Ipv6Header)));
}
bool is_icmp_error(const Bytes& packet) {
  if (is_ipv4(packet)) {
    const auto& ip = header_at<Ipv4Header>(packet.data());
    return ip.protocol == ip_protocol::icmp && icmp_of(packet).type != 0 &&
           icmp_of(packet).type != 8;
  }
  return header_at<Ipv6Header>(packet.data()).next_header == ip_protocol::icmpv6 &&
         icmp_of(packet).type < 128;
}
/// Without what is not an answer's own: identification, and the checksum that covers it.
Bytes masked(Bytes packet) {
  if (is_ipv4(packet)) {
    auto& ip = header_at<Ipv4Header>(packet.data());
    ip.id = {};
    ip.checksum = {};
  }
  return packet;
}
/// What an error quotes, which tells the packets of a capture apart.
Bytes about(const Bytes& error) {
  return from(error,
              (is_ipv4(error) ? sizeof(Ipv4Header) : sizeof(Ipv6Header)) + sizeof(IcmpHeader));
}

class OuterErrorsGolden : public IcmpTest {
 protected:
  OuterErrorsGolden() {
    for (const std::string_view own : {outside4, inside4, inside6}) {
      host.route(parse_address(own).value(), NextHop::Kind::local);
    }
    host.ipv4_source = ip4(inside4);
    host.ipv6_source = ip6(inside6);
  }
  /// All that the senders are told in answer to what came from the outer link.
  std::vector<Bytes> told(const Case& c) {
    host.quoted_tunnel = [&c](const TunnelQuote& quote) -> std::optional<QuotedTunnel> {
      EXPECT_EQ(quote.mode, c.mode);
      EXPECT_EQ(quote.local, ip4(outside4));
      EXPECT_EQ(quote.remote, ip4("10.0.1.2"));
      return QuotedTunnel{.index = 0, .mode = c.mode, .mtu = 1500};
    };
    for (const Bytes& frame : read_golden(c.capture)) {
      const auto type = header_at<EthernetHeader>(frame.data()).type.host();
      if (type == ether_type::ipv4 && is_icmp_error(packet_in(frame))) {
        punt_local(packet_in(frame));
        poll();
      }
    }
    std::vector<Bytes> all;
    for (const Injected& injected : take()) {
      all.push_back(masked(injected.bytes));
    }
    return all;
  }
};

const Case cases[] = {
    {"09a-outer-fragneeded", TunnelMode::ipip, 1, 0, {1280}},
    {"09b-outer-hostunreach", TunnelMode::ipip, 3, 2, {}},
    {"09c-outer-ttl-exceeded", TunnelMode::ipip, 3, 2, {}},
    {"09d-outer-errors-gre", TunnelMode::gre, 6, 5, {}},
    {"09e-outer-errors-sit", TunnelMode::sit, 6, 0, {1280}},
    {"09h-outer-errors-gre6", TunnelMode::gre, 6, 0, {1376, 1280}},
};

TEST_F(OuterErrorsGolden, AsLinuxButToTheRightOne) {
  for (const Case& c : cases) {
    limit({.all = {0, 0}, .each = {0, 0}});
    forwarding.path_mtus.clear();
    const auto ours = told(c);
    EXPECT_EQ(ours.size(), c.told) << c.capture;
    std::vector<std::uint16_t> mtus;
    for (const Bytes& error : ours) {
      if (const auto mtu = static_cast<std::uint16_t>(icmp_of(error).rest.host()); mtu != 0) {
        mtus.push_back(mtu);
      }
    }
    EXPECT_EQ(mtus, c.mtus) << c.capture;
    std::size_t both = 0;
    for (const Bytes& frame : read_golden(std::string{c.capture} + ".left")) {
      const Bytes theirs = packet_in(frame);
      if (header_at<EthernetHeader>(frame.data()).type.host() == ether_type::arp ||
          !is_icmp_error(theirs)) {
        continue;
      }
      const auto same = std::ranges::find(ours, about(theirs), about);
      if (same != ours.end()) {
        EXPECT_EQ(*same, masked(theirs)) << c.capture;
        ++both;
      }
    }
    EXPECT_EQ(both, c.told_by_both) << c.capture;
  }
}

}  // namespace
}  // namespace culvert::test
