// SPDX-License-Identifier: BSD-3-Clause
// fib: what a sit tunnel has beside its outer header when inner addresses name outer ones: 6rd,
// 6to4 and ISATAP. No DPDK here.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "culvert/fib/tunnel.hpp"
#include "culvert/net/transition.hpp"

namespace culvert {

/// Immutable once published; next hops and the tunnel table's records point to it.
struct SitRules {
  bool isatap = false;                  ///< else 6rd, of which 6to4 is a case
  std::uint16_t bound_port = any_port;  ///< `dev`: outer packets leave by this one alone
  Ipv4Address local;  ///< 0.0.0.0: that of the port that an outer packet leaves by
  bool pmtudisc = true;
  SixRdMap map;
  /// ISATAP: the potential router list. 6rd: the border relays that a customer edge has, which is
  /// one because of them. In order.
  std::vector<Ipv4Address> routers;
  std::vector<Ipv6Prefix> on_link;  ///< ISATAP: the tunnel's own prefixes

  [[nodiscard]] bool is_router(Ipv4Address address) const noexcept {
    return std::ranges::binary_search(routers, address);
  }
  [[nodiscard]] bool is_on_link(const Ipv6Address& address) const noexcept {
    return std::ranges::any_of(on_link,
                               [&](const auto& prefix) { return prefix.contains(address); });
  }
  friend bool operator==(const SitRules&, const SitRules&) = default;
};

}  // namespace culvert
