// SPDX-License-Identifier: BSD-3-Clause
// tests/golden: a gateway in the place of a captured node: what that was sent, at the times at
// which that was sent it.
#pragma once

#include <array>
#include <vector>

#include "golden/captures.hpp"
#include "support/bytes.hpp"

namespace culvert::test {

/// A node's two links: to its host, and to the other gateways.
enum class Side { inner, outer };
inline constexpr std::array sides{Side::inner, Side::outer};

/// What left the node, by each link, in order.
using Sent = std::array<std::vector<Bytes>, sides.size()>;

struct Replayed {
  const Scene& scene;
  Sent by_linux;
  Sent by_us;

  [[nodiscard]] const std::vector<Bytes>& expected(Side side) const {
    return by_linux[static_cast<std::size_t>(side)];
  }
  [[nodiscard]] const std::vector<Bytes>& actual(Side side) const {
    return by_us[static_cast<std::size_t>(side)];
  }
};

/// Makes the gateway, runs the script's lines and gives it the frames. A line that does not end as
/// it did on Linux fails the test.
[[nodiscard]] Replayed replay(const Scene& scene);

}  // namespace culvert::test
