// SPDX-License-Identifier: BSD-3-Clause
// dataplane: what a stage says of a packet.
#pragma once

#include "culvert/dataplane/drop.hpp"

namespace culvert {

/// Continue, drop with a reason, or taken: somebody else owns the packet now.
class Verdict {
 public:
  static constexpr Verdict go() noexcept { return Verdict{Drop::none, false}; }
  static constexpr Verdict taken() noexcept { return Verdict{Drop::none, true}; }
  constexpr Verdict(Drop drop) noexcept : drop_(drop) {}  // NOLINT: a reason is a verdict

  [[nodiscard]] constexpr bool continues() const noexcept { return drop_ == Drop::none && !taken_; }
  [[nodiscard]] constexpr bool is_taken() const noexcept { return taken_; }
  [[nodiscard]] constexpr Drop drop() const noexcept { return drop_; }

 private:
  constexpr Verdict(Drop drop, bool taken) noexcept : drop_(drop), taken_(taken) {}
  Drop drop_;
  bool taken_ = false;
};

}  // namespace culvert
