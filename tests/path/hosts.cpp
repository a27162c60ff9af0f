// SPDX-License-Identifier: BSD-3-Clause
#include "path/hosts.hpp"

#include <array>
#include <cstring>
#include <random>

namespace culvert::test {
namespace {

// RFC 8200 section 4.5.
struct FragmentHeader {
  static constexpr std::uint8_t number = 44;
  static constexpr unsigned more = 1;
  static constexpr unsigned offset_mask = 0xfff8;
  std::uint8_t next_header;
  std::uint8_t reserved;
  be16 offset;
  be32 id;
};

constexpr std::uint8_t protocol = ip_protocol::udp;

/// Without a period: what stands in the wrong place shows.
Bytes noise(std::size_t count) {
  std::minstd_rand random;
  Bytes bytes(count);
  for (std::byte& byte : bytes) {
    byte = static_cast<std::byte>(random() >> 8U & 0xffU);
  }
  return bytes;
}

std::size_t header_length(Traffic traffic) {
  return traffic == Traffic::ipv6 ? sizeof(Ipv6Header) : sizeof(Ipv4Header);
}

bool is_at(const Bytes& packet, std::size_t at, const Bytes& expected, std::size_t offset) {
  const std::size_t count = packet.size() - at;
  return offset + count <= expected.size() &&
         std::memcmp(packet.data() + at, expected.data() + offset, count) == 0;
}

}  // namespace

std::string_view name_of(Traffic traffic) {
  constexpr std::array<std::string_view, 3> names{"IPv4", "IPv4 with DF", "IPv6"};
  return names[static_cast<std::size_t>(traffic)];
}

Sender::Sender(Traffic traffic, const Node& self, const Node& other) : traffic_(traffic) {
  const Bytes body = noise(link_mtu - header_length(traffic));
  if (traffic == Traffic::ipv6) {
    longest_ = ipv6(self.host6, other.host6, protocol, body);
  } else {
    const std::uint16_t df = traffic == Traffic::ipv4_df ? Ipv4Header::dont_fragment : 0;
    longest_ = ipv4(self.host4, other.host4, protocol, body, {.fragment = df});
  }
}

Datagram Sender::make(unsigned size, unsigned path_mtu) {
  id_ = (id_ + 1) & 0xffffU;
  if (traffic_ == Traffic::ipv4_df) {
    size = std::min(size, path_mtu);
  }
  Datagram datagram{traffic_, id_, from(first(longest_, size), header_length(traffic_))};
  if (traffic_ != Traffic::ipv6) {
    datagram.packets = {whole4(size)};
  } else if (size <= path_mtu) {
    datagram.packets = {whole6(size)};
  } else {
    datagram.packets = fragments6(size, path_mtu);
  }
  for (const Bytes& packet : datagram.packets) {
    datagram.longest = std::max(datagram.longest, static_cast<unsigned>(packet.size()));
  }
  return datagram;
}

Bytes Sender::whole4(std::size_t size) const {
  Bytes packet = first(longest_, size);
  auto& ip = header_at<Ipv4Header>(packet.data());
  ip.total_length = be16{static_cast<std::uint16_t>(size)};
  ip.id = be16{static_cast<std::uint16_t>(id_)};
  ip.checksum = {};
  ip.checksum = ipv4_checksum(packet.data(), ip.header_length());
  return packet;
}

/// The ID is the flow label.
Bytes Sender::whole6(std::size_t size) const {
  Bytes packet = first(longest_, size);
  auto& ip = header_at<Ipv6Header>(packet.data());
  ip.version_class_label = be32{(6U << 28U) | id_};
  ip.payload_length = be16{static_cast<std::uint16_t>(size - sizeof(Ipv6Header))};
  return packet;
}

std::vector<Bytes> Sender::fragments6(std::size_t size, unsigned path_mtu) const {
  constexpr std::size_t headers = sizeof(Ipv6Header) + sizeof(FragmentHeader);
  const std::size_t room = (path_mtu - headers) / 8 * 8;
  std::vector<Bytes> packets;
  for (std::size_t at = sizeof(Ipv6Header); at < size; at += room) {
    const std::size_t end = std::min(at + room, size);
    Bytes packet = whole6(sizeof(Ipv6Header));
    auto& ip = header_at<Ipv6Header>(packet.data());
    ip.next_header = FragmentHeader::number;
    ip.payload_length = be16{static_cast<std::uint16_t>(sizeof(FragmentHeader) + end - at)};
    const std::size_t offset = at - sizeof(Ipv6Header) + (end < size ? FragmentHeader::more : 0);
    const Bytes fragment =
        bytes_of(FragmentHeader{protocol, 0, be16{static_cast<std::uint16_t>(offset)}, be32{id_}});
    packet.insert(packet.end(), fragment.begin(), fragment.end());
    packet.insert(packet.end(), longest_.begin() + static_cast<std::ptrdiff_t>(at),
                  longest_.begin() + static_cast<std::ptrdiff_t>(end));
    packets.push_back(std::move(packet));
  }
  return packets;
}

std::optional<unsigned> told_mtu(const Bytes& packet, const Datagram& datagram, const Node& host) {
  const std::size_t outer = header_length(datagram.traffic);
  if (packet.size() < outer + sizeof(IcmpHeader) + outer) {
    return std::nullopt;
  }
  const auto& error = header_at<IcmpHeader>(packet.data() + outer);
  const std::byte* const quote = packet.data() + outer + sizeof(IcmpHeader);
  if (datagram.traffic == Traffic::ipv6) {
    const auto& ip = header_at<Ipv6Header>(packet.data());
    const std::uint32_t label = header_at<Ipv6Header>(quote).version_class_label.host() & 0xfffffU;
    return ip.next_header == ip_protocol::icmpv6 && ip.destination == ip6(host.host6) &&
                   error.type == icmpv6::packet_too_big && label == datagram.id
               ? std::optional{error.rest.host()}
               : std::nullopt;
  }
  const auto& ip = header_at<Ipv4Header>(packet.data());
  return ip.protocol == ip_protocol::icmp && ip.destination == ip4(host.host4) &&
                 error.type == icmp::unreachable && error.code == icmp::code_fragmentation_needed &&
                 header_at<Ipv4Header>(quote).id.host() == datagram.id
             ? std::optional{error.rest.host()}
             : std::nullopt;
}

std::optional<Receiver::Part> Receiver::read4(const Bytes& packet) {
  const auto& ip = header_at<Ipv4Header>(packet.data());
  if (ip.version() != 4 || ip.header_length() != sizeof(Ipv4Header) ||
      ip.total_length.host() != packet.size() || ip.protocol != protocol ||
      !ipv4_checksum_ok(packet.data(), sizeof(Ipv4Header))) {
    return std::nullopt;
  }
  const unsigned fragment = ip.fragment.host();
  return Part{ip.id.host(), ip.header_length(), std::size_t{fragment & Ipv4Header::offset_mask} * 8,
              (fragment & Ipv4Header::more_fragments) == 0};
}

std::optional<Receiver::Part> Receiver::read6(const Bytes& packet) {
  const auto& ip = header_at<Ipv6Header>(packet.data());
  if (ip.version() != 6 || sizeof(Ipv6Header) + ip.payload_length.host() != packet.size()) {
    return std::nullopt;
  }
  const std::uint32_t id = ip.version_class_label.host() & 0xfffffU;
  if (ip.next_header == protocol) {
    return Part{id, sizeof(Ipv6Header), 0, true};
  }
  if (ip.next_header != FragmentHeader::number ||
      packet.size() < sizeof(Ipv6Header) + sizeof(FragmentHeader)) {
    return std::nullopt;
  }
  const auto& fragment = header_at<FragmentHeader>(packet.data() + sizeof(Ipv6Header));
  if (fragment.next_header != protocol || fragment.id.host() != id) {
    return std::nullopt;
  }
  const unsigned offset = fragment.offset.host();
  return Part{id, sizeof(Ipv6Header) + sizeof(FragmentHeader), offset & FragmentHeader::offset_mask,
              (offset & FragmentHeader::more) == 0};
}

bool Receiver::receive(const Bytes& packet) {
  if (packet.size() < header_length(expected_.traffic)) {
    return false;
  }
  const auto part = expected_.traffic == Traffic::ipv6 ? read6(packet) : read4(packet);
  if (!part || part->id != expected_.id ||
      !is_at(packet, part->header_length, expected_.body, part->offset)) {
    return false;
  }
  const std::size_t end = part->offset + packet.size() - part->header_length;
  has_last_ = has_last_ || part->last;
  return part->last == (end == expected_.body.size()) && parts_.emplace(part->offset, end).second;
}

bool Receiver::is_whole() const {
  std::size_t end = 0;
  for (const auto& [begin, part_end] : parts_) {
    if (begin != end) {
      return false;
    }
    end = part_end;
  }
  return has_last_ && end == expected_.body.size();
}

}  // namespace culvert::test
