// SPDX-License-Identifier: BSD-3-Clause
// Two readers look up while the control thread learns and forgets: meant for ThreadSanitizer too.
#include <array>
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "culvert/fib/path_mtu_table.hpp"
#include "culvert/fib/pending_errors.hpp"

#include "readers.hpp"

namespace culvert {
namespace {

constexpr unsigned readers = 2;

/// Whose MTU can be told from its address.
Ipv4Address remote(std::uint32_t number) {
  return Ipv4Address::from_host(0x0a000000U + number);
}
PathMtuEntry entry(std::uint32_t number) {
  return {remote(number), static_cast<std::uint16_t>(600 + number % 900),
          static_cast<std::uint16_t>(number)};
}

TEST(PathMtuThreads, AReaderSeesTheOldOrTheNew) {
  Quiescence quiescence{readers};
  PathMtuTable table{64};  // small, so that entries give way to each other
  (void)table.put({remote(7), 1400, 0}, 0);
  test::Readers<readers> checks(quiescence, [&] {
    bool right = true;
    for (std::uint32_t i = 0; i < 32; ++i) {
      const std::uint16_t mtu = table.lookup(remote(i));
      const bool known = mtu == entry(i).mtu || (i == 7 && (mtu == 1400 || mtu == 1300));
      right = right && (known || mtu == PathMtuTable::unknown);
    }
    return right;
  });
  test::keep_changing([&](unsigned round) {
    for (std::uint32_t i = 0; i < 300; ++i) {
      (void)table.put(entry(i), static_cast<std::uint16_t>(i));
    }
    (void)table.put({remote(7), static_cast<std::uint16_t>(round % 2 == 0 ? 1300 : 1400), 0}, 0);
    for (std::uint32_t i = 0; i < 300; ++i) {
      table.erase(remote(i));
    }
  });
  EXPECT_TRUE(checks.stop());
}

TEST(PendingErrorsThreads, EachIsTakenOnce) {
  constexpr std::uint32_t tunnel = 3;
  constexpr unsigned rounds = 20;
  PendingErrors errors{8};
  std::atomic<bool> stop{false};
  std::array<std::atomic<unsigned>, readers> taken{};
  std::array<std::thread, readers> workers;
  for (unsigned i = 0; i < readers; ++i) {
    workers[i] = std::thread([&, i] {
      while (!stop.load(std::memory_order_relaxed)) {
        taken[i] += errors.any() && errors.take(tunnel) ? 1 : 0;
      }
    });
  }
  errors.set_any(true);
  for (unsigned i = 0; i < rounds * PendingErrors::most; ++i) {
    // No more than fit: what is beyond them is meant to be lost.
    while (i - (taken[0] + taken[1]) >= PendingErrors::most) {
      std::this_thread::yield();
    }
    errors.add(tunnel);
  }
  while (taken[0] + taken[1] < rounds * PendingErrors::most) {
    std::this_thread::yield();
  }
  stop = true;
  for (std::thread& worker : workers) {
    worker.join();
  }
  EXPECT_EQ(taken[0] + taken[1], rounds * PendingErrors::most);
  EXPECT_FALSE(errors.take(tunnel));
}

}  // namespace
}  // namespace culvert
