// SPDX-License-Identifier: BSD-3-Clause
// tests/golden: where the headers of a captured frame stand. Each returns the offset of an IP
// header in the frame, or 0 where there is none.
#pragma once

#include <cstddef>

#include "support/bytes.hpp"

namespace culvert::test {

/// Behind the Ethernet header.
[[nodiscard]] std::size_t ip_of(const Bytes& frame);
/// Inside a tunnel's packet: IPv4 or IPv6, behind GRE or not.
[[nodiscard]] std::size_t inner_of(const Bytes& frame);
/// Quoted by the ICMP or ICMPv6 error behind ip_of() that is the whole packet.
[[nodiscard]] std::size_t quoted_of(const Bytes& frame);
/// Of the packet itself where it is no tunnel's, else of the one inside.
[[nodiscard]] std::size_t last_of(const Bytes& frame);

/// At an offset that one of these returned.
[[nodiscard]] bool is_ipv4(const Bytes& frame, std::size_t ip);
[[nodiscard]] bool is_ipv6(const Bytes& frame, std::size_t ip);
/// The ICMP or ICMPv6 type of the packet there, or -1.
[[nodiscard]] int icmp_type_of(const Bytes& frame, std::size_t ip);

/// The frame is an ICMP or ICMPv6 error, outside any tunnel.
[[nodiscard]] bool is_icmp_error(const Bytes& frame);
[[nodiscard]] bool is_fragment(const Bytes& frame, std::size_t ip);

}  // namespace culvert::test
