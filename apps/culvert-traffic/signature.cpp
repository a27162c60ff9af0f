// SPDX-License-Identifier: BSD-3-Clause
#include "signature.hpp"

#include "culvert/codec/gre_layer.hpp"
#include "culvert/net/headers.hpp"

namespace culvert::traffic {
namespace {

constexpr unsigned most_headers = 8;  // nobody nests deeper, and a crafted frame shall not cost

/// Where in the frame the next header starts, and what it is.
struct Place {
  std::span<const std::byte> rest;
  std::uint16_t type = 0;  ///< EtherType; 0 where `protocol` says it
  std::uint8_t protocol = 0;
};

bool pass_ipv4(Place& place) noexcept {
  if (place.rest.size() < sizeof(Ipv4Header)) {
    return false;
  }
  const auto& header = header_at<Ipv4Header>(place.rest.data());
  const unsigned length = header.header_length();
  if (header.version() != 4 || length < sizeof(Ipv4Header) || length > place.rest.size() ||
      header.is_later_fragment()) {
    return false;
  }
  place = {place.rest.subspan(length), 0, header.protocol};
  return true;
}

bool pass_ipv6(Place& place) noexcept {
  if (place.rest.size() < sizeof(Ipv6Header)) {
    return false;
  }
  const auto& header = header_at<Ipv6Header>(place.rest.data());
  if (header.version() != 6) {
    return false;
  }
  place = {place.rest.subspan(sizeof(Ipv6Header)), 0, header.next_header};
  return true;
}

bool pass_gre(Place& place) noexcept {
  Match match;
  GreLayer::match(place.rest, match);
  if (match.malformed != Malformed::none) {
    return false;
  }
  place = {place.rest.subspan(match.length), match.payload, 0};
  return true;
}

const Signature* in_udp(std::span<const std::byte> bytes) noexcept {
  if (bytes.size() < sizeof(UdpHeader) + sizeof(Signature) ||
      header_at<UdpHeader>(bytes.data()).destination.host() != udp_port) {
    return nullptr;
  }
  const auto& signature = header_at<Signature>(bytes.data() + sizeof(UdpHeader));
  return signature.mark.host() == Signature::magic ? &signature : nullptr;
}

bool pass(Place& place) noexcept {
  if (place.type == ether_type::ipv4 || place.protocol == ip_protocol::ipip) {
    return pass_ipv4(place);
  }
  if (place.type == ether_type::ipv6 || place.protocol == ip_protocol::ipv6) {
    return pass_ipv6(place);
  }
  return place.protocol == ip_protocol::gre && pass_gre(place);
}

}  // namespace

const Signature* find_signature(std::span<const std::byte> bytes) noexcept {
  if (bytes.size() < sizeof(EthernetHeader)) {
    return nullptr;
  }
  Place place{bytes.subspan(sizeof(EthernetHeader)),
              header_at<EthernetHeader>(bytes.data()).type.host()};
  for (unsigned i = 0; i < most_headers && pass(place); ++i) {
    if (place.protocol == ip_protocol::udp) {
      return in_udp(place.rest);
    }
  }
  return nullptr;
}

}  // namespace culvert::traffic
