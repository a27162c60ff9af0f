// SPDX-License-Identifier: BSD-3-Clause
// codec: what one layer of an outer header must be able to do. No DPDK here.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "culvert/net/address.hpp"
#include "culvert/net/endian.hpp"

namespace culvert {

/// Optional fields of GRE that each packet fills in, or is looked at for, as bits. (A key is the
/// same in every packet.)
namespace gre_field {
inline constexpr std::uint8_t checksum = 1;
inline constexpr std::uint8_t sequence = 2;
}  // namespace gre_field

/// All that the outer header of one tunnel towards one remote endpoint depends on.
struct OuterParameters {
  Ipv4Address local;
  Ipv4Address remote;
  std::uint8_t ttl = 0;       ///< 0: inherit
  std::uint8_t tos = 0;       ///< DSCP when it is not inherited; its ECN bits are not used
  bool inherit_tos = false;   ///< DSCP from the inner packet (ECN always is, RFC 6040)
  bool pmtudisc = true;       ///< DF always set; else copied from an inner IPv4 packet
  std::optional<be32> key{};  ///< GRE, output
  std::uint8_t fields = 0;    ///< GRE, output: of gre_field
  std::uint16_t payload = 0;  ///< EtherType of what is carried
};

/// An outer header rendered once, with what is left to do for each packet as masks and sums, so
/// that nothing about it needs a branch.
struct RenderedHeader {
  static constexpr std::size_t capacity = 64;
  /// Right-aligned: the last byte of the header is the last of these.
  std::array<std::byte, capacity> bytes{};
  std::uint8_t length = 0;     ///< bytes
  std::uint8_t tos = 0;        ///< ORed with the inner TOS under `tos_mask`
  std::uint8_t tos_mask = 0;   ///< 0xff where DSCP is inherited, else the ECN bits
  std::uint8_t ttl = 0;        ///< ORed with the inner TTL under `ttl_mask`
  std::uint8_t ttl_mask = 0;   ///< 0xff where TTL is inherited
  std::uint8_t fields = 0;     ///< of gre_field: which HeaderStack completes it
  std::uint16_t fragment = 0;  ///< flags, host byte order, ORed with the inner ones under the mask
  std::uint16_t fragment_mask = 0;
  std::uint32_t partial_sum = 0;  ///< of the outer IPv4 header's constant words, host byte order

  [[nodiscard]] const std::byte* begin() const noexcept { return bytes.data() + capacity - length; }
};

/// What the outer header of one packet takes from the packet that it carries.
struct InnerFacts {
  std::uint16_t length = 0;    ///< bytes, from its IP header
  std::uint16_t fragment = 0;  ///< IPv4 flags and offset, host byte order; 0 for IPv6
  std::uint8_t tos = 0;        ///< or traffic class
  std::uint8_t ttl = 0;        ///< or hop limit, as forwarded
  std::uint64_t sum = 0;       ///< raw sum of the whole packet: gre_field::checksum only
  std::uint32_t sequence = 0;  ///< host byte order: gre_field::sequence only
};

/// Why what follows the outer IPv4 header cannot be decapsulated.
enum class Malformed : std::uint8_t {
  none,
  truncated,
  gre_version,
  gre_routing,
  gre_reserved,
  gre_protocol,
};

/// What stands between the outer IPv4 header and the inner packet.
struct Match {
  Malformed malformed = Malformed::none;
  bool has_key = false;
  std::uint8_t fields = 0;    ///< of gre_field
  std::uint16_t length = 0;   ///< bytes to strip behind the outer IPv4 header
  std::uint16_t payload = 0;  ///< EtherType of the inner packet
  be32 key{};
  std::uint32_t sequence = 0;  ///< host byte order, if `fields` has it
};

/// A layer is stateless. Its number is how the layer below names it; `render` and `fixup` get the
/// address of its first byte, the latter with InnerFacts::sum if it `sums_payload`; `match`
/// advances over its bytes or says what is wrong with them.
template <typename L>
concept Layer = requires(const OuterParameters& parameters, const RenderedHeader& rendered,
                         const InnerFacts& inner, std::byte* at, std::span<const std::byte> bytes,
                         Match& match) {
  { L::size(parameters) } -> std::same_as<std::size_t>;
  { L::number } -> std::convertible_to<std::uint16_t>;
  { L::minimum_size } -> std::convertible_to<std::size_t>;
  { L::sums_payload } -> std::convertible_to<bool>;
  { L::payload_number(std::uint16_t{}) } -> std::same_as<std::uint16_t>;
  L::render(parameters, std::uint16_t{}, at);
  L::fixup(at, rendered, inner, std::uint16_t{});
  L::match(bytes, match);
};

}  // namespace culvert
