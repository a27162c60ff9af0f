// SPDX-License-Identifier: BSD-3-Clause
#include "support/cases.hpp"

#include <array>

#include "culvert/codec/modes.hpp"

namespace culvert::bench {
namespace {

constexpr std::array kinds{
    Case{.v6 = false, .mode = TunnelMode::ipip},
    Case{.v6 = false, .mode = TunnelMode::gre},
    Case{.v6 = false, .mode = TunnelMode::gre, .keyed = true},
    Case{.v6 = false, .mode = TunnelMode::gre, .fields = gre_field::checksum},
    Case{.v6 = true, .mode = TunnelMode::sit},
};

std::string kind_of(const Case& one) {
  if (one.way == Way::plain) {
    return one.v6 ? "ipv6" : "ipv4";
  }
  std::string kind{visit_mode(one.mode, [](auto m) { return decltype(m)::name; })};
  kind += one.keyed ? "+key" : "";
  kind += (one.fields & gre_field::checksum) != 0 ? "+csum" : "";
  return kind;
}

}  // namespace

std::string Case::name() const {
  constexpr std::array<const char*, 3> ways{"plain", "encapsulate", "decapsulate"};
  return std::string(ways[static_cast<std::size_t>(way)]) + "/" + kind_of(*this) + "/" +
         std::to_string(count);
}

std::vector<Case> plain_cases(std::span<const std::uint32_t> routes) {
  std::vector<Case> cases;
  for (const bool v6 : {false, true}) {
    for (const std::uint32_t count : routes) {
      cases.push_back({.way = Way::plain, .v6 = v6, .count = count});
    }
  }
  return cases;
}

std::vector<Case> tunnel_cases(Way way, std::span<const std::uint32_t> tunnels) {
  std::vector<Case> cases;
  for (const Case& kind : kinds) {
    for (const std::uint32_t count : tunnels) {
      Case& one = cases.emplace_back(kind);
      one.way = way;
      one.count = count;
    }
  }
  return cases;
}

}  // namespace culvert::bench
