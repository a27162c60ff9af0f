// SPDX-License-Identifier: BSD-3-Clause
// net: addresses and prefixes of both families, and their text forms. This room includes no DPDK.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "culvert/net/endian.hpp"

namespace culvert {

/// IPv4 address, network byte order, as it stands in a header.
struct Ipv4Address {
  static constexpr unsigned bits = 32;
  be32 value;

  [[nodiscard]] static constexpr Ipv4Address from_host(std::uint32_t host) noexcept {
    return {be32{host}};
  }
  [[nodiscard]] constexpr std::uint32_t host() const noexcept { return value.host(); }
  /// The one that stands first on the wire.
  [[nodiscard]] constexpr std::uint8_t first_byte() const noexcept {
    return static_cast<std::uint8_t>(host() >> 24U);
  }
  [[nodiscard]] constexpr bool is_any() const noexcept { return value.raw() == 0; }
  /// RFC 5771: 224.0.0.0/4.
  [[nodiscard]] constexpr bool is_multicast() const noexcept { return first_byte() >> 4U == 0xeU; }
  [[nodiscard]] constexpr bool is_limited_broadcast() const noexcept {
    return value.raw() == 0xffffffffU;
  }
  [[nodiscard]] constexpr bool is_loopback() const noexcept { return first_byte() == 127U; }
  /// The `length` high bits kept, the rest cleared (or set).
  [[nodiscard]] constexpr Ipv4Address masked(unsigned length) const noexcept {
    return from_host(host() & mask(length));
  }
  [[nodiscard]] constexpr Ipv4Address filled(unsigned length) const noexcept {
    return from_host(host() | ~mask(length));
  }
  friend constexpr auto operator<=>(Ipv4Address, Ipv4Address) noexcept = default;

 private:
  static constexpr std::uint32_t mask(unsigned length) noexcept {
    return length == 0 ? 0U : ~0U << (32U - length);
  }
};

/// IPv6 address, network byte order.
struct Ipv6Address {
  static constexpr unsigned bits = 128;
  std::array<std::uint8_t, 16> bytes{};

  [[nodiscard]] constexpr bool is_any() const noexcept {
    const auto [first, second] = halves();
    return (first.raw() | second.raw()) == 0;
  }
  [[nodiscard]] constexpr bool is_multicast() const noexcept { return bytes[0] == 0xffU; }
  /// RFC 4291 section 2.5.6: fe80::/10.
  [[nodiscard]] constexpr bool is_link_local() const noexcept {
    return bytes[0] == 0xfeU && (bytes[1] & 0xc0U) == 0x80U;
  }
  [[nodiscard]] constexpr bool is_loopback() const noexcept {
    return halves() == std::array{be64{0}, be64{1}};
  }
  /// The one that names networks, then the interface identifier.
  [[nodiscard]] constexpr std::array<be64, 2> halves() const noexcept {
    return std::bit_cast<std::array<be64, 2>>(bytes);
  }
  [[nodiscard]] constexpr Ipv6Address masked(unsigned length) const noexcept {
    Ipv6Address result = *this;
    for (unsigned i = 0; i < 16; ++i) {
      result.bytes[i] = static_cast<std::uint8_t>(result.bytes[i] & byte_mask(length, i));
    }
    return result;
  }
  [[nodiscard]] constexpr Ipv6Address filled(unsigned length) const noexcept {
    Ipv6Address result = *this;
    for (unsigned i = 0; i < 16; ++i) {
      result.bytes[i] =
          static_cast<std::uint8_t>(result.bytes[i] | (0xffU & ~byte_mask(length, i)));
    }
    return result;
  }
  friend constexpr auto operator<=>(const Ipv6Address&, const Ipv6Address&) noexcept = default;

 private:
  static constexpr unsigned byte_mask(unsigned length, unsigned index) noexcept {
    const unsigned before = index * 8;
    if (length >= before + 8) {
      return 0xffU;
    }
    return length <= before ? 0U : 0xffU & (0xffU << (8U - (length - before)));
  }
};

/// IEEE 802 MAC address.
struct MacAddress {
  std::array<std::uint8_t, 6> bytes{};

  /// Group bit: multicast and broadcast.
  [[nodiscard]] constexpr bool is_group() const noexcept { return (bytes[0] & 1U) != 0; }
  friend constexpr auto operator<=>(const MacAddress&, const MacAddress&) noexcept = default;
};
inline constexpr MacAddress broadcast_mac{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

/// A prefix: `address` with its host bits zero, and `length` in bits.
template <typename Address>
struct Prefix {
  Address address;
  unsigned length = 0;

  [[nodiscard]] static constexpr Prefix of(Address address, unsigned length) noexcept {
    return {address.masked(length), length};
  }
  [[nodiscard]] static constexpr Prefix host(Address address) noexcept {
    return {address, Address::bits};
  }
  [[nodiscard]] constexpr Address last() const noexcept { return address.filled(length); }
  [[nodiscard]] constexpr bool contains(const Address& other) const noexcept {
    return other.masked(length) == address;
  }
  friend constexpr auto operator<=>(const Prefix&, const Prefix&) noexcept = default;
};
using Ipv4Prefix = Prefix<Ipv4Address>;
using Ipv6Prefix = Prefix<Ipv6Address>;

/// An address, or a prefix, of either family (control plane only).
using IpAddress = std::variant<Ipv4Address, Ipv6Address>;
using IpPrefix = std::variant<Ipv4Prefix, Ipv6Prefix>;

/// Text forms of inet_pton(3); nothing else is accepted. Empty on anything that is not an address.
[[nodiscard]] std::optional<Ipv4Address> parse_ipv4(std::string_view text);
[[nodiscard]] std::optional<Ipv6Address> parse_ipv6(std::string_view text);
[[nodiscard]] std::optional<IpAddress> parse_address(std::string_view text);
/// Six hexadecimal bytes separated by colons.
[[nodiscard]] std::optional<MacAddress> parse_mac(std::string_view text);

/// RFC 5952 text for IPv6, dotted quad for IPv4, ADDRESS/LENGTH for prefixes.
[[nodiscard]] std::string to_string(Ipv4Address address);
[[nodiscard]] std::string to_string(const Ipv6Address& address);
[[nodiscard]] std::string to_string(const IpAddress& address);
[[nodiscard]] std::string to_string(const MacAddress& address);
template <typename Address>
[[nodiscard]] std::string to_string(const Prefix<Address>& prefix) {
  return to_string(prefix.address) + "/" + std::to_string(prefix.length);
}

}  // namespace culvert
