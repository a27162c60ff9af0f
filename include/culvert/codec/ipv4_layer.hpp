// SPDX-License-Identifier: BSD-3-Clause
// codec: IPv4 as the outermost layer (RFC 2003, RFC 4213, RFC 2784). No DPDK here.
#pragma once

#include "culvert/codec/layer.hpp"
#include "culvert/net/checksum.hpp"
#include "culvert/net/ecn.hpp"
#include "culvert/net/headers.hpp"

namespace culvert {

struct Ipv4Layer {
  static constexpr std::uint16_t number = ether_type::ipv4;
  static constexpr std::size_t minimum_size = sizeof(Ipv4Header);
  static constexpr bool sums_payload = false;

  [[nodiscard]] static constexpr std::size_t size(const OuterParameters&) noexcept {
    return minimum_size;
  }

  /// The protocol field for a payload carried directly: RFC 2003 and RFC 4213.
  [[nodiscard]] static constexpr std::uint16_t payload_number(std::uint16_t payload) noexcept {
    return payload == ether_type::ipv4 ? ip_protocol::ipip : ip_protocol::ipv6;
  }

  /// Leaves what depends on the packet zero: TOS, length, ID, flags, TTL and checksum.
  static void render(const OuterParameters& parameters, std::uint16_t protocol,
                     std::byte* at) noexcept {
    auto& header = header_at<Ipv4Header>(at);
    header = {.version_ihl = 0x45,
              .tos = 0,
              .total_length{},
              .id{},
              .fragment{},
              .ttl = 0,
              .protocol = static_cast<std::uint8_t>(protocol),
              .checksum{},
              .source = parameters.local,
              .destination = parameters.remote};
  }

  /// The policy of `parameters` as the masks that fixup() applies.
  static void finish(const OuterParameters& parameters, RenderedHeader& rendered) noexcept {
    rendered.tos_mask = parameters.inherit_tos ? 0xff : ecn::mask;
    rendered.tos = parameters.inherit_tos ? std::uint8_t{0}
                                          : static_cast<std::uint8_t>(parameters.tos & ~ecn::mask);
    rendered.ttl_mask = parameters.ttl == 0 ? 0xff : 0;
    rendered.ttl = parameters.ttl;
    rendered.fragment = parameters.pmtudisc ? Ipv4Header::dont_fragment : std::uint16_t{0};
    rendered.fragment_mask = Ipv4Header::dont_fragment;
    sum(rendered);
  }

  /// The addresses have been set: the checksum starts from them again.
  static void sum(RenderedHeader& rendered) noexcept {
    const be16 sum = std::bit_cast<be16>(fold(raw_sum({rendered.begin(), sizeof(Ipv4Header)})));
    rendered.partial_sum = sum.host();
  }

  /// `id` in host byte order; RFC 6864 section 4.1 leaves it free where DF is set.
  static void fixup(std::byte* at, const RenderedHeader& rendered, const InnerFacts& inner,
                    std::uint16_t id) noexcept {
    auto& header = header_at<Ipv4Header>(at);
    const auto tos = static_cast<std::uint8_t>((inner.tos & rendered.tos_mask) | rendered.tos);
    const auto ttl = static_cast<std::uint8_t>((inner.ttl & rendered.ttl_mask) | rendered.ttl);
    const auto length = static_cast<std::uint16_t>(rendered.length + inner.length);
    const auto fragment =
        static_cast<std::uint16_t>((inner.fragment & rendered.fragment_mask) | rendered.fragment);
    std::uint32_t sum =
        rendered.partial_sum + tos + (std::uint32_t{ttl} << 8U) + length + fragment + id;
    sum = (sum & 0xffffU) + (sum >> 16U);
    sum = (sum & 0xffffU) + (sum >> 16U);
    header.tos = tos;
    header.total_length = be16{length};
    header.id = be16{id};
    header.fragment = be16{fragment};
    header.ttl = ttl;
    header.checksum = be16{static_cast<std::uint16_t>(~sum)};
  }

  /// Nothing: whoever received the packet has validated the outer IPv4 header already.
  static void match(std::span<const std::byte>, Match&) noexcept {}
};
static_assert(Layer<Ipv4Layer>);

}  // namespace culvert
