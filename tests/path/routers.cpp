// SPDX-License-Identifier: BSD-3-Clause
#include "path/routers.hpp"

namespace culvert::test {
namespace {

constexpr std::size_t unit = 8;  // of fragment offsets, RFC 791 section 3.1
constexpr std::size_t longest_error = 576;

void set_checksum(Bytes& packet) {
  auto& ip = header_at<Ipv4Header>(packet.data());
  ip.checksum = {};
  ip.checksum = ipv4_checksum(packet.data(), ip.header_length());
}

/// RFC 791 section 3.2, for headers without options. `packet` may be a fragment itself.
std::vector<Bytes> cut(const Bytes& packet, unsigned mtu) {
  const Ipv4Header whole = header_at<Ipv4Header>(packet.data());
  const std::size_t room = (mtu - sizeof(Ipv4Header)) / unit * unit;
  const std::size_t length = packet.size() - sizeof(Ipv4Header);
  std::vector<Bytes> pieces;
  for (std::size_t at = 0; at < length; at += room) {
    const std::size_t count = std::min(room, length - at);
    const auto body = packet.begin() + std::ptrdiff_t{sizeof(Ipv4Header)};
    Bytes piece = first(packet, sizeof(Ipv4Header));
    piece.insert(piece.end(), body + static_cast<std::ptrdiff_t>(at),
                 body + static_cast<std::ptrdiff_t>(at + count));
    auto& ip = header_at<Ipv4Header>(piece.data());
    ip.total_length = be16{static_cast<std::uint16_t>(piece.size())};
    std::size_t fragment = whole.fragment.host() + at / unit;
    if (at + count < length) {
      fragment |= Ipv4Header::more_fragments;
    }
    ip.fragment = be16{static_cast<std::uint16_t>(fragment)};
    set_checksum(piece);
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

}  // namespace

void Routers::start(Quote quote) {
  quote_ = quote;
  told_.clear();
}

Routers::Outcome Routers::forward(const Bytes& packet) {
  Outcome outcome{.arrived = {packet}};
  for (std::size_t link = 1; link < links_.size(); ++link) {
    for (Bytes& each : std::exchange(outcome.arrived, {})) {
      pass(std::move(each), links_[link], outcome.arrived, outcome.errors);
    }
  }
  return outcome;
}

/// RFC 1812 section 5.2.1: what is broken, or has lived too long, goes no further.
void Routers::pass(Bytes packet, unsigned mtu, std::vector<Bytes>& on, std::vector<Bytes>& errors) {
  auto& ip = header_at<Ipv4Header>(packet.data());
  if (ip.total_length.host() != packet.size() || ip.ttl <= 1 ||
      !ipv4_checksum_ok(packet.data(), ip.header_length())) {
    return;
  }
  if (packet.size() > mtu && ip.has_dont_fragment()) {
    errors.push_back(refuse(packet, mtu));
    return;
  }
  --ip.ttl;
  set_checksum(packet);
  if (packet.size() <= mtu) {
    on.push_back(std::move(packet));
    return;
  }
  for (Bytes& piece : cut(packet, mtu)) {
    on.push_back(std::move(piece));
  }
}

/// RFC 1191 section 4.
Bytes Routers::refuse(const Bytes& packet, unsigned mtu) {
  told_.insert(mtu);
  const auto& ip = header_at<Ipv4Header>(packet.data());
  const std::size_t most = quote_ == Quote::eight_bytes
                               ? ip.header_length() + 8
                               : longest_error - sizeof(Ipv4Header) - sizeof(IcmpHeader);
  const std::string sender = to_string(ip.source);
  return ipv4(address, sender, ip_protocol::icmp,
              icmp4(icmp::unreachable, icmp::code_fragmentation_needed, mtu,
                    first(packet, std::min(most, packet.size()))));
}

}  // namespace culvert::test
