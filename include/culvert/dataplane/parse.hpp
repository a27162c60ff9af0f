// SPDX-License-Identifier: BSD-3-Clause
// dataplane, stage 1 of 6: a received frame becomes one valid IP packet.
// Ethernet, version, lengths, IPv4 checksum (RFC 1812 section 5.2.2); padding behind the IP length
// is cut off; the headers are contiguous and writable from here on.
#pragma once

#include "culvert/dataplane/lane.hpp"
#include "culvert/dataplane/verdict.hpp"
#include "culvert/net/checksum.hpp"
#include "culvert/net/headers.hpp"
#include "culvert/net/transition.hpp"

namespace culvert {

/// One packet between stages. Without initial values: a burst of them is not to be cleared first.
struct Packet {
  rte_mbuf* mbuf;
  std::uint16_t type;  ///< EtherType: IPv4 or IPv6
  std::uint16_t port;  ///< index: that it came by
  std::uint8_t l2;     ///< bytes of the link header, while it still stands before the packet
  bool l2_group;       ///< came in a broadcast or multicast frame

  [[nodiscard]] std::byte* data() const noexcept { return data_of(mbuf); }
  [[nodiscard]] bool is_ipv4() const noexcept { return type == ether_type::ipv4; }
  [[nodiscard]] Ipv4Header& ipv4() const noexcept { return header_at<Ipv4Header>(data()); }
  [[nodiscard]] Ipv6Header& ipv6() const noexcept { return header_at<Ipv6Header>(data()); }
};

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

/// RFC 1122 section 3.2.1.3 and RFC 1812 section 5.3.7: these never are a source.
[[nodiscard]] inline bool is_martian_source(Ipv4Address source) noexcept {
  const std::uint32_t host = source.host();
  return host - 0x01000000U >= 0xdf000000U        // 0/8, and 224/4 and above, but …
             ? host < 0xf0000000U || host == ~0U  // … not 240/4, as Linux
             : (host >> 24U) == 127U;
}
[[nodiscard]] inline bool is_martian_destination(Ipv4Address destination) noexcept {
  const std::uint32_t first = destination.host() >> 24U;
  return first == 0 || first == 127U;
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

[[nodiscard]] inline Verdict parse_ipv4(const Packet& packet) noexcept {
  rte_mbuf* const m = packet.mbuf;
  if (m->data_len < sizeof(Ipv4Header)) [[unlikely]] {
    return Drop::runt;
  }
  const Ipv4Header& header = packet.ipv4();
  if (header.version() != 4) [[unlikely]] {
    return Drop::ip_version;
  }
  const unsigned header_length = header.header_length();
  if (header_length < sizeof(Ipv4Header) || header_length > m->data_len) [[unlikely]] {
    return Drop::ip_header_length;
  }
  const unsigned length = header.total_length.host();
  if (length < header_length || length > m->pkt_len) [[unlikely]] {
    return Drop::ip_total_length;
  }
  if (!ipv4_checksum_ok(packet.data(), header_length)) [[unlikely]] {
    return Drop::ip_checksum;
  }
  if (is_martian_source(header.source)) [[unlikely]] {
    return Drop::martian_source;
  }
  if (is_martian_destination(header.destination)) [[unlikely]] {
    return Drop::martian_destination;
  }
  trim(m, length);
  return Verdict::go();
}

[[nodiscard]] inline Verdict parse_ipv6(const Packet& packet) noexcept {
  rte_mbuf* const m = packet.mbuf;
  if (m->data_len < sizeof(Ipv6Header)) [[unlikely]] {
    return Drop::runt;
  }
  const Ipv6Header& header = packet.ipv6();
  if (header.version() != 6) [[unlikely]] {
    return Drop::ip_version;
  }
  const unsigned length = static_cast<unsigned>(sizeof(Ipv6Header)) + header.payload_length.host();
  if (length > m->pkt_len) [[unlikely]] {
    return Drop::ip_total_length;
  }
  if (is_martian_source(header.source)) [[unlikely]] {
    return Drop::martian_source;
  }
  if (header.destination.is_any() || header.destination.is_loopback()) [[unlikely]] {
    return Drop::martian_destination;
  }
  trim(m, length);
  return Verdict::go();
}

/// An IP packet of the type that the frame, or an outer header, announces.
[[nodiscard]] inline Verdict parse_ip(Packet& packet) noexcept {
  if (!is_plain(packet.mbuf)) [[unlikely]] {
    packet.mbuf = make_contiguous(packet.mbuf, contiguous_headers);
    if (packet.mbuf == nullptr) {
      return Drop::no_mbuf;
    }
  }
  return packet.is_ipv4() ? parse_ipv4(packet) : parse_ipv6(packet);
}

/// `port` is the one that `packet.mbuf` was received by. ARP frames go to the slow path whole.
[[nodiscard]] inline Verdict parse(Lane& lane, const Port& port, Packet& packet) noexcept {
  rte_mbuf* m = packet.mbuf;
  m->ol_flags &= RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;  // checksums are verified here
  if (m->pkt_len < sizeof(EthernetHeader)) [[unlikely]] {
    return Drop::runt;
  }
  if (!is_plain(m)) [[unlikely]] {
    // Here already, since the slow path looks at the link header before a packet.
    m = packet.mbuf = make_contiguous(m, sizeof(EthernetHeader) + contiguous_headers);
    if (m == nullptr) {
      return Drop::no_mbuf;
    }
  }
  const auto& ethernet = header_at<EthernetHeader>(data_of(m));
  packet.port = port.index();
  packet.l2_group = ethernet.destination.is_group();
  if (MacWord{ethernet.destination, 0}.word() != port.mac_word() && !packet.l2_group) [[unlikely]] {
    return Drop::other_host;
  }
  packet.type = ethernet.type.host();
  packet.l2 = sizeof(EthernetHeader);
  if (!packet.is_ipv4() && packet.type != ether_type::ipv6) [[unlikely]] {
    if (packet.type != ether_type::arp) {
      return Drop::ether_type;
    }
    lane.punt(m, {.punt = Punt::arp, .port = packet.port});
    return Verdict::taken();
  }
  strip(m, sizeof(EthernetHeader));
  return parse_ip(packet);
}

}  // namespace culvert
