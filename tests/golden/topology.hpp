// SPDX-License-Identifier: BSD-3-Clause
// tests/golden: the nodes of captures/TOPOLOGY.txt, each as lines of `ip` before a script begins.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/network.hpp"

namespace culvert::test {

/// Node a, or b.
[[nodiscard]] const Node& node_named(char node);
/// Its ports: to the host, and to the other gateways.
[[nodiscard]] std::string inside_port(char node);
inline constexpr std::string_view outside_port = "o0";

/// Addresses, permanent neighbours, routes: what stands before the script's first line.
[[nodiscard]] std::vector<std::string> setup_of(const std::string& topology, char node);

}  // namespace culvert::test
