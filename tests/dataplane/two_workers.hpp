// SPDX-License-Identifier: BSD-3-Clause
// tests/dataplane: a gateway with two workers, their turns taken by the test.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "support/gateway.hpp"

namespace culvert::test {

class TwoWorkers : public testing::Test {
 protected:
  explicit TwoWorkers(const Spread::Options& spread = {.mode = SpreadMode::off}) {
    std::vector<const Port*> ports{&gateway.port(inside), &gateway.port(outside)};
    for (std::uint16_t i = 0; i < 2; ++i) {
      lanes[i].emplace(gateway.forwarding(), gateway.counters(), *exchanges[i], i, std::uint16_t{2},
                       Reassembly::Capacity{}, spread);
      lanes[i]->set_ports({.ports = ports, .version = 1}, exchanges);
    }
  }

  void receive(unsigned worker, std::uint16_t port, const Bytes& frame) {
    rte_mbuf* const m = make_mbuf(gateway.pool(), frame);
    forward_burst(*lanes[worker], gateway.port(port), {&m, 1});
    lanes[worker]->finish_burst();
  }

  /// What was handed to this worker goes on. Returns how many that were.
  unsigned resume(unsigned worker) {
    std::array<rte_mbuf*, max_burst> packets{};
    const unsigned count = exchanges[worker]->take_injections(packets.data(), max_burst);
    resume_burst(*lanes[worker], {packets.data(), count});
    lanes[worker]->finish_burst();
    return count;
  }

  /// Until nothing is left: the first worker owns the ports' queues, so frames go by it.
  void settle() {
    while (resume(0) + resume(1) != 0) {
    }
  }

  TestGateway gateway;
  Doorbell doorbell;
  Exchange second{"second", doorbell};
  std::array<Exchange*, 2> exchanges{&gateway.exchange(), &second};
  std::array<std::optional<Lane>, 2> lanes;
};

}  // namespace culvert::test
