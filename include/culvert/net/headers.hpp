// SPDX-License-Identifier: BSD-3-Clause
// net: headers as they stand on the wire. All structs have alignment 1 and no padding, and may
// alias anything, so that they may be laid over packet bytes anywhere. This room includes no DPDK.
#pragma once

#include <cstddef>
#include <cstdint>

#include "culvert/net/address.hpp"
#include "culvert/net/endian.hpp"

namespace culvert {

namespace ether_type {
inline constexpr std::uint16_t ipv4 = 0x0800;
inline constexpr std::uint16_t arp = 0x0806;
inline constexpr std::uint16_t ipv6 = 0x86dd;
}  // namespace ether_type

/// Assigned Internet protocol numbers, as in the IPv4 protocol and IPv6 next header fields.
namespace ip_protocol {
inline constexpr std::uint8_t icmp = 1;
inline constexpr std::uint8_t ipip = 4;
inline constexpr std::uint8_t tcp = 6;
inline constexpr std::uint8_t udp = 17;
inline constexpr std::uint8_t ipv6 = 41;
inline constexpr std::uint8_t gre = 47;
inline constexpr std::uint8_t icmpv6 = 58;
}  // namespace ip_protocol

struct [[gnu::may_alias]] EthernetHeader {
  MacAddress destination;
  MacAddress source;
  be16 type;
};
static_assert(sizeof(EthernetHeader) == 14 && alignof(EthernetHeader) == 1);

/// RFC 826, for Ethernet and IPv4.
struct [[gnu::may_alias]] ArpHeader {
  static constexpr std::uint16_t request = 1;
  static constexpr std::uint16_t reply = 2;
  be16 hardware_type;
  be16 protocol_type;
  std::uint8_t hardware_length;
  std::uint8_t protocol_length;
  be16 operation;
  MacAddress sender_mac;
  Ipv4Address sender;
  MacAddress target_mac;
  Ipv4Address target;
};
static_assert(sizeof(ArpHeader) == 28 && alignof(ArpHeader) == 1);

/// RFC 791 section 3.1.
struct [[gnu::may_alias]] Ipv4Header {
  static constexpr std::uint16_t dont_fragment = 0x4000;
  static constexpr std::uint16_t more_fragments = 0x2000;
  static constexpr std::uint16_t offset_mask = 0x1fff;

  std::uint8_t version_ihl;
  std::uint8_t tos;
  be16 total_length;  ///< bytes, header included
  be16 id;
  be16 fragment;  ///< flags and offset in units of 8 bytes
  std::uint8_t ttl;
  std::uint8_t protocol;
  be16 checksum;
  Ipv4Address source;
  Ipv4Address destination;

  [[nodiscard]] constexpr unsigned version() const noexcept { return version_ihl >> 4U; }
  /// Version 4, and no options.
  [[nodiscard]] constexpr bool is_plain() const noexcept { return version_ihl == 0x45; }
  /// In bytes, as the header claims: 0 to 60.
  [[nodiscard]] constexpr unsigned header_length() const noexcept {
    return (version_ihl & 0xfU) * 4U;
  }
  [[nodiscard]] constexpr bool has_dont_fragment() const noexcept {
    return (fragment.host() & dont_fragment) != 0;
  }
  /// Any piece of a fragmented datagram, the last (offset without MF) included.
  [[nodiscard]] constexpr bool is_fragment() const noexcept {
    return (fragment.raw() & be16{more_fragments | offset_mask}.raw()) != 0;
  }
  [[nodiscard]] constexpr bool is_later_fragment() const noexcept {
    return (fragment.host() & offset_mask) != 0;
  }
};
static_assert(sizeof(Ipv4Header) == 20 && alignof(Ipv4Header) == 1);

/// RFC 8200 section 3.
struct [[gnu::may_alias]] Ipv6Header {
  static constexpr unsigned minimum_mtu = 1280;  // section 5
  be32 version_class_label;
  be16 payload_length;  ///< bytes behind this header
  std::uint8_t next_header;
  std::uint8_t hop_limit;
  Ipv6Address source;
  Ipv6Address destination;

  [[nodiscard]] constexpr unsigned version() const noexcept {
    return version_class_label.host() >> 28U;
  }
  [[nodiscard]] constexpr std::uint32_t flow_label() const noexcept {
    return version_class_label.host() & 0xfffffU;
  }
  [[nodiscard]] constexpr std::uint8_t traffic_class() const noexcept {
    return static_cast<std::uint8_t>(version_class_label.host() >> 20U);
  }
  constexpr void set_traffic_class(std::uint8_t value) noexcept {
    version_class_label = be32{(version_class_label.host() & ~(0xffU << 20U)) |
                               (static_cast<std::uint32_t>(value) << 20U)};
  }
};
static_assert(sizeof(Ipv6Header) == 40 && alignof(Ipv6Header) == 1);

/// RFC 2784 section 2.1 and RFC 2890 section 2; optional fields follow in the order C, K, S.
struct [[gnu::may_alias]] GreHeader {
  static constexpr std::uint16_t checksum_present = 0x8000;
  static constexpr std::uint16_t routing_present = 0x4000;
  static constexpr std::uint16_t key_present = 0x2000;
  static constexpr std::uint16_t sequence_present = 0x1000;
  static constexpr std::uint16_t version_mask = 0x0007;
  be16 flags;
  be16 protocol;  ///< an EtherType
};
static_assert(sizeof(GreHeader) == 4 && alignof(GreHeader) == 1);

/// RFC 792 and RFC 4443 share this layout; `rest` is identifier and sequence, or the MTU.
struct [[gnu::may_alias]] IcmpHeader {
  std::uint8_t type;
  std::uint8_t code;
  be16 checksum;
  be32 rest;
};
static_assert(sizeof(IcmpHeader) == 8 && alignof(IcmpHeader) == 1);

namespace icmp {
inline constexpr std::uint8_t echo_reply = 0;
inline constexpr std::uint8_t unreachable = 3;
inline constexpr std::uint8_t source_quench = 4;
inline constexpr std::uint8_t redirect = 5;
inline constexpr std::uint8_t echo_request = 8;
inline constexpr std::uint8_t time_exceeded = 11;
inline constexpr std::uint8_t parameter_problem = 12;
inline constexpr std::uint8_t code_reassembly = 1;  // of time_exceeded
inline constexpr std::uint8_t code_net = 0;
inline constexpr std::uint8_t code_host = 1;
inline constexpr std::uint8_t code_protocol = 2;
inline constexpr std::uint8_t code_port = 3;
inline constexpr std::uint8_t code_fragmentation_needed = 4;
inline constexpr std::uint8_t code_prohibited = 13;
}  // namespace icmp

namespace icmpv6 {
inline constexpr std::uint8_t unreachable = 1;
inline constexpr std::uint8_t packet_too_big = 2;
inline constexpr std::uint8_t time_exceeded = 3;
inline constexpr std::uint8_t parameter_problem = 4;
inline constexpr std::uint8_t echo_request = 128;
inline constexpr std::uint8_t echo_reply = 129;
inline constexpr std::uint8_t neighbour_solicitation = 135;
inline constexpr std::uint8_t neighbour_advertisement = 136;
inline constexpr std::uint8_t code_no_route = 0;
inline constexpr std::uint8_t code_prohibited = 1;
inline constexpr std::uint8_t code_address = 3;
inline constexpr std::uint8_t code_port = 4;
}  // namespace icmpv6

/// RFC 4861 sections 4.3 and 4.4: solicitation and advertisement, without their options.
struct [[gnu::may_alias]] NeighbourMessage {
  static constexpr std::uint32_t router = 0x80000000;
  static constexpr std::uint32_t solicited = 0x40000000;
  static constexpr std::uint32_t override_entry = 0x20000000;
  IcmpHeader icmp;  ///< `rest` holds the flags above (advertisement only)
  Ipv6Address target;
};
/// RFC 4861 section 4.6.1: source (1) or target (2) link-layer address, one unit of 8 bytes long.
struct [[gnu::may_alias]] LinkLayerOption {
  static constexpr std::uint8_t source = 1;
  static constexpr std::uint8_t target = 2;
  std::uint8_t type;
  std::uint8_t length;
  MacAddress mac;
};
static_assert(sizeof(NeighbourMessage) == 24 && sizeof(LinkLayerOption) == 8);

/// RFC 9293 section 3.1, without options.
struct [[gnu::may_alias]] TcpHeader {
  static constexpr std::uint8_t syn = 0x02;
  be16 source;
  be16 destination;
  be32 sequence;
  be32 acknowledgement;
  std::uint8_t data_offset;  ///< its high half, in units of 4 bytes
  std::uint8_t flags;
  be16 window;
  be16 checksum;
  be16 urgent;

  /// In bytes, as the header claims: 0 to 60.
  [[nodiscard]] constexpr unsigned header_length() const noexcept {
    return (data_offset >> 4U) * 4U;
  }
};
static_assert(sizeof(TcpHeader) == 20 && alignof(TcpHeader) == 1);

/// RFC 768.
struct [[gnu::may_alias]] UdpHeader {
  be16 source;
  be16 destination;
  be16 length;
  be16 checksum;
};
static_assert(sizeof(UdpHeader) == 8 && alignof(UdpHeader) == 1);

/// Lays a header over bytes; the caller has checked that they are there.
template <typename Header>
[[nodiscard]] inline Header& header_at(std::byte* bytes) noexcept {
  static_assert(alignof(Header) == 1);
  return *reinterpret_cast<Header*>(bytes);
}
template <typename Header>
[[nodiscard]] inline const Header& header_at(const std::byte* bytes) noexcept {
  static_assert(alignof(Header) == 1);
  return *reinterpret_cast<const Header*>(bytes);
}

}  // namespace culvert
