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

const std::vector<std::uint8_t> whole_word{0xff, 0xff};
const std::vector<std::uint8_t> flow_label{0x00, 0x0f, 0xff, 0xff};
constexpr std::size_t ipv4_id = 4;
constexpr std::string_view own_addresses[] = {"192.168.1.1", "192.168.2.1", "10.0.0.1", "10.0.0.2",
                                              "172.16.0.1"};

bool tunnelled(const Bytes& frame) {
  return inner_of(frame) != 0;
}

bool marked_inside(const Bytes& frame) {
  const std::size_t ip = inner_of(frame);
  if (ip == 0) {
    return false;
  }
  const auto tos = is_ipv4(frame, ip) ? header_at<Ipv4Header>(frame.data() + ip).tos
                                      : header_at<Ipv6Header>(frame.data() + ip).traffic_class();
  return (tos & ecn::mask) == ecn::ce;
}

/// Made by the gateway itself: from an address of a or b that is no host's.
bool made_here4(const Bytes& frame) {
  const std::size_t ip = last_of(frame);
  const auto from = [&](std::string_view address) {
    return header_at<Ipv4Header>(frame.data() + ip).source == ip4(address);
  };
  return is_ipv4(frame, ip) && icmp_type_of(frame, ip) >= 0 &&
         std::ranges::any_of(own_addresses, from);
}

bool made_here6(const Bytes& frame) {
  const std::size_t ip = last_of(frame);
  return is_ipv6(frame, ip) && header_at<Ipv6Header>(frame.data() + ip).hop_limit == 64 &&
         icmp_type_of(frame, ip) >= 0;
}

constexpr std::string_view id_reason = "a counter (RFC 6864 section 4)";
constexpr std::string_view label_reason = "Linux makes one up for each flow (RFC 6437); ours is 0";

const Mask mask_list[] = {
    {{"", 0, outer, tunnelled}, ip_of, ipv4_id, whole_word, id_reason},
    {{"", 0, outer, made_here4}, last_of, ipv4_id, whole_word, id_reason},
    {{"", 0, inner, made_here4}, last_of, ipv4_id, whole_word, id_reason},
    {{"", 0, inner, made_here6}, last_of, 0, flow_label, label_reason},
    {{"", 0, outer, marked_inside},
     ip_of,
     0,
     {0x00, ecn::mask},
     "Linux makes ECT(0) of CE; RFC 6040 section 4.1 copies it in normal mode, and so do we"},
};

constexpr std::string_view script_reason = "made by the capture's own script: no tunnel sent them";

const Exception exception_list[] = {
    {linux_only, {"10e", 'a', outer, nullptr}, script_reason},
};

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
  if (is_ipv4(actual, ip)) {
    be16& checksum = header_at<Ipv4Header>(result.data() + ip).checksum;
    for (std::size_t at = ip + mask.offset; at < ip + mask.offset + mask.bits.size(); at += 2) {
      checksum = adjust_checksum(checksum, header_at<be16>(actual.data() + at).host(),
                                 header_at<be16>(std::as_const(result).data() + at).host());
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
    if (applies(mask.where, scene, side, expected) && is_ipv6(expected, ip)) {
      for (std::size_t i = 0; i < mask.bits.size(); ++i) {
        bits.at(ip + mask.offset + i) |= std::byte{mask.bits[i]};
      }
    }
  }
  return bits;
}

}  // namespace culvert::test
