// SPDX-License-Identifier: BSD-3-Clause
#include "golden/masks.hpp"

#include <algorithm>

#include "culvert/net/ecn.hpp"

#include "golden/layers.hpp"

namespace culvert::test {
namespace {

constexpr auto outer = Side::outer;
constexpr auto inner = Side::inner;
constexpr auto linux_only = Exception::Sender::linux;
constexpr auto ours_only = Exception::Sender::us;

const std::vector<std::uint8_t> id_bits{0xff, 0xff};
const std::vector<std::uint8_t> ecn_bits{0x00, ecn::mask};
const std::vector<std::uint8_t> label_bits{0x00, 0x0f, 0xff, 0xff};
const std::vector<std::uint8_t> ttl_bits{0xff, 0x00};
const std::vector<std::uint8_t> hop_limit_bits{0x00, 0xff};
const std::vector<std::uint8_t> time_bits{0xff, 0xff, 0xff, 0xff};
constexpr std::size_t id_at = 4;  // in the IPv4 header
constexpr std::size_t ttl_at = 8;
constexpr std::size_t hop_limit_at = 6;  // in the IPv6 header, with the byte before it

constexpr std::string_view own_addresses[] = {"192.168.1.1", "192.168.2.1", "10.0.0.1", "10.0.0.2",
                                              "172.16.0.1"};

const Ipv4Header& ipv4_at(const Bytes& frame, std::size_t ip) {
  return header_at<Ipv4Header>(frame.data() + ip);
}

bool tunnelled(const Bytes& frame) {
  return inner_of(frame) != 0;
}

/// Also where the outer packet's first fragment shows what is inside.
bool of_tunnel(const Bytes& frame) {
  const std::size_t ip = ip_of(frame);
  if (!is_ipv4(frame, ip)) {
    return false;
  }
  const std::uint8_t protocol = ipv4_at(frame, ip).protocol;
  return protocol == ip_protocol::ipip || protocol == ip_protocol::ipv6 ||
         protocol == ip_protocol::gre;
}

bool marked_inside(const Bytes& frame) {
  const std::size_t ip = inner_of(frame);
  if (ip == 0) {
    return false;
  }
  const auto tos = is_ipv4(frame, ip) ? ipv4_at(frame, ip).tos
                                      : header_at<Ipv6Header>(frame.data() + ip).traffic_class();
  return (tos & ecn::mask) == ecn::ce;
}

/// Made by the gateway itself: from an address of a or b that is no host's.
bool made_here4(const Bytes& frame) {
  const std::size_t ip = last_of(frame);
  const auto from = [&](std::string_view address) {
    return ipv4_at(frame, ip).source == ip4(address);
  };
  return is_ipv4(frame, ip) && icmp_type_of(frame, ip) >= 0 &&
         std::ranges::any_of(own_addresses, from);
}

bool made_here6(const Bytes& frame) {
  const std::size_t ip = last_of(frame);
  return is_ipv6(frame, ip) && header_at<Ipv6Header>(frame.data() + ip).hop_limit == 64 &&
         icmp_type_of(frame, ip) >= 0;
}

/// With the fixed identification of the capture scripts' functions.
bool crafted(const Bytes& frame) {
  return tunnelled(frame) && ipv4_at(frame, ip_of(frame)).id.host() == 4660;
}

bool from_link_local(const Bytes& frame) {
  const std::size_t ip = inner_of(frame);
  return icmp_type_of(frame, ip) == icmpv6::echo_request && is_ipv6(frame, ip) &&
         header_at<Ipv6Header>(frame.data() + ip).source.is_link_local();
}

bool solicits(const Bytes& frame) {
  return icmp_type_of(frame, ip_of(frame)) == icmpv6::neighbour_solicitation;
}

bool unreachable6_inside(const Bytes& frame) {
  const std::size_t ip = inner_of(frame);
  return is_ipv6(frame, ip) && icmp_type_of(frame, ip) == icmpv6::unreachable;
}

bool unreachable6(const Bytes& frame) {
  const std::size_t ip = ip_of(frame);
  return is_ipv6(frame, ip) && icmp_type_of(frame, ip) == icmpv6::unreachable;
}

bool too_big6(const Bytes& frame) {
  const std::size_t ip = ip_of(frame);
  return is_ipv6(frame, ip) && icmp_type_of(frame, ip) == icmpv6::packet_too_big;
}

bool fragment_inside(const Bytes& frame) {
  return is_fragment(frame, inner_of(frame));
}
bool fragment_outside(const Bytes& frame) {
  return is_fragment(frame, ip_of(frame));
}

/// 40 bytes of options, the time at each router: ping -T tsonly.
bool stamped(const Bytes& frame) {
  constexpr std::byte timestamp{68};
  const std::size_t ip = last_of(frame);
  return is_ipv4(frame, ip) && ipv4_at(frame, ip).header_length() == 60 &&
         frame.at(ip + sizeof(Ipv4Header)) == timestamp;
}

bool from_nowhere(const Bytes& frame) {
  return ipv4_at(frame, ip_of(frame)).source == ip4("172.31.0.1");
}

constexpr std::string_view id_reason = "a counter (RFC 6864 section 4)";
constexpr std::string_view label_reason = "Linux makes one up for each flow (RFC 6437); ours is 0";
constexpr std::string_view quote_reason =
    "quoted as it came, as by every router before a tunnel; Linux's tunnel has lowered it by then";
constexpr std::string_view time_reason = "the time of day (RFC 791)";

const Mask mask_list[] = {
    {{"", 0, outer, of_tunnel}, ip_of, id_at, id_bits, id_reason},
    {{"", 0, outer, made_here4}, last_of, id_at, id_bits, id_reason},
    {{"", 0, inner, made_here4}, last_of, id_at, id_bits, id_reason},
    {{"", 0, outer, made_here6}, last_of, 0, label_bits, label_reason},
    {{"", 0, inner, made_here6}, last_of, 0, label_bits, label_reason},
    {{"", 0, outer, marked_inside},
     ip_of,
     0,
     ecn_bits,
     "Linux makes ECT(0) of CE; RFC 6040 section 4.1 copies it in normal mode, and so do we"},
    {{"08c", 'a', inner, is_icmp_error}, quoted_of, ttl_at, ttl_bits, quote_reason},
    {{"09a", 'a', inner, is_icmp_error}, quoted_of, ttl_at, ttl_bits, quote_reason},
    {{"09e", 'a', inner, too_big6}, quoted_of, hop_limit_at, hop_limit_bits, quote_reason},
    {{"09f", 'a', inner, is_icmp_error}, quoted_of, ttl_at, ttl_bits, quote_reason},
    {{"09h", 'a', inner, too_big6}, quoted_of, hop_limit_at, hop_limit_bits, quote_reason},
    {{"10b", 'a', outer, stamped}, last_of, 28, time_bits, time_reason},
    {{"10b", 'b', inner, stamped}, last_of, 32, time_bits, time_reason},
    {{"10b", 'b', outer, stamped}, last_of, 44, time_bits, time_reason},
    {{"10b", 'a', inner, stamped}, last_of, 48, time_bits, time_reason},
};

constexpr std::string_view script_reason = "made by the capture's own script: no tunnel sent them";
constexpr std::string_view at_once_reason =
    "an error from the outer path goes at once to the sender whose packet it quotes";
constexpr std::string_view innocent_reason =
    "Linux tells of it whoever sends the next packet, which may well arrive";
constexpr std::string_view ipv6_reason =
    "through sit and GRE Linux tells senders of IPv6 of nothing but sizes";
constexpr std::string_view lost_reason =
    "without DF, too big for a pmtudisc tunnel: lost on Linux; we fragment the inner packet";
constexpr std::string_view hole_reason =
    "a path that cannot take IPv6's minimum through GRE: lost on Linux; we fragment the outer "
    "packet";

const Exception exception_list[] = {
    {linux_only, {"03g", 'a', outer, tunnelled}, script_reason},
    {ours_only, {"03g", 'b', outer}, "Linux sends keepalives back only with accept_local", {0}},
    {linux_only, {"05", 'a', outer, crafted}, script_reason},
    {ours_only, {"05a", 'a', inner, solicits}, "filtered out of the captures"},
    {ours_only,
     {"05a", 'a', outer, unreachable6_inside},
     "nobody answers to 2001:db8:1::9: after 3 s, when the capture had ended"},
    {linux_only,
     {"05a", 'b', outer, from_link_local},
     "typed at b, with a device: nothing says so in the packets that a test sends for us"},
    {ours_only, {"08c", 'a', outer, fragment_inside}, lost_reason, {0, 1, 2, 3, 4, 5}},
    {ours_only, {"09a", 'a', inner, is_icmp_error}, at_once_reason, {0}},
    {ours_only, {"09a", 'a', outer, fragment_inside}, lost_reason},
    {ours_only, {"09b", 'a', inner, is_icmp_error}, at_once_reason, {0}},
    {linux_only, {"09b", 'a', inner, is_icmp_error}, innocent_reason, {2}},
    {ours_only, {"09c", 'a', inner, is_icmp_error}, at_once_reason, {0}},
    {linux_only, {"09c", 'a', inner, is_icmp_error}, innocent_reason, {2}},
    {ours_only, {"09d", 'a', inner, is_icmp_error}, at_once_reason, {0}},
    {linux_only, {"09d", 'a', inner, is_icmp_error}, innocent_reason, {5}},
    {ours_only, {"09e", 'a', inner, unreachable6}, ipv6_reason},
    {ours_only, {"09e", 'a', inner, too_big6}, at_once_reason, {0}},
    {ours_only, {"09f", 'a', inner, is_icmp_error}, at_once_reason, {0, 1}},
    {ours_only, {"09g", 'a', inner, unreachable6}, ipv6_reason},
    {ours_only, {"09h", 'a', inner, unreachable6}, ipv6_reason},
    {ours_only, {"09h", 'a', inner, too_big6}, at_once_reason, {0}},
    // The list of those that are left begins with the one that Linux sends, too.
    {ours_only, {"09h", 'a', inner, too_big6}, hole_reason, {1, 2}},
    {ours_only, {"09h", 'a', outer, fragment_outside}, hole_reason},
    {linux_only, {"10d", 'a', outer}, script_reason},
    {linux_only, {"10e", 'a', outer}, script_reason},
    {linux_only, {"10f", 'a', outer, tunnelled}, script_reason},
    {linux_only, {"10g", 'a', outer, tunnelled}, script_reason},
    {ours_only, {"10g", 'b', inner}, "a checksum that is right though nobody asked for it", {1}},
    {linux_only, {"10h", 'a', outer, tunnelled}, script_reason},
    {linux_only, {"10j", 'a', outer, tunnelled}, script_reason},
    {ours_only, {"10j", 'b', inner, is_icmp_error}, at_once_reason, {0}},
    {ours_only, {"10j", 'b', inner, from_nowhere}, "there is no rp_filter"},
    {linux_only, {"10l", 'a', outer}, script_reason},
};

/// Where the checksum stands that covers the header at `ip`; 0 if there is none.
std::size_t checksum_of(const Bytes& frame, std::size_t ip) {
  if (is_ipv4(frame, ip)) {
    return ip + 10;
  }
  return ip == quoted_of(frame) ? ip_of(frame) + sizeof(Ipv6Header) + 2 : 0;
}

}  // namespace

std::span<const Mask> masks() {
  return mask_list;
}
std::span<const Exception> exceptions() {
  return exception_list;
}

bool applies(const Where& where, const Scene& scene, Side side, const Bytes& frame) {
  return scene.capture.starts_with(where.captures) &&
         (where.node == 0 || where.node == scene.node) && where.side == side &&
         (where.when == nullptr || where.when(frame));
}

std::vector<Bytes> without_exceptions(Exception::Sender sender, const Scene& scene, Side side,
                                      const std::vector<Bytes>& sent) {
  std::vector<Bytes> rest = sent;
  for (const Exception& exception : exception_list) {
    if (exception.sender == sender) {
      std::size_t count = 0;
      std::erase_if(rest, [&](const Bytes& frame) {
        return applies(exception.where, scene, side, frame) &&
               (exception.which.empty() ||
                std::ranges::find(exception.which, count++) != exception.which.end());
      });
    }
  }
  return rest;
}

Bytes masked(const Mask& mask, const Bytes& actual, const Bytes& expected) {
  const std::size_t ip = mask.header(expected);
  if (actual.size() != expected.size() || ip == 0 ||
      ip + mask.offset + mask.bits.size() > actual.size()) {
    return actual;
  }
  Bytes result = actual;
  for (std::size_t i = 0; i < mask.bits.size(); ++i) {
    const std::size_t at = ip + mask.offset + i;
    const std::byte bits{mask.bits[i]};
    result[at] = (actual[at] & ~bits) | (expected[at] & bits);
  }
  if (const std::size_t at = checksum_of(actual, ip); at != 0) {
    be16& checksum = header_at<be16>(result.data() + at);
    for (std::size_t word = ip + mask.offset; word < ip + mask.offset + mask.bits.size();
         word += 2) {
      checksum = adjust_checksum(checksum, header_at<be16>(actual.data() + word).host(),
                                 header_at<be16>(std::as_const(result).data() + word).host());
    }
  }
  return result;
}

Bytes masked(const Scene& scene, Side side, const Bytes& actual, const Bytes& expected) {
  Bytes result = actual;
  for (const Mask& mask : mask_list) {
    if (applies(mask.where, scene, side, expected)) {
      result = masked(mask, result, expected);
    }
  }
  return result;
}

Bytes free_bits(const Scene& scene, Side side, const Bytes& expected) {
  Bytes bits(expected.size());
  for (const Mask& mask : mask_list) {
    const std::size_t ip = mask.header(expected);
    if (applies(mask.where, scene, side, expected) && ip != 0 && checksum_of(expected, ip) == 0) {
      for (std::size_t i = 0; i < mask.bits.size(); ++i) {
        bits.at(ip + mask.offset + i) |= std::byte{mask.bits[i]};
      }
    }
  }
  return bits;
}

}  // namespace culvert::test
