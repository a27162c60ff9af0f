// SPDX-License-Identifier: BSD-3-Clause
// One thread forwards as a worker does, another changes all that it reads: no packet may meet half
// a change, nor anything that is freed. ThreadSanitizer sees the rest; DPDK's rings and pools stay
// with one of the two threads, since it cannot see into them.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "support/gateway.hpp"

namespace culvert::test {
namespace {

constexpr auto duration = std::chrono::milliseconds(500);
constexpr std::uint16_t id = TestGateway::first_id;
const std::string_view a = node_a.outside4;

Bytes to_peer(std::string_view mac, const Bytes& packet) {
  return ethernet(mac, node_a.outside_mac, ether_type::ipv4, packet);
}

/// Receives the same frame again and again, in a thread of its own; every outcome must be an
/// expected or a rare one, and each expected one must come.
class Worker {
 public:
  Worker(TestGateway& gateway, std::uint16_t port, Bytes frame, std::vector<Outcome> expected,
         std::vector<Outcome> rare = {})
      : gateway_(gateway),
        port_(port),
        frame_(std::move(frame)),
        expected_(std::move(expected)),
        rare_(std::move(rare)),
        thread_([this] { run(); }) {}
  ~Worker() { thread_.join(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Calls `change(0)`, `change(1)`, … in this thread while the worker runs.
  template <typename Change>
  void run_against(const Change& change) {
    const auto end = std::chrono::steady_clock::now() + duration;
    for (unsigned i = 0; std::chrono::steady_clock::now() < end; ++i) {
      change(i);
      (void)gateway_.forwarding().quiescence.poll();
      std::this_thread::yield();
    }
    stop_ = true;
  }

 private:
  void run() {
    Quiescence& quiescence = gateway_.forwarding().quiescence;
    std::vector<unsigned> seen(expected_.size());
    quiescence.online(0);
    while (!stop_.load()) {
      const Outcome outcome = gateway_.receive(port_, frame_);
      quiescence.quiescent(0);
      const auto at = std::find(expected_.begin(), expected_.end(), outcome);
      if (at != expected_.end()) {
        ++seen[static_cast<std::size_t>(at - expected_.begin())];
      } else if (std::find(rare_.begin(), rare_.end(), outcome) == rare_.end()) {
        ADD_FAILURE() << testing::PrintToString(outcome);
        break;
      }
    }
    quiescence.offline(0);
    for (std::size_t i = 0; i < seen.size(); ++i) {
      EXPECT_GT(seen[i], 0U) << "never " << testing::PrintToString(expected_[i]);
    }
  }

  TestGateway& gateway_;
  std::uint16_t port_;
  Bytes frame_;
  std::vector<Outcome> expected_;
  std::vector<Outcome> rare_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

const Bytes packet = ipv4(node_a.host4, node_b.host4, 17, payload(20), {.fragment = 0x4000});
const Bytes forwarded =
    ipv4(node_a.host4, node_b.host4, 17, payload(20), {.ttl = 63, .fragment = 0x4000});
const Bytes frame = ethernet(node_a.inside_mac, node_a.host_mac, ether_type::ipv4, packet);

const TestTunnel to_b{.mode = TunnelMode::ipip, .local = a, .remote = node_b.outside4, .ttl = 10};
const TestTunnel to_c{.mode = TunnelMode::gre, .local = a, .remote = outside4_of_c, .ttl = 20};
const Bytes through_b =
    to_peer(node_b.outside_mac,
            ipv4(a, node_b.outside4, 4, forwarded, {.ttl = 10, .id = id, .fragment = 0x4000}));
const Bytes through_c =
    to_peer(outside_mac_of_c, ipv4(a, outside4_of_c, 47, gre(0, ether_type::ipv4, {}, forwarded),
                                   {.ttl = 20, .id = id, .fragment = 0x4000}));

TEST(PipelineThreads, NextHopsThatAreReplaced) {
  TestGateway gateway;
  const NextHop first = gateway.through(to_b, 0, ether_type::ipv4);
  const NextHop second = gateway.through(to_c, 1, ether_type::ipv4);
  const NextHopId hop = gateway.route(node_b.inside_net4, first);
  Worker worker(gateway, inside, frame, {sent(outside, through_b), sent(outside, through_c)});
  worker.run_against([&](unsigned i) {
    gateway.forwarding().next_hops.replace(hop, i % 2 == 0 ? second : first);
  });
}

TEST(PipelineThreads, RoutesThatComeAndGo) {
  TestGateway gateway;
  const NextHopId first =
      gateway.route("192.168.0.0/16", gateway.through(to_b, 0, ether_type::ipv4));
  const NextHopId second =
      gateway.forwarding().next_hops.create(gateway.through(to_c, 1, ether_type::ipv4));
  const auto more_specific = Ipv4Prefix::of(ip4(node_b.host4), 30);
  Worker worker(gateway, inside, frame, {sent(outside, through_b), sent(outside, through_c)});
  worker.run_against([&](unsigned i) {
    if (i % 2 == 0) {
      gateway.forwarding().ipv4.set(more_specific, second);
    } else {
      gateway.forwarding().ipv4.clear(more_specific, Cover{16, first});
    }
  });
}

TEST(PipelineThreads, NextHopsThatAreNewEachTime) {
  TestGateway gateway;
  const NextHop first = gateway.through(to_b, 0, ether_type::ipv4);
  const NextHop second = gateway.through(to_c, 1, ether_type::ipv4);
  const auto prefix = Ipv4Prefix::of(ip4(node_b.host4), 24);
  NextHopId before = gateway.route(node_b.inside_net4, first);
  Worker worker(gateway, inside, frame, {sent(outside, through_b), sent(outside, through_c)});
  worker.run_against([&](unsigned i) {
    const NextHopId now = gateway.forwarding().next_hops.create(i % 2 == 0 ? second : first);
    gateway.forwarding().ipv4.set(prefix, now);
    gateway.forwarding().next_hops.destroy(before);
    before = now;
  });
}

TEST(PipelineThreads, NeighboursThatMove) {
  TestGateway gateway;
  (void)gateway.route(node_b.inside_net4, gateway.through(to_b, 0, ether_type::ipv4));
  const auto word = [](std::string_view text, Reachability state) {
    return MacWord{mac(text), static_cast<std::uint16_t>(state)}.word();
  };
  const std::uint64_t words[] = {word("02:00:00:00:00:0b", Reachability::ready),
                                 word("02:ff:ff:ff:ff:0c", Reachability::idle),
                                 word("00:00:00:00:00:00", Reachability::unresolved)};
  const Bytes moved = to_peer("02:ff:ff:ff:ff:0c", from(through_b, sizeof(EthernetHeader)));
  // Lost just after the look at its state: the frame is lost with it.
  const Bytes gone = to_peer("00:00:00:00:00:00", from(through_b, sizeof(EthernetHeader)));
  Worker worker(
      gateway, inside, frame,
      {sent(outside, through_b), sent(outside, moved), punted(Punt::resolve, inside, frame)},
      {sent(outside, gone)});
  worker.run_against([&](unsigned i) { gateway.peer(node_b.outside4).destination = words[i % 3]; });
}

TEST(PipelineThreads, TunnelsThatComeAndGo) {
  TestGateway gateway;
  const std::string_view b = node_b.outside4;
  const Bytes inner = ipv4(node_b.host4, node_a.host4, 17, payload(20));
  const Bytes out = ethernet(node_a.host_mac, node_a.inside_mac, ether_type::ipv4,
                             ipv4(node_b.host4, node_a.host4, 17, payload(20), {.ttl = 63}));
  Tunnel tunnel;
  tunnel.local = ip4(a);
  tunnel.remote = ip4(b);
  tunnel.up = true;
  tunnel.local_is_ours = true;
  Tunnel down = tunnel;
  down.up = false;
  gateway.forwarding().tunnels.insert(tunnel);
  const Bytes tunnelled =
      ethernet(node_a.outside_mac, node_b.outside_mac, ether_type::ipv4, ipv4(b, a, 4, inner));
  Worker worker(gateway, outside, tunnelled,
                {sent(inside, out), reported(Drop::no_tunnel, outside, tunnelled)});
  worker.run_against([&](unsigned i) {
    switch (i % 4) {
      case 0:
        gateway.forwarding().tunnels.replace(tunnel, down);
        break;
      case 1:
        gateway.forwarding().tunnels.replace(down, tunnel);
        break;
      case 2:
        gateway.forwarding().tunnels.erase(tunnel);
        break;
      default:
        gateway.forwarding().tunnels.insert(tunnel);
        break;
    }
  });
}

}  // namespace
}  // namespace culvert::test
