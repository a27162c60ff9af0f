// SPDX-License-Identifier: BSD-3-Clause
// dataplane, stage 1 of 6: a received frame becomes one valid IP packet.
// Ethernet, version, lengths, IPv4 checksum (RFC 1812 section 5.2.2); padding behind the IP length
// is cut off; the headers are contiguous and writable from here on.
#pragma once

#include <array>

#include "culvert/dataplane/lane.hpp"
#include "culvert/dataplane/verdict.hpp"
#include "culvert/net/checksum.hpp"
#include "culvert/net/headers.hpp"
#include "culvert/net/transition.hpp"

namespace culvert {

/// Does with a packet what a stage said of it.
inline void conclude(Lane& lane, const Packet& packet, Verdict verdict) noexcept {
  if (verdict.is_taken()) {
    return;
  }
  if (packet.mbuf == nullptr) [[unlikely]] {  // lost for want of a buffer
    lane.counters.drop(verdict.drop());
    return;
  }
  lane.drop(packet.mbuf, verdict.drop());
}

/// RFC 1122 section 3.2.1.3 and RFC 1812 section 5.3.7: 0/8 and 127/8 never are on the way.
[[nodiscard]] constexpr bool is_martian_destination(Ipv4Address destination) noexcept {
  const std::uint32_t first = destination.first_byte();
  return first == 0 || first == 127U;
}
/// Nor are these a source; 240/4 is one, as on Linux.
[[nodiscard]] constexpr bool is_martian_source(Ipv4Address source) noexcept {
  return is_martian_destination(source) || source.is_multicast() || source.is_limited_broadcast();
}

/// RFC 4291 sections 2.5.3, 2.5.5 and 2.7, RFC 4213 section 3.6: never a source, :: excepted, which
/// a host that looks for duplicates of its address has.
[[nodiscard]] inline bool is_martian_source(const Ipv6Address& source) noexcept {
  if (high_half(source) != 0) [[likely]] {
    return source.is_multicast();
  }
  const auto compatible = compatible_endpoint(source);
  return source.is_loopback() || is_mapped(source) ||
         (compatible && is_martian_source(*compatible));
}

/// By the first byte of an IPv4 address: whether it may be a martian, as source or destination.
inline constexpr auto unusual_addresses = [] {
  std::array<std::uint8_t, 256> unusual{};
  for (unsigned first = 0; first < unusual.size(); ++first) {
    const auto address = Ipv4Address::from_host(first << 24U | 0x00ffffffU);
    unusual[first] = is_martian_source(address) || is_martian_destination(address);
  }
  return unusual;
}();

/// All that the packet has of its first `contiguous_headers` bytes is contiguous.
[[nodiscard]] inline Verdict parse_ipv4(Packet& packet) noexcept {
  if (packet.length < sizeof(Ipv4Header)) [[unlikely]] {
    return Drop::runt;
  }
  const Ipv4Header& header = packet.ipv4();
  unsigned header_length = sizeof(Ipv4Header);
  if (!header.is_plain()) [[unlikely]] {
    if (header.version() != 4) {
      return Drop::ip_version;
    }
    header_length = header.header_length();
    if (header_length < sizeof(Ipv4Header) || header_length > packet.length) {
      return Drop::ip_header_length;
    }
  }
  const unsigned length = header.total_length.host();
  if (length < header_length || length > packet.length) [[unlikely]] {
    return Drop::ip_total_length;
  }
  if (!ipv4_checksum_ok(packet.start, header_length)) [[unlikely]] {
    return Drop::ip_checksum;
  }
  // One look at both, since nearly all are neither.
  const unsigned unusual = unusual_addresses[header.source.first_byte()] |
                           unusual_addresses[header.destination.first_byte()];
  if (unusual != 0) [[unlikely]] {
    if (is_martian_source(header.source)) {
      return Drop::martian_source;
    }
    if (is_martian_destination(header.destination)) {
      return Drop::martian_destination;
    }
  }
  packet.trim(length);
  return Verdict::go();
}

/// Likewise.
[[nodiscard]] inline Verdict parse_ipv6(Packet& packet) noexcept {
  if (packet.length < sizeof(Ipv6Header)) [[unlikely]] {
    return Drop::runt;
  }
  const Ipv6Header& header = packet.ipv6();
  if (header.version() != 6) [[unlikely]] {
    return Drop::ip_version;
  }
  const unsigned length = static_cast<unsigned>(sizeof(Ipv6Header)) + header.payload_length.host();
  if (length > packet.length) [[unlikely]] {
    return Drop::ip_total_length;
  }
  if (is_martian_source(header.source)) [[unlikely]] {
    return Drop::martian_source;
  }
  if (header.destination.is_any() || header.destination.is_loopback()) [[unlikely]] {
    return Drop::martian_destination;
  }
  packet.trim(length);
  return Verdict::go();
}

/// An IP packet of the type that an outer header announces, which has just been stripped.
[[nodiscard]] inline Verdict parse_ip(Packet& packet) noexcept {
  if (!is_plain(packet.mbuf)) [[unlikely]] {
    packet.sync();
    packet.take(make_contiguous(packet.mbuf, contiguous_headers));
    if (packet.mbuf == nullptr) {
      return Drop::no_mbuf;
    }
  }
  return packet.is_ipv4() ? parse_ipv4(packet) : parse_ipv6(packet);
}

/// `packet.mbuf` was received by `port`; all else about the packet is found out here. ARP frames go
/// to the slow path whole.
[[nodiscard]] inline Verdict parse(Lane& lane, const Port& port, Packet& packet) noexcept {
  rte_mbuf* const m = packet.mbuf;
  m->ol_flags &= RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;  // checksums are verified here
  if (m->pkt_len < sizeof(EthernetHeader)) [[unlikely]] {
    return Drop::runt;
  }
  packet.take(m);
  if (!is_plain(m)) [[unlikely]] {
    // Here already, since the slow path looks at the link header before a packet.
    packet.take(make_contiguous(m, sizeof(EthernetHeader) + contiguous_headers));
    if (packet.mbuf == nullptr) {
      return Drop::no_mbuf;
    }
  }
  const auto& ethernet = header_at<EthernetHeader>(packet.start);
  packet.port = port.index();
  packet.l2 = sizeof(EthernetHeader);
  packet.l2_group = false;
  if (!MacWord::read(packet.start).has_mac_of(MacWord{port.mac_word()})) [[unlikely]] {
    packet.l2_group = ethernet.destination.is_group();
    if (!packet.l2_group) {
      return Drop::other_host;
    }
  }
  packet.type = ethernet.type.host();
  if (packet.is_ipv4()) {
    packet.strip(sizeof(EthernetHeader));
    return parse_ipv4(packet);
  }
  if (packet.type == ether_type::ipv6) {
    packet.strip(sizeof(EthernetHeader));
    return parse_ipv6(packet);
  }
  if (packet.type != ether_type::arp) {
    return Drop::ether_type;
  }
  lane.punt(packet.mbuf, {.punt = Punt::arp, .port = packet.port});
  return Verdict::taken();
}

}  // namespace culvert
