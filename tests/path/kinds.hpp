// SPDX-License-Identifier: BSD-3-Clause
// tests/path: the kinds of tunnels between the two gateways, as lines of `ip`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/network.hpp"

namespace culvert::test {

/// A site and its gateway.
struct Site {
  Node node;                    ///< its IPv6 network is the one that 6rd gives to `outside4`
  std::string_view isatap;      ///< `outside4` in the next hop of an isatap tunnel
  std::string_view compatible;  ///< in that of any other sit tunnel
};

inline constexpr Site near_site = [] {
  Site site{node_a, "fe80::5efe:10.0.0.1", "::10.0.0.1"};
  site.node.inside6 = "2001:db8:a00:1::1";
  site.node.host6 = "2001:db8:a00:1::2";
  site.node.inside_net6 = "2001:db8:a00:1::/64";
  return site;
}();
inline constexpr Site far_site = [] {
  Site site{node_b, "fe80::5efe:10.0.0.2", "::10.0.0.2"};
  site.node.inside6 = "2001:db8:a00:2::1";
  site.node.host6 = "2001:db8:a00:2::2";
  site.node.inside_net6 = "2001:db8:a00:2::/64";
  return site;
}();

struct Kind {
  std::string_view name;
  unsigned overhead;  ///< bytes that go before an inner packet
  bool ipv4, ipv6;    ///< what it carries
  /// At either end; the words in capitals stand for what differs between them.
  std::vector<std::string_view> lines;

  [[nodiscard]] bool pmtudisc() const;
};

[[nodiscard]] const std::vector<Kind>& kinds();
/// At the gateway of `self`.
[[nodiscard]] std::vector<std::string> lines_of(const Kind& kind, const Site& self,
                                                const Site& other);

}  // namespace culvert::test
