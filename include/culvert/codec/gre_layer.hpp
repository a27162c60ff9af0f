// SPDX-License-Identifier: BSD-3-Clause
// codec: GRE, RFC 2784 with the key and the sequence number of RFC 2890. No DPDK here.
#pragma once

#include "culvert/codec/layer.hpp"
#include "culvert/net/checksum.hpp"
#include "culvert/net/headers.hpp"

namespace culvert {

/// The header as far as it is the same in every packet. Optional fields stand in the order
/// checksum, key, sequence number: the first one behind the four bytes that are always there, the
/// last one at the end.
struct GreLayer {
  static constexpr std::uint16_t number = ip_protocol::gre;
  static constexpr std::size_t minimum_size = sizeof(GreHeader);
  static constexpr bool sums_payload = false;
  static constexpr std::size_t field = 4;  // each optional field: checksum, key, sequence number

  [[nodiscard]] static constexpr std::size_t size(const OuterParameters& parameters) noexcept {
    return sizeof(GreHeader) + (has(parameters, gre_field::checksum) ? field : 0) +
           (parameters.key ? field : 0) + (has(parameters, gre_field::sequence) ? field : 0);
  }

  /// RFC 2784 section 2.4: the protocol type is an EtherType.
  [[nodiscard]] static constexpr std::uint16_t payload_number(std::uint16_t payload) noexcept {
    return payload;
  }

  static void render(const OuterParameters& parameters, std::uint16_t protocol,
                     std::byte* at) noexcept {
    auto& header = header_at<GreHeader>(at);
    const bool checksum = has(parameters, gre_field::checksum);
    const bool sequence = has(parameters, gre_field::sequence);
    header.flags = be16{static_cast<std::uint16_t>((checksum ? GreHeader::checksum_present : 0U) |
                                                   (parameters.key ? GreHeader::key_present : 0U) |
                                                   (sequence ? GreHeader::sequence_present : 0U))};
    header.protocol = be16{protocol};
    at += sizeof(GreHeader);
    if (checksum) {
      header_at<be32>(at) = {};  // with reserved1, which must be zero (RFC 2784 section 2.4)
      at += field;
    }
    if (parameters.key) {
      header_at<be32>(at) = *parameters.key;
      at += field;
    }
    if (sequence) {
      header_at<be32>(at) = {};
    }
  }

  static void fixup(std::byte*, const RenderedHeader&, const InnerFacts&, std::uint16_t) noexcept {}

  /// RFC 2784 section 2.3: bits 1, 4 and 5 must be zero, bits 6 to 12 are ignored; RFC 2890
  /// section 2: bits 2 and 3 announce a key and a sequence number.
  static void match(std::span<const std::byte> bytes, Match& match) noexcept {
    if (bytes.size() < sizeof(GreHeader)) {
      match.malformed = Malformed::truncated;
      return;
    }
    const auto& header = header_at<GreHeader>(bytes.data());
    const std::uint16_t flags = header.flags.host();
    if (flags != 0) [[unlikely]] {
      match.malformed = options(bytes, flags, match);
      if (match.malformed != Malformed::none) {
        return;
      }
    } else {
      match.length = sizeof(GreHeader);
    }
    match.payload = header.protocol.host();
    if (match.payload != ether_type::ipv4 && match.payload != ether_type::ipv6) [[unlikely]] {
      match.malformed = Malformed::gre_protocol;
    }
  }

 private:
  static constexpr std::uint16_t reserved = 0x0c00;  // bits 4 and 5

  static Malformed options(std::span<const std::byte> bytes, std::uint16_t flags,
                           Match& match) noexcept {
    if ((flags & GreHeader::version_mask) != 0) {
      return Malformed::gre_version;
    }
    if ((flags & GreHeader::routing_present) != 0) {
      return Malformed::gre_routing;
    }
    if ((flags & reserved) != 0) {
      return Malformed::gre_reserved;
    }
    const bool has_checksum = (flags & GreHeader::checksum_present) != 0;
    const bool has_sequence = (flags & GreHeader::sequence_present) != 0;
    match.has_key = (flags & GreHeader::key_present) != 0;
    const std::size_t length = sizeof(GreHeader) + (has_checksum ? field : 0) +
                               (match.has_key ? field : 0) + (has_sequence ? field : 0);
    if (bytes.size() < length) {
      return Malformed::truncated;
    }
    if (match.has_key) {
      match.key = header_at<be32>(bytes.data() + sizeof(GreHeader) + (has_checksum ? field : 0));
    }
    if (has_sequence) {
      match.sequence = header_at<be32>(bytes.data() + length - field).host();
    }
    match.fields = static_cast<std::uint8_t>((has_checksum ? gre_field::checksum : 0U) |
                                             (has_sequence ? gre_field::sequence : 0U));
    match.length = static_cast<std::uint16_t>(length);
    return Malformed::none;
  }

  [[nodiscard]] static constexpr bool has(const OuterParameters& parameters,
                                          std::uint8_t wanted) noexcept {
    return (parameters.fields & wanted) != 0;
  }
};
static_assert(Layer<GreLayer>);

/// The same with fields that differ from packet to packet.
template <std::uint8_t fields>
struct GreLayerWith : GreLayer {
  static constexpr bool sums_payload = (fields & gre_field::checksum) != 0;

  static void fixup(std::byte* at, const RenderedHeader& rendered, const InnerFacts& inner,
                    std::uint16_t) noexcept {
    std::byte* const end = at + (rendered.length - sizeof(Ipv4Header));
    if constexpr ((fields & gre_field::sequence) != 0) {
      header_at<be32>(end - field) = be32{inner.sequence};
    }
    if constexpr (sums_payload) {
      // RFC 2784 section 2.3: of the GRE header, its own field zero, and all of the payload.
      const std::uint64_t sum = raw_sum({at, end}, inner.sum);
      header_at<be16>(at + sizeof(GreHeader)) = to_checksum(sum);
    }
  }
};
static_assert(Layer<GreLayerWith<gre_field::checksum | gre_field::sequence>>);

}  // namespace culvert
