// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/discovery_frame.hpp"

#include <algorithm>

#include "culvert/net/checksum.hpp"

namespace culvert {
namespace {

// RFC 4861 section 7.1: 255 shows that no router has forwarded it.
constexpr std::uint8_t hop_limit = 255;
constexpr std::size_t option_unit = 8;  // section 4.6: option lengths count these
constexpr std::uint16_t message_length = sizeof(NeighbourMessage) + sizeof(LinkLayerOption);
constexpr Ipv6Address all_nodes{{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01}};

bool is_solicited_node(const Ipv6Address& address) noexcept {
  return address == solicited_node(address);
}

/// Looks for the option of `type`; false if an option is malformed, or the MAC cannot be one.
bool read_options(std::span<const std::byte> options, std::uint8_t type,
                  std::optional<MacAddress>& mac) noexcept {
  while (!options.empty()) {
    if (options.size() < option_unit) {
      return false;
    }
    const auto& option = header_at<LinkLayerOption>(options.data());
    const std::size_t length = option.length * option_unit;
    if (length == 0 || length > options.size()) {
      return false;
    }
    if (option.type == type) {
      if (length != sizeof(LinkLayerOption) || option.mac.is_group() ||
          option.mac == MacAddress{}) {
        return false;
      }
      mac = option.mac;
    }
    options = options.subspan(length);
  }
  return true;
}

bool has_valid_addresses(const DiscoveryMessage& message) noexcept {
  if (message.target.is_multicast() || message.target.is_any()) {
    return false;
  }
  if (!message.is_solicitation) {
    return !(message.destination.is_multicast() && message.solicited);
  }
  return !message.source.is_any() ||
         (is_solicited_node(message.destination) && !message.mac.has_value());
}

DiscoveryFrame make(std::uint8_t type, const MacAddress& from, const Ipv6Address& source,
                    const Ipv6Address& target) noexcept {
  DiscoveryFrame frame{};
  frame.ethernet.source = from;
  frame.ethernet.type = be16{ether_type::ipv6};
  frame.ip.version_class_label = be32{6U << 28U};
  frame.ip.payload_length = be16{message_length};
  frame.ip.next_header = ip_protocol::icmpv6;
  frame.ip.hop_limit = hop_limit;
  frame.ip.source = source;
  frame.message.icmp.type = type;
  frame.message.target = target;
  frame.option.length = sizeof(LinkLayerOption) / option_unit;
  frame.option.mac = from;
  return frame;
}

void send_to(DiscoveryFrame& frame, const Ipv6Address& destination,
             const MacAddress& mac) noexcept {
  frame.ip.destination = destination;
  frame.ethernet.destination = mac;
  const auto whole = std::as_bytes(std::span{&frame, 1});
  const std::uint64_t pseudo =
      pseudo_header_sum(frame.ip.source, destination, message_length, ip_protocol::icmpv6);
  frame.message.icmp.checksum = to_checksum(raw_sum(whole.last(message_length), pseudo));
}

}  // namespace

Ipv6Address solicited_node(const Ipv6Address& address) noexcept {
  Ipv6Address group{{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0xff}};
  std::copy_n(address.bytes.end() - 3, 3, group.bytes.end() - 3);
  return group;
}

MacAddress multicast_mac(const Ipv6Address& group) noexcept {
  MacAddress mac{{0x33, 0x33}};
  std::copy_n(group.bytes.end() - 4, 4, mac.bytes.end() - 4);
  return mac;
}

std::optional<DiscoveryMessage> parse_discovery(std::span<const std::byte> packet) noexcept {
  if (packet.size() < sizeof(Ipv6Header) + sizeof(NeighbourMessage)) {
    return std::nullopt;
  }
  const auto& ip = header_at<Ipv6Header>(packet.data());
  const auto payload = packet.subspan(sizeof(Ipv6Header));
  const auto& message = header_at<NeighbourMessage>(payload.data());
  const std::uint8_t type = message.icmp.type;
  if (ip.next_header != ip_protocol::icmpv6 || ip.hop_limit != hop_limit ||
      message.icmp.code != 0 || ip.source.is_multicast() ||
      (type != icmpv6::neighbour_solicitation && type != icmpv6::neighbour_advertisement)) {
    return std::nullopt;
  }
  const std::uint64_t pseudo = pseudo_header_sum(
      ip.source, ip.destination, static_cast<std::uint32_t>(payload.size()), ip_protocol::icmpv6);
  if (fold(raw_sum(payload, pseudo)) != 0xffffU) {
    return std::nullopt;
  }
  DiscoveryMessage result;
  result.is_solicitation = type == icmpv6::neighbour_solicitation;
  if (!result.is_solicitation) {
    const std::uint32_t flags = message.icmp.rest.host();
    result.router = (flags & NeighbourMessage::router) != 0;
    result.solicited = (flags & NeighbourMessage::solicited) != 0;
    result.replace = (flags & NeighbourMessage::override_entry) != 0;
  }
  result.source = ip.source;
  result.destination = ip.destination;
  result.target = message.target;
  const std::uint8_t option =
      result.is_solicitation ? LinkLayerOption::source : LinkLayerOption::target;
  if (!read_options(payload.subspan(sizeof(NeighbourMessage)), option, result.mac) ||
      !has_valid_addresses(result)) {
    return std::nullopt;
  }
  return result;
}

DiscoveryFrame make_solicitation(const MacAddress& mac, const Ipv6Address& source,
                                 const Ipv6Address& target,
                                 const std::optional<MacAddress>& to) noexcept {
  DiscoveryFrame frame = make(icmpv6::neighbour_solicitation, mac, source, target);
  frame.option.type = LinkLayerOption::source;
  if (to) {
    send_to(frame, target, *to);
  } else {
    const Ipv6Address group = solicited_node(target);
    send_to(frame, group, multicast_mac(group));
  }
  return frame;
}

DiscoveryFrame make_advertisement(const DiscoveryMessage& solicitation, const MacAddress& mac,
                                  const MacAddress& to) noexcept {
  const bool solicited = !solicitation.source.is_any();
  DiscoveryFrame frame =
      make(icmpv6::neighbour_advertisement, mac, solicitation.target, solicitation.target);
  frame.option.type = LinkLayerOption::target;
  frame.message.icmp.rest = be32{NeighbourMessage::router | NeighbourMessage::override_entry |
                                 (solicited ? NeighbourMessage::solicited : 0U)};
  if (solicited) {
    send_to(frame, solicitation.source, to);
  } else {
    send_to(frame, all_nodes, multicast_mac(all_nodes));
  }
  return frame;
}

TunnelAdvertisement make_tunnel_advertisement(const DiscoveryMessage& solicitation) noexcept {
  const DiscoveryFrame frame = make_advertisement(solicitation, {}, {});
  TunnelAdvertisement packet{frame.ip, frame.message};
  packet.ip.payload_length = be16{sizeof(NeighbourMessage)};
  packet.message.icmp.checksum = be16{};
  packet.message.icmp.checksum =
      to_checksum(raw_sum(std::as_bytes(std::span{&packet.message, 1}),
                          pseudo_header_sum(packet.ip.source, packet.ip.destination,
                                            sizeof(NeighbourMessage), ip_protocol::icmpv6)));
  return packet;
}

}  // namespace culvert
