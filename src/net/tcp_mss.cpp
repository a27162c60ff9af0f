// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/net/tcp_mss.hpp"

#include "culvert/net/checksum.hpp"
#include "culvert/net/headers.hpp"

namespace culvert {
namespace {

/// From the TCP header on, or nothing.
std::span<std::byte> segment_of_ipv4(std::span<std::byte> packet) noexcept {
  const auto& ip = header_at<Ipv4Header>(packet.data());
  const std::size_t length = ip.header_length();
  if (ip.protocol != ip_protocol::tcp || ip.is_later_fragment() || packet.size() < length) {
    return {};
  }
  return packet.subspan(length);
}

/// RFC 8200 section 4: behind the extension headers, which are skipped.
std::span<std::byte> segment_of_ipv6(std::span<std::byte> packet) noexcept {
  constexpr std::uint8_t hop_by_hop = 0;
  constexpr std::uint8_t routing = 43;
  constexpr std::uint8_t fragment = 44;
  constexpr std::uint8_t destination_options = 60;
  std::uint8_t header = header_at<Ipv6Header>(packet.data()).next_header;
  packet = packet.subspan(sizeof(Ipv6Header));
  while (header != ip_protocol::tcp) {
    const bool skippable = header == hop_by_hop || header == routing || header == fragment ||
                           header == destination_options;
    if (!skippable || packet.size() < 8) {
      return {};
    }
    const bool later = (header_at<be16>(packet.data() + 2).host() >> 3U) != 0;
    if (header == fragment && later) {
      return {};
    }
    const std::size_t length =
        header == fragment ? 8 : (std::to_integer<std::size_t>(packet[1]) + 1) * 8;
    if (packet.size() < length) {
      return {};
    }
    header = std::to_integer<std::uint8_t>(packet[0]);
    packet = packet.subspan(length);
  }
  return packet;
}

/// Where the MSS stands in a TCP header, or 0.
std::size_t find_mss(std::span<const std::byte> header) noexcept {
  constexpr std::uint8_t end = 0;
  constexpr std::uint8_t no_operation = 1;
  constexpr std::uint8_t mss = 2;
  for (std::size_t at = sizeof(TcpHeader); at < header.size();) {
    const auto kind = std::to_integer<std::uint8_t>(header[at]);
    if (kind == no_operation) {
      ++at;
      continue;
    }
    if (kind == end || header.size() - at < 2) {
      break;
    }
    const auto length = std::to_integer<std::size_t>(header[at + 1]);
    if (length < 2 || length > header.size() - at) {
      break;
    }
    if (kind == mss) {
      return length == 4 ? at + 2 : 0;
    }
    at += length;
  }
  return 0;
}

}  // namespace

bool clamp_tcp_mss(std::span<std::byte> packet, std::uint16_t limit) noexcept {
  const bool ipv4 = header_at<Ipv4Header>(packet.data()).version() == 4;
  const auto segment = ipv4 ? segment_of_ipv4(packet) : segment_of_ipv6(packet);
  if (segment.size() < sizeof(TcpHeader)) {
    return false;
  }
  auto& tcp = header_at<TcpHeader>(segment.data());
  const std::size_t length = tcp.header_length();
  if ((tcp.flags & TcpHeader::syn) == 0 || length < sizeof(TcpHeader) || length > segment.size()) {
    return false;
  }
  const std::size_t at = find_mss(segment.first(length));
  if (at == 0) {
    return false;
  }
  auto& mss = header_at<be16>(segment.data() + at);
  const std::uint16_t before = mss.host();
  if (before <= limit) {
    return false;
  }
  mss = be16{limit};
  // Behind an odd number of bytes the two halves belong to two words: swapped, they sum up the same
  // (RFC 1071 section 2B).
  tcp.checksum = at % 2 == 0 ? adjust_checksum(tcp.checksum, before, limit)
                             : adjust_checksum(tcp.checksum, byte_swap(before), byte_swap(limit));
  return true;
}

}  // namespace culvert
