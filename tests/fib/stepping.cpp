// SPDX-License-Identifier: BSD-3-Clause
// tests/fib: single-stepping oneself by the trap flag, which raises SIGTRAP after every
// instruction.
#include "stepping.hpp"

#include <cerrno>
#include <system_error>

#include <signal.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>
#include <x86gprintrin.h>

namespace culvert::test {
namespace {

constexpr unsigned long long trap_flag = 0x100;

const std::function<bool(unsigned)>* to_call = nullptr;
unsigned next_step = 0;

void on_trap(int /*signal*/, siginfo_t* /*info*/, void* context) {  // runs without the flag
  if (!(*to_call)(next_step++)) {
    auto& flags = static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL];
    flags &= ~static_cast<greg_t>(trap_flag);
  }
}

}  // namespace

void step(const std::function<void()>& action, const std::function<bool(unsigned)>& between) {
  struct sigaction stepping {};
  struct sigaction before {};
  stepping.sa_sigaction = on_trap;
  stepping.sa_flags = SA_SIGINFO;
  if (sigaction(SIGTRAP, &stepping, &before) != 0) {
    throw std::system_error(errno, std::generic_category(), "sigaction");
  }
  to_call = &between;
  next_step = 0;
  const unsigned long long flags = __readeflags();
  __writeeflags(flags | trap_flag);
  action();
  __writeeflags(flags);
  sigaction(SIGTRAP, &before, nullptr);
}

unsigned failures_when_interrupted(const std::function<void()>& action,
                                   const std::function<void()>& change,
                                   const std::function<bool()>& check) {
  unsigned failures = 0;
  bool is_child = false;
  step(action, [&](unsigned) {
    const pid_t child = fork();
    if (child == 0) {
      is_child = true;
      change();
      return false;
    }
    int status = -1;
    waitpid(child, &status, 0);
    failures += status != 0 ? 1U : 0U;
    return true;
  });
  if (is_child) {
    _exit(check() ? 0 : 1);
  }
  return failures;
}

}  // namespace culvert::test
