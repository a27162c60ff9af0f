// SPDX-License-Identifier: BSD-3-Clause
#include "support/frames.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <random>

#include "culvert/codec/modes.hpp"
#include "culvert/net/checksum.hpp"
#include "culvert/net/headers.hpp"

namespace culvert::bench {
namespace {

constexpr std::size_t smallest_frame = 60;  // 64 with the checksum, which no port hands over
constexpr std::uint16_t udp_length = 18;    // as in a frame of 64 bytes over IPv4
constexpr std::uint32_t fewest_frames = 4096;

template <typename Header>
void append(Bytes& bytes, const Header& header) {
  const std::size_t at = bytes.size();
  bytes.resize(at + sizeof header);
  std::memcpy(bytes.data() + at, &header, sizeof header);
}

void append_bytes(Bytes& bytes, const Bytes& more) {
  bytes.reserve(bytes.size() + more.size());
  std::copy(more.begin(), more.end(), std::back_inserter(bytes));
}

void append_ipv4(Bytes& bytes, std::uint8_t protocol, std::size_t body, Ipv4Address source,
                 Ipv4Address destination) {
  Ipv4Header header{.version_ihl = 0x45,
                    .tos = 0,
                    .total_length = be16{static_cast<std::uint16_t>(sizeof(Ipv4Header) + body)},
                    .id{},
                    .fragment = be16{Ipv4Header::dont_fragment},
                    .ttl = 64,
                    .protocol = protocol,
                    .checksum{},
                    .source = source,
                    .destination = destination};
  header.checksum = ipv4_checksum(reinterpret_cast<const std::byte*>(&header), sizeof header);
  append(bytes, header);
}

Bytes inner_packet(bool v6, Ipv4Address destination, const Ipv6Address& destination6) {
  Bytes bytes;
  if (v6) {
    append(bytes, Ipv6Header{.version_class_label = be32{6U << 28U},
                             .payload_length = be16{udp_length},
                             .next_header = ip_protocol::udp,
                             .hop_limit = 64,
                             .source = host6(1),
                             .destination = destination6});
  } else {
    append_ipv4(bytes, ip_protocol::udp, udp_length, Ipv4Address::from_host(0x0b000001),
                destination);
  }
  bytes.resize(bytes.size() + udp_length);
  return bytes;
}

Bytes frame_of(const Bytes& packet, std::uint16_t type) {
  Bytes bytes;
  append(bytes, EthernetHeader{gateway_mac, peer_mac, be16{type}});
  append_bytes(bytes, packet);
  bytes.resize(std::max(bytes.size(), smallest_frame));
  return bytes;
}

std::uint16_t type_of(const Case& one) {
  return one.v6 ? ether_type::ipv6 : ether_type::ipv4;
}

/// The GRE header of a tunnel, and the packet behind it.
Bytes in_gre(const Case& one, std::uint32_t tunnel, const Bytes& inner) {
  const bool checksum = (one.fields & gre_field::checksum) != 0;
  const unsigned flags =
      (checksum ? GreHeader::checksum_present : 0U) | (one.keyed ? GreHeader::key_present : 0U);
  Bytes bytes;
  append(bytes, GreHeader{be16{static_cast<std::uint16_t>(flags)}, be16{type_of(one)}});
  if (checksum) {
    append(bytes, be32{});
  }
  if (one.keyed) {
    append(bytes, key(tunnel));
  }
  append_bytes(bytes, inner);
  if (checksum) {
    const be16 sum = to_checksum(raw_sum(bytes));
    std::memcpy(bytes.data() + sizeof(GreHeader), &sum, sizeof sum);
  }
  return bytes;
}

Bytes tunnelled_frame(const Case& one, std::uint32_t tunnel) {
  const Bytes inner = inner_packet(one.v6, behind, behind6);
  const Bytes body = one.mode == TunnelMode::gre ? in_gre(one, tunnel, inner) : inner;
  const std::uint8_t protocol =
      visit_mode(one.mode, [&](auto m) { return decltype(m)::Stack::protocol(type_of(one)); });
  Bytes packet;
  append_ipv4(packet, protocol, body.size(), remote(tunnel), local);
  append_bytes(packet, body);
  return frame_of(packet, ether_type::ipv4);
}

}  // namespace

Ipv4Address remote(std::uint32_t number) {
  return Ipv4Address::from_host(0x0a800000 + number);
}
be32 key(std::uint32_t number) {
  return be32{0x5eed0000 + number};
}
Ipv4Address host(std::uint32_t number) {
  return Ipv4Address::from_host(0x14000000 + (number << 8U));
}
Ipv6Address host6(std::uint32_t number) {
  Ipv6Address address{{0x20, 0x01, 0x0d, 0xb8}};
  const be32 word{number};
  std::memcpy(&address.bytes[4], &word, sizeof word);
  return address;
}

std::vector<Bytes> frames_of(const Case& one) {
  std::mt19937 random(1);
  std::vector<Bytes> frames(std::max(one.count, fewest_frames));
  std::generate(frames.begin(), frames.end(), [&] {
    const std::uint32_t to = static_cast<std::uint32_t>(random()) % one.count;
    return one.way == Way::decapsulate
               ? tunnelled_frame(one, to)
               : frame_of(inner_packet(one.v6, host(to), host6(to)), type_of(one));
  });
  return frames;
}

}  // namespace culvert::bench
