// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/dataplane/engine.hpp"

#include <rte_launch.h>
#include <rte_lcore.h>

#include "culvert/dataplane/check.hpp"

namespace culvert {

PacketPool make_packet_pool(const std::string& name, unsigned count, std::uint16_t size) {
  constexpr unsigned cache = 256;
  return PacketPool(check(
      rte_pktmbuf_pool_create(name.c_str(), count, cache, facts_size, size, SOCKET_ID_ANY), name));
}

Engine::Engine(const Options& options)
    : options_(options),
      forwarding_(options.forwarding),
      pool_(make_packet_pool(options.name + "packets", options.mbufs, options.mbuf_size)),
      ports_(new PortList) {
  for (unsigned i = 0; i < options.forwarding.workers; ++i) {
    exchanges_.push_back(
        std::make_unique<Exchange>(options.name + "worker-" + std::to_string(i), doorbell_));
    exchange_list_.push_back(exchanges_.back().get());
  }
  for (unsigned i = 0; i <= options.forwarding.workers; ++i) {
    counters_.push_back(std::make_unique<Counters>(options.tunnels));
  }
  const Worker::Shared shared{forwarding_, ports_, exchange_list_, stop_};
  for (std::uint16_t i = 0; i < workers(); ++i) {
    workers_.push_back(std::make_unique<Worker>(shared, i, *counters_[i], options_.worker));
  }
}

Engine::~Engine() {
  stop();
  forwarding_.quiescence.synchronize();
  delete ports_.load();
}

void Engine::start() {
  unsigned lcore = rte_get_next_lcore(rte_get_main_lcore(), 1, 1);
  for (const auto& each : workers_) {
    const auto run = [](void* worker) {
      static_cast<Worker*>(worker)->run();
      return 0;
    };
    check(rte_eal_remote_launch(run, each.get(), lcore), "worker");
    lcore = rte_get_next_lcore(lcore, 1, 0);
  }
}

void Engine::stop() noexcept {
  stop_.store(true, std::memory_order_relaxed);
  rte_eal_mp_wait_lcore();
  for (Exchange* exchange : exchange_list_) {
    rte_mbuf* m = nullptr;
    while (exchange->take_punts(&m, 1) != 0 || exchange->take_injections(&m, 1) != 0) {
      rte_pktmbuf_free(m);
    }
  }
}

unsigned Engine::buffers_in_use() const noexcept {
  return rte_mempool_in_use_count(pool_.get());
}

void Engine::publish(PortList list) {
  list.version = next_version_++;
  const PortList* const before = ports_.exchange(new PortList(std::move(list)));
  forwarding_.quiescence.retire([before] { delete before; });
}

std::uint64_t Engine::drops(Drop reason) const noexcept {
  std::uint64_t sum = 0;
  for (const auto& counters : counters_) {
    sum += counters->drops[static_cast<std::size_t>(reason)].get();
  }
  return sum;
}

}  // namespace culvert
