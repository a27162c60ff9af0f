// SPDX-License-Identifier: BSD-3-Clause
// dataplane: IPv4 options, for packets that have any: the rest never comes here. What they are made
// of stands in net/ip_options.hpp.
#pragma once

#include "culvert/dataplane/parse.hpp"
#include "culvert/fib/next_hop.hpp"

namespace culvert {

[[nodiscard]] inline bool has_options(const Packet& packet) noexcept {
  return packet.is_ipv4() && !packet.ipv4().is_plain();
}

/// Between stages 1 and 2: options that are wrong are reported, source routes dropped without a
/// word, as Linux does by default (RFC 7126 sections 4.3 and 4.4).
[[nodiscard, gnu::cold]] Verdict examine_options(Lane& lane, Packet packet) noexcept;

/// A packet that is forwarded to `next_hop` records that it came by here.
[[gnu::cold]] void stamp_options(const Lane& lane, Packet packet, const NextHop& next_hop) noexcept;

}  // namespace culvert
