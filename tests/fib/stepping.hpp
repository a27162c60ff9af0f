// SPDX-License-Identifier: BSD-3-Clause
// tests/fib: what another thread can do to an operation, and see of it, at each single point of it;
// made certain instead of likely. x86-64 only.
#pragma once

#include <functional>

namespace culvert::test {

/// Runs `action`, and `between(n)` after its instruction number n = 0, 1, … as long as that returns
/// true. Both run on this thread; so `between` must not need what `action` may be holding: malloc,
/// for one.
void step(const std::function<void()>& action, const std::function<bool(unsigned)>& between);

/// What happens again and again: `prepare`; then `action`, in which `change` runs after the first
/// instruction, the next time after the second, and so on; then `check`.
struct Interruption {
  std::function<void()> prepare;
  std::function<void()> action;
  std::function<void()> change;
  std::function<void()> check;
};
/// Until the action has been interrupted everywhere. Returns the number of its instructions.
unsigned interrupt_everywhere(const Interruption& interruption);

}  // namespace culvert::test
