// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/arp_frame.hpp"

#include <cstring>

namespace culvert {
namespace {

constexpr std::uint16_t hardware_ethernet = 1;  // RFC 826, definitions

bool is_sender(const MacAddress& mac) noexcept {
  return !mac.is_group() && mac != MacAddress{};
}

bool is_host(Ipv4Address address) noexcept {
  return !address.is_multicast() && !address.is_limited_broadcast() && !address.is_loopback();
}

ArpFrame make(std::uint16_t operation, const MacAddress& from, const MacAddress& to) noexcept {
  ArpFrame frame{};
  frame.ethernet = {to, from, be16{ether_type::arp}};
  frame.arp.hardware_type = be16{hardware_ethernet};
  frame.arp.protocol_type = be16{ether_type::ipv4};
  frame.arp.hardware_length = sizeof(MacAddress);
  frame.arp.protocol_length = sizeof(Ipv4Address);
  frame.arp.operation = be16{operation};
  frame.arp.sender_mac = from;
  return frame;
}

}  // namespace

std::optional<ArpFrame> parse_arp(std::span<const std::byte> bytes) noexcept {
  if (bytes.size() < sizeof(ArpFrame)) {
    return std::nullopt;
  }
  const auto& frame = header_at<ArpFrame>(bytes.data());
  const ArpHeader& arp = frame.arp;
  const std::uint16_t operation = arp.operation.host();
  const bool format = frame.ethernet.type.host() == ether_type::arp &&
                      arp.hardware_type.host() == hardware_ethernet &&
                      arp.protocol_type.host() == ether_type::ipv4 &&
                      arp.hardware_length == sizeof(MacAddress) &&
                      arp.protocol_length == sizeof(Ipv4Address) &&
                      (operation == ArpHeader::request || operation == ArpHeader::reply);
  if (!format || frame.ethernet.source.is_group() || !is_sender(arp.sender_mac) ||
      !is_host(arp.sender) || !is_host(arp.target)) {
    return std::nullopt;
  }
  if (arp.sender.is_any() && operation != ArpHeader::request) {
    return std::nullopt;
  }
  return frame;
}

ArpFrame make_arp_request(const MacAddress& mac, Ipv4Address sender, const MacAddress& to,
                          Ipv4Address target) noexcept {
  ArpFrame frame = make(ArpHeader::request, mac, to);
  frame.arp.sender = sender;
  frame.arp.target = target;
  return frame;
}

ArpFrame make_arp_reply(const ArpFrame& request, const MacAddress& mac) noexcept {
  ArpFrame frame = make(ArpHeader::reply, mac, request.arp.sender_mac);
  frame.arp.sender = request.arp.target;
  frame.arp.target_mac = request.arp.sender_mac;
  frame.arp.target = request.arp.sender;
  return frame;
}

}  // namespace culvert
