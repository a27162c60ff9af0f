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

/// Runs `action` once for each of its instructions, each time in a process of its own, and `change`
/// after that instruction; then `check`. Returns how often that was not true, or the process died.
unsigned failures_when_interrupted(const std::function<void()>& action,
                                   const std::function<void()>& change,
                                   const std::function<bool()>& check);

}  // namespace culvert::test
