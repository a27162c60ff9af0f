// SPDX-License-Identifier: BSD-3-Clause
#include "golden/layers.hpp"

namespace culvert::test {
namespace {

unsigned byte_at(const Bytes& frame, std::size_t offset) {
  return offset < frame.size() ? std::to_integer<unsigned>(frame[offset]) : 0;
}

unsigned version_at(const Bytes& frame, std::size_t ip) {
  return ip == 0 ? 0 : byte_at(frame, ip) >> 4U;
}

std::size_t header_length(const Bytes& frame, std::size_t ip) {
  return is_ipv4(frame, ip) ? (byte_at(frame, ip) & 0x0fU) * 4 : sizeof(Ipv6Header);
}

unsigned protocol_at(const Bytes& frame, std::size_t ip) {
  return is_ipv4(frame, ip) ? byte_at(frame, ip + 9) : byte_at(frame, ip + 6);
}

bool is_later_fragment(const Bytes& frame, std::size_t ip) {
  return is_ipv4(frame, ip) && ((byte_at(frame, ip + 6) & 0x1fU) | byte_at(frame, ip + 7)) != 0;
}

/// The length of the GRE header there.
std::size_t gre_length(const Bytes& frame, std::size_t gre) {
  const unsigned flags = byte_at(frame, gre);
  std::size_t length = sizeof(GreHeader);
  for (const unsigned flag : {0x80U, 0x20U, 0x10U}) {
    length += (flags & flag) != 0 ? 4 : 0;
  }
  return length;
}

std::size_t ip_at(const Bytes& frame, std::size_t offset) {
  const unsigned version = byte_at(frame, offset) >> 4U;
  const std::size_t length = version == 4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header);
  return (version == 4 || version == 6) && offset + length <= frame.size() ? offset : 0;
}

}  // namespace

bool is_ipv4(const Bytes& frame, std::size_t ip) {
  return version_at(frame, ip) == 4;
}
bool is_ipv6(const Bytes& frame, std::size_t ip) {
  return version_at(frame, ip) == 6;
}

std::size_t ip_of(const Bytes& frame) {
  return ip_at(frame, sizeof(EthernetHeader));
}

std::size_t inner_of(const Bytes& frame) {
  const std::size_t ip = ip_of(frame);
  if (!is_ipv4(frame, ip) || is_later_fragment(frame, ip)) {
    return 0;
  }
  const std::size_t next = ip + header_length(frame, ip);
  switch (protocol_at(frame, ip)) {
    case ip_protocol::ipip:
    case ip_protocol::ipv6:
      return ip_at(frame, next);
    case ip_protocol::gre:
      return ip_at(frame, next + gre_length(frame, next));
    default:
      return 0;
  }
}

std::size_t quoted_of(const Bytes& frame) {
  const std::size_t ip = ip_of(frame);
  return is_icmp_error(frame) ? ip_at(frame, ip + header_length(frame, ip) + sizeof(IcmpHeader))
                              : 0;
}

std::size_t last_of(const Bytes& frame) {
  const std::size_t inner = inner_of(frame);
  return inner != 0 ? inner : ip_of(frame);
}

int icmp_type_of(const Bytes& frame, std::size_t ip) {
  if (ip == 0 || is_later_fragment(frame, ip)) {
    return -1;
  }
  const unsigned protocol = is_ipv4(frame, ip) ? ip_protocol::icmp : ip_protocol::icmpv6;
  return protocol_at(frame, ip) == protocol
             ? static_cast<int>(byte_at(frame, ip + header_length(frame, ip)))
             : -1;
}

bool is_icmp_error(const Bytes& frame) {
  const std::size_t ip = ip_of(frame);
  const int type = icmp_type_of(frame, ip);
  if (is_ipv4(frame, ip)) {
    return type == icmp::unreachable || type == icmp::time_exceeded ||
           type == icmp::parameter_problem;
  }
  return type >= 0 && type < icmpv6::echo_request;
}

bool is_fragment(const Bytes& frame, std::size_t ip) {
  return is_ipv4(frame, ip) && header_at<Ipv4Header>(frame.data() + ip).is_fragment();
}

}  // namespace culvert::test
