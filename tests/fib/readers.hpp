// SPDX-License-Identifier: BSD-3-Clause
// tests/fib: threads that look things up as workers do, and check what they find.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <thread>
#include <utility>

#include "culvert/fib/quiescence.hpp"

namespace culvert::test {

/// Calls `change(0)`, `change(1)`, … for long enough to meet the readers at every point.
template <typename Change>
void keep_changing(const Change& change) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(150);
  for (unsigned round = 0; std::chrono::steady_clock::now() < end; ++round) {
    change(round);
  }
}

/// Each of N threads calls `check` again and again, and reports quiescence after each call, from
/// the constructor (all have called it once when it returns) to stop().
template <unsigned N>
class Readers {
 public:
  Readers(Quiescence& quiescence, std::function<bool()> check)
      : quiescence_(quiescence), check_(std::move(check)) {
    for (unsigned i = 0; i < N; ++i) {
      threads_[i] = std::thread([this, i] { run(i); });
    }
    while (running_.load() < N) {
      std::this_thread::yield();
    }
  }
  ~Readers() { stop(); }
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;

  /// True if every check was.
  bool stop() {
    stop_.store(true);
    for (std::thread& thread : threads_) {
      if (thread.joinable()) {
        thread.join();
      }
    }
    return failures_.load() == 0;
  }

 private:
  void run(unsigned reader) {
    quiescence_.online(reader);
    failures_ += check_() ? 0 : 1;
    ++running_;
    while (!stop_.load(std::memory_order_relaxed)) {
      if (!check_()) {
        ++failures_;
      }
      quiescence_.quiescent(reader);
    }
    quiescence_.offline(reader);
  }

  Quiescence& quiescence_;
  std::function<bool()> check_;
  std::atomic<std::size_t> failures_{0};
  std::atomic<unsigned> running_{0};
  std::atomic<bool> stop_{false};
  std::array<std::thread, N> threads_;
};

}  // namespace culvert::test
