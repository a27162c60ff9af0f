// SPDX-License-Identifier: BSD-3-Clause
// bench/support: THE table of what crosses the row of stages, for benchmarks and for the test that
// counts instructions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "culvert/codec/mode.hpp"

namespace culvert::bench {

enum class Way : std::uint8_t { plain, encapsulate, decapsulate };

/// One kind of traffic through one gateway. `mode`, `keyed` and `fields` are for tunnels.
struct Case {
  Way way = Way::plain;
  bool v6 = false;  ///< the inner packet, or the only one
  TunnelMode mode = TunnelMode::ipip;
  bool keyed = false;
  std::uint8_t fields = 0;  ///< of gre_field, both ways
  /// How many routes, or tunnels with a route into each; packets take them at random.
  std::uint32_t count = 1;

  /// Such as encapsulate/gre+key/1000.
  [[nodiscard]] std::string name() const;
};

/// Plain packets with each of these numbers of routes, of both versions.
[[nodiscard]] std::vector<Case> plain_cases(std::span<const std::uint32_t> routes);
/// Every kind of tunnel, one way, with each of these numbers of tunnels.
[[nodiscard]] std::vector<Case> tunnel_cases(Way way, std::span<const std::uint32_t> tunnels);

}  // namespace culvert::bench
