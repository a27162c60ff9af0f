// SPDX-License-Identifier: BSD-3-Clause
// net: IPv4 addresses inside IPv6 ones: 6rd and 6to4 (RFC 5969, RFC 3056), ISATAP (RFC 5214) and
// ::a.b.c.d (RFC 4291 section 2.5.5.1). This room includes no DPDK.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>

#include "culvert/net/address.hpp"

namespace culvert {

[[nodiscard]] constexpr std::uint64_t high_half(const Ipv6Address& address) noexcept {
  return address.halves()[0].host();
}
[[nodiscard]] constexpr std::uint64_t low_half(const Ipv6Address& address) noexcept {
  return address.halves()[1].host();
}

/// The interface identifier [02]00:5efe:a.b.c.d, under whichever prefix (RFC 5214 section 6.1).
[[nodiscard]] constexpr std::optional<Ipv4Address> isatap_endpoint(
    const Ipv6Address& address) noexcept {
  const std::uint64_t identifier = low_half(address);
  if (((identifier >> 32U) & ~0x02000000U) != 0x00005efeU) {
    return std::nullopt;
  }
  return Ipv4Address::from_host(static_cast<std::uint32_t>(identifier));
}

/// ::a.b.c.d; neither :: nor ::1.
[[nodiscard]] constexpr std::optional<Ipv4Address> compatible_endpoint(
    const Ipv6Address& address) noexcept {
  const std::uint64_t low = low_half(address);
  if (high_half(address) != 0 || low <= 1 || low >> 32U != 0) {
    return std::nullopt;
  }
  return Ipv4Address::from_host(static_cast<std::uint32_t>(low));
}

/// ::ffff:a.b.c.d: never on the wire (RFC 4291 section 2.5.5.2 is for sockets).
[[nodiscard]] constexpr bool is_mapped(const Ipv6Address& address) noexcept {
  return high_half(address) == 0 && low_half(address) >> 32U == 0xffffU;
}

/// A 6rd domain as it is configured: behind `prefix` stand the bits of an IPv4 address that
/// `relay` does not fix.
struct SixRdDomain {
  Ipv6Prefix prefix;
  Ipv4Prefix relay;  ///< 0.0.0.0/0: all 32 bits

  /// The bits of an IPv4 address end in the half of the address that names networks.
  [[nodiscard]] constexpr bool is_valid() const noexcept {
    return relay.length <= Ipv4Address::bits &&
           prefix.length + (Ipv4Address::bits - relay.length) <= 64 &&
           prefix.address == prefix.address.masked(prefix.length) &&
           relay.address == relay.address.masked(relay.length);
  }
  friend bool operator==(const SixRdDomain&, const SixRdDomain&) = default;
};

/// RFC 3056: what a sit tunnel without a remote has unless it is told otherwise, as on Linux.
inline constexpr SixRdDomain sixtofour{{{{0x20, 0x02}}, 16}, {}};

/// A domain made ready for one look at each packet (RFC 5969 section 4).
class SixRdMap {
 public:
  constexpr SixRdMap() noexcept : SixRdMap(sixtofour) {}
  /// Of a valid domain.
  explicit constexpr SixRdMap(const SixRdDomain& domain) noexcept {
    const unsigned suffix = Ipv4Address::bits - domain.relay.length;
    prefix_ = high_half(domain.prefix.address);
    mask_ = domain.prefix.length == 0 ? 0 : ~std::uint64_t{0} << (64U - domain.prefix.length);
    suffix_mask_ = domain.relay.length == 32 ? 0 : ~std::uint32_t{0} >> domain.relay.length;
    shift_ = suffix == 0 ? 0 : 64U - domain.prefix.length - suffix;
    relay_ = domain.relay.address.host();
  }

  [[nodiscard]] constexpr bool contains(const Ipv6Address& address) const noexcept {
    return (high_half(address) & mask_) == prefix_;
  }
  /// The outer address for an inner one inside the prefix.
  [[nodiscard]] constexpr Ipv4Address endpoint(const Ipv6Address& address) const noexcept {
    return Ipv4Address::from_host(
        relay_ | (static_cast<std::uint32_t>(high_half(address) >> shift_) & suffix_mask_));
  }

 private:
  std::uint64_t prefix_ = 0;
  std::uint64_t mask_ = 0;
  std::uint32_t suffix_mask_ = 0;
  std::uint32_t relay_ = 0;
  unsigned shift_ = 0;

 public:
  friend constexpr bool operator==(const SixRdMap&, const SixRdMap&) noexcept = default;
};

}  // namespace culvert
