// SPDX-License-Identifier: BSD-3-Clause
// codec: THE list of tunnel modes. A new mode is an enumerator in mode.hpp and one entry here.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "culvert/codec/gre_layer.hpp"
#include "culvert/codec/header_stack.hpp"
#include "culvert/codec/mode.hpp"

namespace culvert {

template <TunnelMode mode>
struct Mode;

template <>
struct Mode<TunnelMode::ipip> {  // RFC 2003
  using Stack = HeaderStack<Ipv4Layer>;
  static constexpr std::string_view name = "ipip";
  static constexpr std::string_view title = "ip/ip";  // as `ip tunnel show` names it
  static constexpr bool carries_ipv4 = true;
  static constexpr bool carries_ipv6 = false;
};

template <>
struct Mode<TunnelMode::gre> {  // RFC 2784, 2890, 7676
  using Stack = HeaderStack<Ipv4Layer, GreLayer>;
  static constexpr std::string_view name = "gre";
  static constexpr std::string_view title = "gre/ip";
  static constexpr bool carries_ipv4 = true;
  static constexpr bool carries_ipv6 = true;
};

template <>
struct Mode<TunnelMode::sit> {  // RFC 4213
  using Stack = HeaderStack<Ipv4Layer>;
  static constexpr std::string_view name = "sit";
  static constexpr std::string_view title = "ipv6/ip";
  static constexpr bool carries_ipv4 = false;
  static constexpr bool carries_ipv6 = true;
};

/// Calls `function` with Mode<m>{} for the mode that is known only at run time.
template <typename Function>
decltype(auto) visit_mode(TunnelMode mode, Function&& function) {
  switch (mode) {
    case TunnelMode::gre:
      return std::forward<Function>(function)(Mode<TunnelMode::gre>{});
    case TunnelMode::sit:
      return std::forward<Function>(function)(Mode<TunnelMode::sit>{});
    case TunnelMode::ipip:
      break;
  }
  return std::forward<Function>(function)(Mode<TunnelMode::ipip>{});
}

/// Calls `function` with the HeaderStack that completes a header of this mode with these fields
/// (gre_field) for each packet.
template <typename Function>
decltype(auto) visit_stack(TunnelMode mode, std::uint8_t fields, Function&& function) {
  const auto gre =
      [&function]<std::uint8_t some>(std::integral_constant<std::uint8_t, some>) -> decltype(auto) {
    return function(HeaderStack<Ipv4Layer, GreLayerWith<some>>{});
  };
  if (mode != TunnelMode::gre || fields == 0) [[likely]] {
    return visit_mode(mode, [&function](auto m) -> decltype(auto) {
      return function(typename decltype(m)::Stack{});
    });
  }
  switch (fields) {
    case gre_field::checksum:
      return gre(std::integral_constant<std::uint8_t, gre_field::checksum>{});
    case gre_field::sequence:
      return gre(std::integral_constant<std::uint8_t, gre_field::sequence>{});
    default:
      return gre(std::integral_constant<std::uint8_t, gre_field::checksum | gre_field::sequence>{});
  }
}

/// The EtherType that the outer protocol field implies where no further header says it.
template <TunnelMode mode>
[[nodiscard]] constexpr std::uint16_t implied_payload(Mode<mode> m) noexcept {
  return m.carries_ipv4 ? ether_type::ipv4 : ether_type::ipv6;
}

/// A received packet as its outer protocol field names it: which mode it may belong to, and what it
/// carries if there is no further header that says so.
struct ProtocolUse {
  bool tunnel = false;
  TunnelMode mode{};
  std::uint16_t payload = 0;  ///< EtherType
};

/// Indexed by the outer IPv4 header's protocol field.
inline constexpr auto protocol_uses = [] {
  std::array<ProtocolUse, 256> uses{};
  const auto enter = [&uses]<TunnelMode mode>(Mode<mode> m) {
    const std::uint16_t payload = implied_payload(m);
    uses[Mode<mode>::Stack::protocol(payload)] = {true, mode, payload};
  };
  enter(Mode<TunnelMode::ipip>{});
  enter(Mode<TunnelMode::gre>{});
  enter(Mode<TunnelMode::sit>{});
  return uses;
}();

/// Whether a mode carries payloads of this EtherType.
template <TunnelMode mode>
[[nodiscard]] constexpr bool carries(Mode<mode> m, std::uint16_t payload) noexcept {
  return payload == ether_type::ipv4 ? m.carries_ipv4 : m.carries_ipv6;
}
[[nodiscard]] inline bool carries(TunnelMode mode, std::uint16_t payload) noexcept {
  return visit_mode(mode, [payload](auto m) { return carries(m, payload); });
}

}  // namespace culvert
