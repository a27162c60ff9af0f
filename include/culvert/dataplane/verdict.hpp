// SPDX-License-Identifier: BSD-3-Clause
// dataplane: what a stage says of a packet.
#pragma once

#include "culvert/dataplane/drop.hpp"

namespace culvert {

/// Continue, drop with a reason, or taken: somebody else owns the packet now.
class Verdict {
 public:
  static constexpr Verdict go() noexcept { return Verdict{Drop::none}; }
  static constexpr Verdict taken() noexcept { return Verdict{taken_mark}; }
  constexpr Verdict(Drop drop) noexcept : drop_(drop) {}  // NOLINT: a reason is a verdict

  [[nodiscard]] constexpr bool continues() const noexcept { return drop_ == Drop::none; }
  [[nodiscard]] constexpr bool is_taken() const noexcept { return drop_ == taken_mark; }
  /// Drop::none where there is no reason.
  [[nodiscard]] constexpr Drop drop() const noexcept { return is_taken() ? Drop::none : drop_; }

 private:
  static constexpr auto taken_mark = static_cast<Drop>(0xff);
  static_assert(drop_count < static_cast<std::size_t>(taken_mark));

  Drop drop_;  // in one byte, so that a verdict is tested at once
};

}  // namespace culvert
