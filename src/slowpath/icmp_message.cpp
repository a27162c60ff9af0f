// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/icmp_message.hpp"

#include <algorithm>

#include "culvert/net/checksum.hpp"

namespace culvert {
namespace {

constexpr std::uint8_t our_ttl = 64;
// RFC 1812 section 4.3.2.5: precedence "internetwork control"; the rest of TOS, ECN's lower bit
// excepted, is the packet's own, as Linux has it.
constexpr std::uint8_t error_precedence = 0xc0;
constexpr std::uint8_t kept_tos = 0x1e;

// IANA's ICMP types beyond this one are nobody's: an error or not, nobody knows.
constexpr std::uint8_t last_icmp_type = 18;
constexpr std::uint8_t first_icmpv6_information = 128;  // RFC 4443 section 2.1
constexpr std::uint8_t icmpv6_redirect = 137;           // RFC 4443 section 2.4 e

// RFC 8200 section 4: extension headers.
constexpr std::uint8_t hop_by_hop = 0;
constexpr std::uint8_t routing = 43;
constexpr std::uint8_t fragment = 44;
constexpr std::uint8_t destination_options = 60;

bool is_error(std::uint8_t type) noexcept {
  return type == icmp::unreachable || type == icmp::source_quench || type == icmp::redirect ||
         type == icmp::time_exceeded || type == icmp::parameter_problem || type > last_icmp_type;
}

bool may_be_reported(const Ipv4Header& ip, std::span<const std::byte> payload) noexcept {
  const std::uint32_t first = ip.source.host() >> 24U;
  if (first == 0 || first == 127U || ip.source.is_multicast() || ip.source.is_limited_broadcast() ||
      ip.destination.is_multicast() || ip.destination.is_limited_broadcast() ||
      ip.is_later_fragment()) {
    return false;
  }
  return ip.protocol != ip_protocol::icmp ||
         (!payload.empty() && !is_error(std::to_integer<std::uint8_t>(payload.front())));
}

/// False too where the chain of extension headers does not show what the packet is.
bool may_be_reported(const Ipv6Header& ip, std::span<const std::byte> payload) noexcept {
  if (ip.source.is_any() || ip.source.is_multicast() || ip.destination.is_multicast()) {
    return false;
  }
  std::uint8_t header = ip.next_header;
  while (header == hop_by_hop || header == routing || header == destination_options ||
         header == fragment) {
    if (payload.size() < 8) {
      return false;
    }
    const std::uint16_t fragment_offset = header_at<be16>(payload.data() + 2).host() >> 3U;
    if (header == fragment && fragment_offset != 0) {
      return false;
    }
    const std::size_t length =
        header == fragment ? 8 : (std::to_integer<std::size_t>(payload[1]) + 1) * 8;
    header = std::to_integer<std::uint8_t>(payload[0]);
    payload = payload.subspan(std::min(length, payload.size()));
  }
  if (header != ip_protocol::icmpv6) {
    return true;
  }
  if (payload.empty()) {
    return false;
  }
  const auto type = std::to_integer<std::uint8_t>(payload.front());
  return type >= first_icmpv6_information && type != icmpv6_redirect;
}

/// Behind the IP header: the ICMP header, its checksum still zero, and the quote. Returns the
/// length of both.
std::size_t write_message(std::span<std::byte> out, const IcmpError& error,
                          std::span<const std::byte> original) noexcept {
  header_at<IcmpHeader>(out.data()) = {error.type, error.code, be16{}, be32{error.rest}};
  const std::size_t quoted = std::min(original.size(), out.size() - sizeof(IcmpHeader));
  std::copy_n(original.begin(), quoted, out.begin() + sizeof(IcmpHeader));
  return sizeof(IcmpHeader) + quoted;
}

}  // namespace

std::optional<IcmpError> icmp_error_for(Drop drop, std::uint16_t mtu) noexcept {
  switch (drop) {
    case Drop::ttl_exceeded:
      return IcmpError{icmp::time_exceeded, 0};
    case Drop::no_route:
      return IcmpError{icmp::unreachable, icmp::code_net};
    case Drop::prohibited:
      return IcmpError{icmp::unreachable, icmp::code_prohibited};
    case Drop::too_big:
      return IcmpError{icmp::unreachable, icmp::code_fragmentation_needed, mtu};
    case Drop::no_tunnel:
      return IcmpError{icmp::unreachable, icmp::code_port};
    case Drop::fragment_timeout:
      return IcmpError{icmp::time_exceeded, icmp::code_reassembly};
    case Drop::ip_options:
      return IcmpError{icmp::parameter_problem, 0, std::uint32_t{mtu} << 24U};
    case Drop::unreachable:
    case Drop::neighbour_failed:
      return IcmpError{icmp::unreachable, icmp::code_host};
    default:
      return std::nullopt;
  }
}

std::optional<IcmpError> icmpv6_error_for(Drop drop, std::uint16_t mtu) noexcept {
  switch (drop) {
    case Drop::ttl_exceeded:
      return IcmpError{icmpv6::time_exceeded, 0};
    case Drop::no_route:
    case Drop::unreachable:
      return IcmpError{icmpv6::unreachable, icmpv6::code_no_route};
    case Drop::prohibited:
      return IcmpError{icmpv6::unreachable, icmpv6::code_prohibited};
    case Drop::too_big:
      return IcmpError{icmpv6::packet_too_big, 0,
                       std::max<std::uint32_t>(mtu, Ipv6Header::minimum_mtu)};
    case Drop::neighbour_failed:
    case Drop::no_remote:
      return IcmpError{icmpv6::unreachable, icmpv6::code_address};
    default:
      return std::nullopt;
  }
}

bool may_be_reported(std::span<const std::byte> start) noexcept {
  if (start.size() < sizeof(Ipv4Header)) {
    return false;
  }
  const auto& ipv4 = header_at<Ipv4Header>(start.data());
  if (ipv4.version() == 4) {
    const std::size_t length = std::min<std::size_t>(ipv4.header_length(), start.size());
    return may_be_reported(ipv4, start.subspan(length));
  }
  return start.size() >= sizeof(Ipv6Header) &&
         may_be_reported(header_at<Ipv6Header>(start.data()), start.subspan(sizeof(Ipv6Header)));
}

std::size_t write_icmp_error(std::span<std::byte> out, const IcmpError& error, Ipv4Address source,
                             std::uint16_t id, std::span<const std::byte> original) noexcept {
  const auto& about = header_at<Ipv4Header>(original.data());
  const auto message = out.first(std::min(out.size(), icmp_error_size)).subspan(sizeof(Ipv4Header));
  const std::size_t length = write_message(message, error, original);
  header_at<IcmpHeader>(message.data()).checksum = to_checksum(raw_sum(message.first(length)));

  auto& ip = header_at<Ipv4Header>(out.data());
  ip = {.version_ihl = 0x45,
        .tos = static_cast<std::uint8_t>(error_precedence | (about.tos & kept_tos)),
        .total_length = be16{static_cast<std::uint16_t>(sizeof(Ipv4Header) + length)},
        .id = be16{id},
        .fragment = be16{},
        .ttl = our_ttl,
        .protocol = ip_protocol::icmp,
        .checksum = be16{},
        .source = source,
        .destination = about.source};
  ip.checksum = ipv4_checksum(out.data(), sizeof(Ipv4Header));
  return sizeof(Ipv4Header) + length;
}

std::size_t write_icmpv6_error(std::span<std::byte> out, const IcmpError& error,
                               const Ipv6Address& source,
                               std::span<const std::byte> original) noexcept {
  const Ipv6Address destination = header_at<Ipv6Header>(original.data()).source;
  const auto message =
      out.first(std::min(out.size(), icmpv6_error_size)).subspan(sizeof(Ipv6Header));
  const std::size_t length = write_message(message, error, original);
  header_at<IcmpHeader>(message.data()).checksum =
      to_checksum(raw_sum(message.first(length),
                          pseudo_header_sum(source, destination, static_cast<std::uint32_t>(length),
                                            ip_protocol::icmpv6)));

  header_at<Ipv6Header>(out.data()) = {.version_class_label = be32{6U << 28U},
                                       .payload_length = be16{static_cast<std::uint16_t>(length)},
                                       .next_header = ip_protocol::icmpv6,
                                       .hop_limit = our_ttl,
                                       .source = source,
                                       .destination = destination};
  return sizeof(Ipv6Header) + length;
}

}  // namespace culvert
