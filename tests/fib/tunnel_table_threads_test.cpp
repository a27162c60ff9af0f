// SPDX-License-Identifier: BSD-3-Clause
// Two readers look up while the control thread changes the table: meant for ThreadSanitizer too.
#include <cstdint>
#include <thread>

#include <gtest/gtest.h>

#include "culvert/fib/tunnel_table.hpp"

#include "readers.hpp"

namespace culvert {
namespace {

constexpr unsigned readers = 2;
constexpr Ipv4Address any{};
constexpr Ipv4Address here = Ipv4Address::from_host(0x0a000001);
constexpr Ipv4Address there = Ipv4Address::from_host(0x0a000002);

Tunnel tunnel(Ipv4Address local, Ipv4Address remote, std::uint32_t index) {
  Tunnel result;
  result.local = local;
  result.remote = remote;
  result.index = index;
  result.up = true;
  return result;
}

constexpr TunnelQuery packet{here, there, be32{}, TunnelMode::ipip, false, 0};

class TunnelTableThreads : public testing::Test {
 protected:
  /// The packet finds a tunnel, and one of its own.
  auto finding(std::uint32_t least, std::uint32_t most) {
    return [this, least, most] {
      const Tunnel* found = table.lookup(packet);
      return found != nullptr && found->index >= least && found->index <= most && found->up &&
             (found->remote == there || found->remote.is_any());
    };
  }

  /// So that records come back before they run out.
  void let_readers_follow() {
    while (quiescence.poll() > 200) {
      std::this_thread::yield();
    }
  }

  Quiescence quiescence{readers};
  TunnelTable table{quiescence, 1024};
};

TEST_F(TunnelTableThreads, ReplacedIsTheOldOrTheNew) {
  const Tunnel both = tunnel(here, there, 1);
  const Tunnel remote = tunnel(any, there, 2);
  const Tunnel local = tunnel(here, any, 3);
  Tunnel changed = local;
  changed.local_is_ours = true;
  table.insert(tunnel(any, any, 9));  // who meets neither the old nor the new one finds this
  table.insert(both);
  test::Readers<readers> checks(quiescence, finding(1, 3));
  test::keep_changing([&](unsigned) {
    table.replace(both, local);
    table.replace(local, changed);
    table.replace(changed, remote);
    table.replace(remote, both);
    let_readers_follow();
  });
  EXPECT_TRUE(checks.stop());
}

TEST_F(TunnelTableThreads, OthersComeAndGoAndTheTableGrows) {
  table.insert(tunnel(here, there, 1));
  test::Readers<readers> checks(quiescence, finding(1, 1));
  const auto passing = [](std::uint32_t i) {
    return tunnel(here, Ipv4Address::from_host(0x0b000000 + i), 100 + i);
  };
  test::keep_changing([&](unsigned) {
    for (std::uint32_t i = 0; i < 300; ++i) {
      table.insert(passing(i));
    }
    for (std::uint32_t i = 0; i < 300; ++i) {
      table.erase(passing(i));
    }
    let_readers_follow();
  });
  EXPECT_TRUE(checks.stop());
}

TEST_F(TunnelTableThreads, PortsComeAndGo) {
  const Tunnel plain = tunnel(here, there, 1);
  Tunnel bound = tunnel(any, any, 2);
  bound.bound_port = packet.port;
  table.insert(plain);
  test::Readers<readers> checks(quiescence, finding(1, 2));
  test::keep_changing([&](unsigned) {
    table.insert(bound);
    table.erase(bound);
    let_readers_follow();
  });
  EXPECT_TRUE(checks.stop());
}

}  // namespace
}  // namespace culvert
