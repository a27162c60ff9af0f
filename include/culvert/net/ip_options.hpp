// SPDX-License-Identifier: BSD-3-Clause
// net: IPv4 options (RFC 791 section 3.1) as a router treats them (RFC 1812 sections 4.2.2.1,
// 4.2.2.2 and 5.3.13). `options` is always what stands between the first 20 bytes of a header and
// its end. No DPDK.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "culvert/net/address.hpp"

namespace culvert {

namespace ip_option {
inline constexpr std::uint8_t end = 0;
inline constexpr std::uint8_t no_operation = 1;
inline constexpr std::uint8_t record_route = 7;
inline constexpr std::uint8_t timestamp = 68;
inline constexpr std::uint8_t loose_source_route = 131;
inline constexpr std::uint8_t router_alert = 148;  // RFC 2113
inline constexpr std::uint8_t strict_source_route = 137;
inline constexpr std::uint8_t copied = 0x80;  ///< into every fragment
}  // namespace ip_option

struct OptionsCheck {
  /// The first byte that cannot be right, counted from the first option.
  std::optional<unsigned> wrong{};
  bool source_route = false;
};
[[nodiscard]] OptionsCheck check_options(std::span<const std::byte> options) noexcept;

/// The router that a timestamp option asks next, where it asks named ones only. Like all that
/// follows, for options that check_options() found right.
[[nodiscard]] std::optional<Ipv4Address> named_in_timestamp(std::span<std::byte> options) noexcept;

/// What a router writes into options.
struct OptionStamp {
  Ipv4Address own;            ///< of the interface that the packet leaves by
  std::uint32_t time = 0;     ///< milliseconds since midnight UT
  bool named_is_own = false;  ///< the address that named_in_timestamp() gives
};
void stamp_options(std::span<std::byte> options, const OptionStamp& stamp) noexcept;

/// For all fragments but the first: what is not copied there becomes no operation.
void clear_uncopied_options(std::span<std::byte> options) noexcept;

}  // namespace culvert
