// SPDX-License-Identifier: BSD-3-Clause
// tests/golden: THE list of captures that the pipeline is compared with, each with the
// configuration that its .txt shows. A new capture is one entry in captures.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/gateway.hpp"

namespace culvert::test {

struct GoldenRoute {
  std::string_view prefix;
  std::size_t tunnel;            ///< in the tunnels of the capture
  std::string_view remote = {};  ///< outer destination, where the tunnel has none
};

/// What one node did in one capture.
struct Capture {
  std::string_view name;        ///< of the files, without what follows
  const Node& node;             ///< whose part the pipeline plays
  std::string_view outer_file;  ///< suffix: its outer link
  std::string_view inner_file;  ///< suffix: its inner link; empty if its packets are its own
  std::vector<TestTunnel> tunnels;
  std::vector<GoldenRoute> routes;
};
[[nodiscard]] std::span<const Capture> captures();

/// What the node did to the packets that crossed it.
enum class Direction { encapsulated, decapsulated };

[[nodiscard]] std::string title(const Capture& capture, Direction direction);

/// What the node was sent, and what Linux made of it, both in order.
struct Flow {
  std::vector<Bytes> received;
  std::vector<Bytes> expected;
};
[[nodiscard]] Flow read_flow(const Capture& capture, Direction direction);

/// Enters the tunnels and routes of the capture.
void configure(TestGateway& gateway, const Capture& capture);

}  // namespace culvert::test
