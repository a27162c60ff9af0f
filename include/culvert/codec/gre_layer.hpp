// SPDX-License-Identifier: BSD-3-Clause
// codec: GRE, RFC 2784 with the key of RFC 2890. No DPDK here.
#pragma once

#include "culvert/codec/layer.hpp"
#include "culvert/net/headers.hpp"

namespace culvert {

struct GreLayer {
  static constexpr std::uint16_t number = ip_protocol::gre;
  static constexpr std::size_t minimum_size = sizeof(GreHeader);
  static constexpr std::size_t field = 4;  // each optional field: checksum, key, sequence number

  [[nodiscard]] static constexpr std::size_t size(const OuterParameters& parameters) noexcept {
    return sizeof(GreHeader) + (parameters.key ? field : 0);
  }

  /// RFC 2784 section 2.4: the protocol type is an EtherType.
  [[nodiscard]] static constexpr std::uint16_t payload_number(std::uint16_t payload) noexcept {
    return payload;
  }

  static void render(const OuterParameters& parameters, std::uint16_t protocol,
                     std::byte* at) noexcept {
    auto& header = header_at<GreHeader>(at);
    header.flags = be16{parameters.key ? GreHeader::key_present : std::uint16_t{0}};
    header.protocol = be16{protocol};
    if (parameters.key) {
      header_at<be32>(at + sizeof(GreHeader)) = *parameters.key;
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
    if ((flags & GreHeader::checksum_present) != 0) {
      return Malformed::gre_checksum;  // no tunnel here asks for one (as Linux: dropped)
    }
    match.has_key = (flags & GreHeader::key_present) != 0;
    // A sequence number that was not asked for is passed over.
    const bool has_sequence = (flags & GreHeader::sequence_present) != 0;
    const std::size_t length =
        sizeof(GreHeader) + (match.has_key ? field : 0) + (has_sequence ? field : 0);
    if (bytes.size() < length) {
      return Malformed::truncated;
    }
    if (match.has_key) {
      match.key = header_at<be32>(bytes.data() + sizeof(GreHeader));
    }
    match.length = static_cast<std::uint16_t>(length);
    return Malformed::none;
  }
};
static_assert(Layer<GreLayer>);

}  // namespace culvert
