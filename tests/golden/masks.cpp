// SPDX-License-Identifier: BSD-3-Clause
#include "golden/masks.hpp"

#include <algorithm>

#include "culvert/net/ecn.hpp"

namespace culvert::test {
namespace {

constexpr auto encapsulated = Direction::encapsulated;
constexpr auto decapsulated = Direction::decapsulated;
constexpr auto received = Omission::List::received;
constexpr auto expected = Omission::List::expected;
constexpr std::byte all_bits{0xff};

constexpr std::size_t link = sizeof(EthernetHeader);
constexpr std::size_t inner = link + sizeof(Ipv4Header);  // where no GRE is in between

const Ipv4Header& outer_of(const Bytes& frame) {
  return header_at<Ipv4Header>(frame.data() + link);
}

/// The packet inside is marked Congestion Experienced; none of these captures has GRE with a mark
/// and optional fields.
bool inner_is_marked(const Bytes& frame) {
  const bool is_gre = outer_of(frame).protocol == ip_protocol::gre;
  const std::byte* const packet = frame.data() + inner + (is_gre ? sizeof(GreHeader) : 0);
  const auto tos = header_at<Ipv4Header>(packet).version() == 4
                       ? header_at<Ipv4Header>(packet).tos
                       : header_at<Ipv6Header>(packet).traffic_class();
  return (tos & ecn::mask) == ecn::ce;
}

/// 40 bytes of options: those with which ping -R and ping -T ask routers to enter themselves.
bool inner_records_its_way(const Bytes& frame) {
  return header_at<Ipv4Header>(frame.data() + inner).header_length() == 60;
}
bool records_its_way(const Bytes& frame) {
  return outer_of(frame).header_length() == 60;
}

constexpr std::string_view id_reason =
    "a counter (RFC 6864 section 4); the test looks at the checksum by itself";
constexpr std::string_view mark_reason =
    "Linux makes ECT(0) of CE; RFC 6040 section 4.1 copies it in normal mode, and so do we";
constexpr std::string_view record_reason =
    "Linux enters itself into options as RFC 1812 section 5.2.4.1 has it; a tunnel gateway passes "
    "them on as they are";

constexpr Mask mask_list[] = {
    {"", encapsulated, nullptr, link + 4, 2, all_bits, id_reason},
    {"", encapsulated, nullptr, link + 10, 2, all_bits, id_reason},
    {"", encapsulated, inner_is_marked, link + 1, 1, std::byte{ecn::mask}, mark_reason},
    {"10b", encapsulated, inner_records_its_way, inner + 10, 2, all_bits, record_reason},
    {"10b", encapsulated, inner_records_its_way, inner + 20, 40, all_bits, record_reason},
    {"10b", decapsulated, records_its_way, link + 10, 2, all_bits, record_reason},
    {"10b", decapsulated, records_its_way, link + 20, 40, all_bits, record_reason},
};

constexpr std::string_view option_reason =
    "Linux refuses an option of impossible length with ICMP 12/0; we do not look at options";
constexpr std::string_view fragment_reason =
    "Linux fragments inner packets without DF that do not fit; we drop and count them";
constexpr std::string_view script_reason = "made by the capture's own script: no tunnel sent them";
constexpr std::string_view source_reason =
    "Linux drops a packet with its own address as source, by one more lookup for each packet";
constexpr std::string_view own_reason =
    "ICMP errors and an echo reply of the node itself: the slow path's";

const Omission omission_list[] = {
    {"10b", node_a.outside4, encapsulated, received, {3}, option_reason},
    {"10b", node_a.outside4, decapsulated, expected, {3}, option_reason},
    {"10c", node_a.outside4, encapsulated, expected, {0, 1, 2, 3}, fragment_reason},
    {"10c", node_b.outside4, encapsulated, expected, {0, 1, 2, 3}, fragment_reason},
    {"10e", node_a.outside4, encapsulated, expected, {}, script_reason},
    {"10l", node_a.outside4, encapsulated, expected, {}, script_reason},
    {"10l", node_b.outside4, decapsulated, received, {6}, source_reason},
    {"10l", node_b.outside4, encapsulated, expected, {1, 3, 4}, own_reason},
};

template <typename Entry>
bool is_about(const Entry& entry, const Capture& capture, Direction direction) {
  return capture.name.starts_with(entry.capture) && entry.direction == direction;
}

}  // namespace

std::span<const Mask> masks() {
  return mask_list;
}
std::span<const Omission> omissions() {
  return omission_list;
}

bool applies(const Mask& mask, const Capture& capture, Direction direction, const Bytes& frame) {
  return is_about(mask, capture, direction) && (mask.when == nullptr || mask.when(frame));
}

bool applies(const Omission& omission, const Capture& capture, Direction direction) {
  return is_about(omission, capture, direction) && omission.node == capture.node.outside4;
}

Bytes counting_bits(const Capture& capture, Direction direction, const Bytes& frame) {
  Bytes counting(frame.size(), all_bits);
  for (const Mask& mask : mask_list) {
    if (applies(mask, capture, direction, frame)) {
      for (std::size_t i = mask.offset; i < mask.offset + mask.length; ++i) {
        counting.at(i) &= ~mask.bits;
      }
    }
  }
  return counting;
}

bool same(const Bytes& actual, const Bytes& wanted, const Bytes& counting) {
  if (actual.size() != wanted.size()) {
    return false;
  }
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (((actual[i] ^ wanted[i]) & counting.at(i)) != std::byte{0}) {
      return false;
    }
  }
  return true;
}

Flow without_omissions(const Capture& capture, Direction direction, const Flow& flow) {
  Flow rest = flow;
  for (const Omission& omission : omission_list) {
    if (!applies(omission, capture, direction)) {
      continue;
    }
    std::vector<Bytes>& frames = omission.list == received ? rest.received : rest.expected;
    if (omission.frames.empty()) {
      frames.clear();
    }
    for (auto at = omission.frames.rbegin(); at != omission.frames.rend(); ++at) {
      frames.erase(frames.begin() + static_cast<std::ptrdiff_t>(*at));
    }
  }
  return rest;
}

}  // namespace culvert::test
