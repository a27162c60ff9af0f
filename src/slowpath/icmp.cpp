// SPDX-License-Identifier: BSD-3-Clause
// slowpath: ICMP that is addressed to us; the errors that we send are in icmp_errors.cpp.
#include "culvert/slowpath/icmp.hpp"

#include <utility>

#include "culvert/net/checksum.hpp"

namespace culvert {
namespace {

constexpr std::uint8_t our_ttl = 64;
constexpr std::uint32_t next_header_offset = 6;  // in the IPv6 header
constexpr std::uint8_t unrecognized_next_header = 1;

// RFC 8200 section 4: headers that carry an upper layer, or nothing (59), but are none.
constexpr bool is_extension(std::uint8_t header) noexcept {
  return header == 0 || header == 43 || header == 44 || header == 59 || header == 60;
}

std::uint64_t pseudo_sum(const rte_mbuf* m, const Ipv6Header& ip) noexcept {
  return pseudo_header_sum(ip.source, ip.destination,
                           m->pkt_len - static_cast<std::uint32_t>(sizeof(Ipv6Header)),
                           ip_protocol::icmpv6);
}

/// Whether the ICMP message behind the first `offset` bytes is an echo request, and intact.
bool is_echo_request(const rte_mbuf* m, std::uint32_t offset, std::uint8_t type,
                     std::uint64_t pseudo) noexcept {
  return m->pkt_len >= offset + sizeof(IcmpHeader) &&
         header_at<IcmpHeader>(data_of(m) + offset).type == type &&
         sum_behind(m, offset, pseudo) == 0xffffU;
}

void make_reply(rte_mbuf* m, std::uint32_t offset, std::uint8_t type,
                std::uint64_t pseudo) noexcept {
  auto& message = header_at<IcmpHeader>(data_of(m) + offset);
  message.type = type;
  // Not adjusted but computed: what is adjusted cannot tell the two zeros apart (RFC 1624).
  message.checksum = be16{};
  message.checksum = to_checksum(sum_behind(m, offset, pseudo));
}

}  // namespace

void Icmp::receive(rte_mbuf* m, Time now) {
  if (header_at<Ipv4Header>(data_of(m)).version() == 4) {
    receive_ipv4(m, now);
  } else {
    receive_ipv6(m, now);
  }
}

void Icmp::receive_ipv4(rte_mbuf* m, Time now) {
  const auto& ip = header_at<Ipv4Header>(data_of(m));
  if (ip.is_fragment()) {
    around_.outbox.drop(m, Drop::not_handled);
    return;
  }
  switch (ip.protocol) {
    case ip_protocol::icmp:
      echo_ipv4(m);
      break;
    case ip_protocol::udp:
    case ip_protocol::tcp:
      refuse(m, {icmp::unreachable, icmp::code_port}, now);
      break;
    default:
      refuse(m, {icmp::unreachable, icmp::code_protocol}, now);
  }
}

void Icmp::receive_ipv6(rte_mbuf* m, Time now) {
  const auto& ip = header_at<Ipv6Header>(data_of(m));
  if (ip.destination.is_multicast() || is_extension(ip.next_header)) {
    around_.outbox.drop(m, Drop::not_handled);
    return;
  }
  switch (ip.next_header) {
    case ip_protocol::icmpv6:
      echo_ipv6(m);
      break;
    case ip_protocol::udp:
    case ip_protocol::tcp:
      refuse(m, {icmpv6::unreachable, icmpv6::code_port}, now);
      break;
    default:
      refuse(m, {icmpv6::parameter_problem, unrecognized_next_header, next_header_offset}, now);
  }
}

/// RFC 792 and RFC 1122 section 3.2.2.6. The request's options are not returned.
void Icmp::echo_ipv4(rte_mbuf* m) {
  const Ipv4Header request = header_at<Ipv4Header>(data_of(m));
  const unsigned options = request.header_length() - unsigned{sizeof(Ipv4Header)};
  if (!is_echo_request(m, request.header_length(), icmp::echo_request, 0) ||
      !is_other_host(request.source)) {
    around_.outbox.drop(m, Drop::not_handled);
    return;
  }
  strip(m, options);
  auto& reply = header_at<Ipv4Header>(data_of(m));
  reply = {.version_ihl = 0x45,
           .tos = request.tos,
           .total_length = be16{static_cast<std::uint16_t>(m->pkt_len)},
           .id = be16{next_id_++},
           .fragment = be16{},
           .ttl = our_ttl,
           .protocol = ip_protocol::icmp,
           .checksum = be16{},
           .source = request.destination,
           .destination = request.source};
  reply.checksum = ipv4_checksum(data_of(m), sizeof(Ipv4Header));
  make_reply(m, sizeof(Ipv4Header), icmp::echo_reply, 0);
  around_.outbox.count_delivered();
  send(m, facts_of(m).worker, std::nullopt);
}

/// RFC 4443 section 4.2.
void Icmp::echo_ipv6(rte_mbuf* m) {
  auto& ip = header_at<Ipv6Header>(data_of(m));
  const std::uint64_t pseudo = pseudo_sum(m, ip);
  if (!is_echo_request(m, sizeof(Ipv6Header), icmpv6::echo_request, pseudo) ||
      !is_other_host(ip.source)) {
    around_.outbox.drop(m, Drop::not_handled);
    return;
  }
  std::optional<WayBack> way;
  if (ip.source.is_link_local() || ip.destination.is_link_local()) {
    way = way_back(around_, m);
    if (!way) {
      around_.outbox.drop(m, Drop::link_local);
      return;
    }
  }
  const std::uint8_t traffic_class = ip.traffic_class();
  ip.version_class_label = be32{6U << 28U};
  ip.set_traffic_class(traffic_class);
  ip.hop_limit = our_ttl;
  std::swap(ip.source, ip.destination);
  make_reply(m, sizeof(Ipv6Header), icmpv6::echo_reply, pseudo);
  around_.outbox.count_delivered();
  send(m, facts_of(m).worker, way);
}

void Icmp::refuse(rte_mbuf* m, const IcmpError& error, Time now) {
  tell(m, error, true, now);
  around_.outbox.drop(m, Drop::not_handled);
}

}  // namespace culvert
