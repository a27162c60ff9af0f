// SPDX-License-Identifier: BSD-3-Clause
// A whole gateway with two workers, all of whose tunnel packets land in one queue. No suite for
// ThreadSanitizer, which cannot see that DPDK's rings hand packets over.
#include <atomic>
#include <random>
#include <thread>

#include "flows.hpp"
#include "support/whole_gateway.hpp"

namespace culvert::test {
namespace {

constexpr std::string_view a = node_a.outside4;
constexpr std::string_view b = node_b.outside4;

class SpreadWorkers : public testing::Test {
 protected:
  void start(const Spread::Options& spread) {
    static unsigned number = 0;
    gateway.emplace("spread-" + std::to_string(number++), RTE_MBUF_DEFAULT_BUF_SIZE,
                    std::uint16_t{2}, spread);
    gateway->add_port("lan0", node_a.inside_mac);
    gateway->add_port("wan0", node_a.outside_mac);
    for (const char* const line :
         {"link set lan0 up", "link set wan0 up", "addr add 192.168.1.1/24 dev lan0",
          "addr add 10.0.0.1/24 dev wan0",
          "neigh add 192.168.1.2 lladdr 02:00:00:00:01:02 dev lan0",
          "neigh add 10.0.0.2 lladdr 02:00:00:00:00:0b dev wan0",
          "tunnel add t0 mode ipip local 10.0.0.1 remote 10.0.0.2", "link set t0 up",
          "route add 192.168.2.0/24 dev t0"}) {
      gateway->must_run(line);
    }
    (void)gateway->sent("lan0");
    (void)gateway->sent("wan0");
  }
  const Counters& counters(std::size_t worker) { return *gateway->engine().counters()[worker]; }
  std::uint64_t decapsulated(std::size_t worker) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < gateway->engine().options().tunnels; ++i) {
      sum += counters(worker).tunnels[i].rx_packets.get();
    }
    return sum;
  }

  std::optional<WholeGateway> gateway;
};

TEST_F(SpreadWorkers, OrderHoldsAndTheBooksBalanceUnderThreads) {
  constexpr std::uint32_t never = 4'000'000'000;
  constexpr unsigned flows = 40;
  constexpr unsigned total = 30'000;
  start({.mode = SpreadMode::automatic, .window = never});
  Worker& first = gateway->engine().worker(0);
  Worker& second = gateway->engine().worker(1);
  std::vector<Flow> all;
  for (unsigned i = 0; i < flows; ++i) {
    all.push_back({static_cast<std::uint16_t>(3000 + i)});
  }
  std::atomic<bool> done{false};
  std::thread other([&] {
    while (!done.load()) {
      if (!second.poll()) {
        std::this_thread::yield();
      }
    }
  });
  std::mt19937 random(11);
  const auto one_of = [&](unsigned count) { return static_cast<unsigned>(random()) % count; };
  Spread& spread = first.lane().spread;
  unsigned changes = 0;
  for (unsigned put = 0; put < total; put += 20) {
    for (unsigned i = 0; i < 20; ++i) {
      gateway->put("wan0", all[one_of(flows)].frame());
    }
    Flow& moved = all[one_of(flows)];
    const unsigned bucket = moved.bucket(gateway->engine().pool());
    changes += spread.worker_of(bucket);
    spread.want(bucket, static_cast<std::uint16_t>(one_of(2)));
    (void)first.poll();
    if (one_of(20) == 0) {
      std::this_thread::yield();
    }
  }
  while (first.poll()) {
  }
  done = true;
  other.join();
  gateway->settle();

  OrderCheck order;
  for (const Bytes& frame : gateway->sent("lan0")) {
    order.see(frame);
  }
  EXPECT_GT(changes, 0U);
  EXPECT_EQ(order.count() + gateway->engine().drops(Drop::worker_full), total);
  EXPECT_EQ(order.count(), counters(0).sent.get() + counters(1).sent.get());
  EXPECT_EQ(counters(0).received.get(), total);
  EXPECT_EQ(decapsulated(0), total) << "where the packet was taken out of it";
  EXPECT_EQ(decapsulated(1), 0U);
  EXPECT_EQ(counters(1).sent.get(), counters(0).handed_over.get());
  EXPECT_GT(counters(1).sent.get(), 0U);
}

TEST_F(SpreadWorkers, SendersAreToldWhoeverHasThePacket) {
  start({.mode = SpreadMode::on});
  gateway->must_run("link set lan0 mtu 600");
  (void)gateway->sent("wan0");
  constexpr unsigned flows = 16;
  for (std::uint16_t i = 0; i < flows; ++i) {
    Flow flow{static_cast<std::uint16_t>(4000 + i)};
    gateway->receive("wan0", flow.frame(1));  // its time is up here
    const Bytes big = ipv4(node_b.host4, node_a.host4, 17, bytes_of(be16{flow.port}) + payload(700),
                           {.fragment = 0x4000});
    gateway->receive("wan0", Flow::to_gateway(ipv4(b, a, 4, big)));
    const auto told = gateway->sent("wan0");
    ASSERT_EQ(told.size(), 2U);
    for (const std::size_t j : {0U, 1U}) {
      const std::byte* const outer = told[j].data() + sizeof(EthernetHeader);
      EXPECT_EQ(header_at<Ipv4Header>(outer).destination, ip4(b));
      EXPECT_EQ(header_at<Ipv4Header>(outer + 20).destination, ip4(node_b.host4));
      const auto& icmp = header_at<IcmpHeader>(outer + 40);
      EXPECT_EQ(icmp.type, j == 0 ? 11 : 3);
      EXPECT_EQ(icmp.rest.host(), j == 0 ? 0U : 600U);
    }
  }
  EXPECT_GT(counters(0).handed_over.get(), 0U);
  EXPECT_LT(counters(0).handed_over.get(), 2 * flows);
}

}  // namespace
}  // namespace culvert::test
