// SPDX-License-Identifier: BSD-3-Clause
// dataplane, beside stage 2: packets that claim to come from ourselves (RFC 1812 section 5.3.7).
// Whoever sends them, through a tunnel or not, must not be believed; one kind is wanted all the
// same.
#pragma once

#include "culvert/dataplane/lane.hpp"

namespace culvert {

[[nodiscard]] inline bool has_own_source(const Forwarding& tables, const Packet& packet) noexcept {
  const auto is_own = [&tables](const auto& source) {
    return tables.own.may_have(source) && tables.is_own(source);
  };
  return packet.is_ipv4() ? is_own(packet.ipv4().source) : is_own(packet.ipv6().source);
}

/// A GRE keepalive, as routers send them: inside a GRE packet to us there is one from us to its
/// sender, with the protocol type 0 and nothing in it, which we have but to forward.
[[nodiscard]] inline bool is_keepalive(const Packet& packet, const OuterFacts& outer) noexcept {
  if (!packet.is_ipv4() || outer.protocol != ip_protocol::gre) {
    return false;
  }
  const Ipv4Header& inner = packet.ipv4();
  const unsigned length = inner.header_length();
  if (inner.protocol != ip_protocol::gre || inner.is_fragment() ||
      packet.mbuf->data_len < length + sizeof(GreHeader) || inner.source != outer.destination ||
      inner.destination != outer.source) {
    return false;
  }
  const auto& gre = header_at<GreHeader>(packet.start + length);
  return gre.protocol == be16{0} && (gre.flags.host() & GreHeader::version_mask) == 0;
}

}  // namespace culvert
