// SPDX-License-Identifier: BSD-3-Clause
// tests/support: packets as byte vectors, written as a human reads them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "culvert/net/checksum.hpp"
#include "culvert/net/headers.hpp"

namespace culvert::test {

using Bytes = std::vector<std::byte>;

/// Hexadecimal digits; whatever is none of them (blanks, "|") only separates.
inline Bytes hex(std::string_view text) {
  Bytes bytes;
  int digits = 0;
  unsigned value = 0;
  for (const char c : text) {
    const auto position = std::string_view{"0123456789abcdef"}.find(c);
    if (position == std::string_view::npos) {
      continue;
    }
    value = value * 16 + static_cast<unsigned>(position);
    if (++digits % 2 == 0) {
      bytes.push_back(static_cast<std::byte>(value & 0xffU));
    }
  }
  return bytes;
}

template <typename Header>
Bytes bytes_of(const Header& header) {
  const auto bytes = std::as_bytes(std::span{&header, 1});
  return {bytes.begin(), bytes.end()};
}

inline Bytes operator+(const Bytes& left, const Bytes& right) {
  Bytes both;
  both.reserve(left.size() + right.size());
  // One by one: g++ 12 warns of overflows that cannot be, where it sees whole ranges copied.
  std::ranges::copy(left, std::back_inserter(both));
  std::ranges::copy(right, std::back_inserter(both));
  return both;
}

inline Bytes from(const Bytes& bytes, std::size_t offset) {
  return {bytes.begin() + static_cast<std::ptrdiff_t>(offset), bytes.end()};
}

inline Bytes first(const Bytes& bytes, std::size_t count) {
  return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count)};
}

/// `count` bytes that all differ from their neighbours.
inline Bytes payload(std::size_t count) {
  Bytes bytes(count);
  for (std::size_t i = 0; i < count; ++i) {
    bytes[i] = static_cast<std::byte>(i * 7 + 1);
  }
  return bytes;
}

inline Ipv4Address ip4(std::string_view text) {
  return parse_ipv4(text).value();
}
inline Ipv6Address ip6(std::string_view text) {
  return parse_ipv6(text).value();
}
inline MacAddress mac(std::string_view text) {
  return parse_mac(text).value();
}

struct Ipv4Options {
  std::uint8_t tos = 0;
  std::uint8_t ttl = 64;
  std::uint16_t id = 0x1234;
  std::uint16_t fragment = 0;
  Bytes options{};
};

/// An IPv4 packet with a right checksum.
inline Bytes ipv4(std::string_view source, std::string_view destination, std::uint8_t protocol,
                  const Bytes& body, const Ipv4Options& more = {}) {
  const std::size_t header_length = sizeof(Ipv4Header) + more.options.size();
  Bytes packet = bytes_of(Ipv4Header{
                     .version_ihl = static_cast<std::uint8_t>(0x40U | header_length / 4),
                     .tos = more.tos,
                     .total_length = be16{static_cast<std::uint16_t>(header_length + body.size())},
                     .id = be16{more.id},
                     .fragment = be16{more.fragment},
                     .ttl = more.ttl,
                     .protocol = protocol,
                     .checksum = {},
                     .source = ip4(source),
                     .destination = ip4(destination)}) +
                 more.options;
  header_at<Ipv4Header>(packet.data()).checksum =
      ipv4_checksum(packet.data(), static_cast<unsigned>(header_length));
  return packet + body;
}

/// `label` holds traffic class and flow label.
inline Bytes ipv6(std::string_view source, std::string_view destination, std::uint8_t protocol,
                  const Bytes& body, std::uint8_t hop_limit = 64, std::uint32_t label = 0) {
  return bytes_of(Ipv6Header{.version_class_label = be32{(6U << 28U) | label},
                             .payload_length = be16{static_cast<std::uint16_t>(body.size())},
                             .next_header = protocol,
                             .hop_limit = hop_limit,
                             .source = ip6(source),
                             .destination = ip6(destination)}) +
         body;
}

/// An ICMP message; its checksum is right for IPv4.
inline Bytes icmp4(std::uint8_t type, std::uint8_t code, std::uint32_t rest, const Bytes& body) {
  Bytes message = bytes_of(IcmpHeader{type, code, {}, be32{rest}}) + body;
  header_at<IcmpHeader>(message.data()).checksum = to_checksum(raw_sum(message));
  return message;
}

/// Sets the checksum of the ICMPv6 message in an IPv6 packet.
inline Bytes with_icmpv6_checksum(Bytes packet) {
  const auto& ip = header_at<Ipv6Header>(std::as_const(packet).data());
  const auto message = std::span{packet}.subspan(sizeof(Ipv6Header));
  auto& header = header_at<IcmpHeader>(message.data());
  header.checksum = {};
  header.checksum = to_checksum(raw_sum(
      message, pseudo_header_sum(ip.source, ip.destination,
                                 static_cast<std::uint32_t>(message.size()), ip_protocol::icmpv6)));
  return packet;
}

/// A whole IPv6 packet with an ICMPv6 message.
inline Bytes icmp6(std::string_view source, std::string_view destination, std::uint8_t type,
                   std::uint8_t code, std::uint32_t rest, const Bytes& body,
                   std::uint8_t hop_limit = 64, std::uint32_t label = 0) {
  return with_icmpv6_checksum(ipv6(source, destination, ip_protocol::icmpv6,
                                   bytes_of(IcmpHeader{type, code, {}, be32{rest}}) + body,
                                   hop_limit, label));
}

/// `flags` as they stand on the wire; `options` are the fields that they announce.
inline Bytes gre(std::uint16_t flags, std::uint16_t protocol, const Bytes& options,
                 const Bytes& body) {
  return bytes_of(GreHeader{be16{flags}, be16{protocol}}) + options + body;
}

inline Bytes ethernet(std::string_view destination, std::string_view source, std::uint16_t type,
                      const Bytes& body) {
  return bytes_of(EthernetHeader{mac(destination), mac(source), be16{type}}) + body;
}

}  // namespace culvert::test
