// SPDX-License-Identifier: BSD-3-Clause
// slowpath: ARP (RFC 826) as bytes: no state, no mbufs.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "culvert/net/headers.hpp"

namespace culvert {

struct ArpFrame {
  EthernetHeader ethernet;
  ArpHeader arp;

  [[nodiscard]] bool is_request() const noexcept {
    return arp.operation.host() == ArpHeader::request;
  }
  /// RFC 5227 section 1.1: asks whether anybody has the address yet.
  [[nodiscard]] bool is_probe() const noexcept { return is_request() && arp.sender.is_any(); }
  /// RFC 5227 section 3: says where the sender is, to everybody and unasked.
  [[nodiscard]] bool is_gratuitous() const noexcept {
    return arp.sender == arp.target && (is_request() || arp.sender_mac == arp.target_mac);
  }
};
static_assert(sizeof(ArpFrame) == 42 && alignof(ArpFrame) == 1);

/// Empty unless it is a request or a reply for Ethernet and IPv4 between addresses that can be
/// true. What stands behind it is padding.
[[nodiscard]] std::optional<ArpFrame> parse_arp(std::span<const std::byte> frame) noexcept;

/// From `mac` and `sender`, to `to`: everybody, or who is believed to have the address `target`.
[[nodiscard]] ArpFrame make_arp_request(const MacAddress& mac, Ipv4Address sender,
                                        const MacAddress& to, Ipv4Address target) noexcept;
/// That what `request` asks for is at `mac`.
[[nodiscard]] ArpFrame make_arp_reply(const ArpFrame& request, const MacAddress& mac) noexcept;

}  // namespace culvert
