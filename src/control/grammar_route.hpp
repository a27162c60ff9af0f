// SPDX-License-Identifier: BSD-3-Clause
// control, inside the grammar: the parts of `ip route`. Includes no DPDK.
#pragma once

#include "grammar_objects.hpp"

namespace culvert::grammar {

[[noreturn]] void route_usage();
[[nodiscard]] RouteAdd parse_route_add(words::Words words, Family family);
[[nodiscard]] RouteReplace parse_route_replace(words::Words words, Family family);
[[nodiscard]] RouteDel parse_route_del(words::Words words, Family family);

}  // namespace culvert::grammar
