// SPDX-License-Identifier: BSD-3-Clause
// codec: an outer header as a stack of layers known to the compiler. No DPDK here.
#pragma once

#include <array>
#include <cstring>
#include <tuple>
#include <utility>

#include "culvert/codec/ipv4_layer.hpp"
#include "culvert/codec/layer.hpp"

namespace culvert {

/// A mode's outer header: outermost layer first, IPv4 always being that one. Stateless; N layers,
/// not N codecs.
template <Layer... Layers>
struct HeaderStack {
  using Tuple = std::tuple<Layers...>;
  static_assert(std::is_same_v<std::tuple_element_t<0, Tuple>, Ipv4Layer>);

  static constexpr bool sums_payload = (Layers::sums_payload || ...);

  /// Bytes that the header adds to a packet.
  [[nodiscard]] static std::size_t size(const OuterParameters& parameters) noexcept {
    return (Layers::size(parameters) + ...);
  }

  /// The protocol field of the outer IPv4 header for a payload of this EtherType.
  [[nodiscard]] static constexpr std::uint8_t protocol(std::uint16_t payload) noexcept {
    return static_cast<std::uint8_t>(number_behind<0>(payload));
  }

  [[nodiscard]] static RenderedHeader render(const OuterParameters& parameters) noexcept {
    RenderedHeader rendered;
    rendered.length = static_cast<std::uint8_t>(size(parameters));
    std::byte* at = rendered.bytes.data() + RenderedHeader::capacity - rendered.length;
    render_each(parameters, at, std::index_sequence_for<Layers...>{});
    rendered.fields = parameters.fields;
    Ipv4Layer::finish(parameters, rendered);
    return rendered;
  }

  /// `header` is the first byte of a copy of `rendered`, directly before the inner packet.
  static void fixup(std::byte* header, const RenderedHeader& rendered, const InnerFacts& inner,
                    std::uint16_t id) noexcept {
    // Only the last layer may vary in length, so each one starts at a constant offset.
    std::byte* at = header;
    ((Layers::fixup(at, rendered, inner, id), at += Layers::minimum_size), ...);
  }

  /// `bytes` is what the outer IPv4 header's length says follows that header, as far as it is
  /// contiguous; `payload` the EtherType that the outer protocol field implies where there is no
  /// layer behind IPv4.
  [[nodiscard]] static Match match(std::span<const std::byte> bytes,
                                   std::uint16_t payload) noexcept {
    Match result;
    result.payload = payload;
    (Layers::match(bytes, result), ...);
    return result;
  }

 private:
  template <std::size_t index>
  [[nodiscard]] static constexpr std::uint16_t number_behind(std::uint16_t payload) noexcept {
    if constexpr (index + 1 < sizeof...(Layers)) {
      return std::tuple_element_t<index + 1, Tuple>::number;
    } else {
      return std::tuple_element_t<index, Tuple>::payload_number(payload);
    }
  }

  template <std::size_t... indices>
  static void render_each(const OuterParameters& parameters, std::byte* at,
                          std::index_sequence<indices...>) noexcept {
    ((std::tuple_element_t<indices, Tuple>::render(parameters,
                                                   number_behind<indices>(parameters.payload), at),
      at += std::tuple_element_t<indices, Tuple>::size(parameters)),
     ...);
  }
};

}  // namespace culvert
