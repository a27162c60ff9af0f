// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/dataplane/worker.hpp"

#include <algorithm>
#include <ctime>

#include <sys/prctl.h>

#include "culvert/dataplane/pipeline.hpp"

namespace culvert {
namespace {

constexpr unsigned polls_before_rest = 64;
constexpr long longest_rest = 200'000;  // ns: a port's ring must hold what arrives meanwhile
constexpr long rest_step = 1'000;       // ns longer with each empty poll

}  // namespace

Worker::Worker(const Shared& shared, std::uint16_t number, Counters& counters,
               const Options& options)
    : shared_(shared),
      options_(options),
      lane_(shared.forwarding, counters, *shared.exchanges[number], number,
            static_cast<std::uint16_t>(shared.exchanges.size()), {}, options.spread) {}

void Worker::run() noexcept {
  // The kernel's default slack of 50 µs would be added to each short sleep.
  prctl(PR_SET_TIMERSLACK, 1UL);
  Quiescence& quiescence = shared_.forwarding.quiescence;
  quiescence.online(lane_.worker());
  while (!shared_.stop.load(std::memory_order_relaxed)) {
    if (poll()) {
      idle_polls_ = 0;
    } else if (!options_.busy_poll && ++idle_polls_ > polls_before_rest) {
      rest();
    }
    quiescence.quiescent(lane_.worker());
  }
  quiescence.offline(lane_.worker());
}

bool Worker::poll() noexcept {
  // First, so that nothing of a withdrawn list is touched once quiescence has been reported.
  const PortList* const list = shared_.ports.load(std::memory_order_acquire);
  if (list->version != adopted_) [[unlikely]] {
    adopt(*list);
  }
  if (lane_.spread.watches()) [[unlikely]] {
    lane_.spread.begin_turn(shared_.exchanges, worked_, rte_rdtsc());
  }
  std::array<rte_mbuf*, max_burst> frames;
  const unsigned resumed = lane_.exchange.take_injections(frames.data(), max_burst);
  if (resumed != 0) {
    resume_burst(lane_, {frames.data(), resumed});
  }
  bool worked = resumed != 0;
  for (const Source& source : std::span{sources_}.first(source_count_)) {
    const std::uint16_t count =
        rte_eth_rx_burst(source.port->ethdev(), source.queue, frames.data(), options_.burst);
    if (count != 0) {
      forward_burst(lane_, *source.port, {frames.data(), count});
      worked = true;
    }
  }
  lane_.finish_burst();
  worked_ = worked;
  return worked;
}

void Worker::adopt(const PortList& list) noexcept {
  lane_.set_ports(list, shared_.exchanges);
  source_count_ = 0;
  for (const Port* port : list.ports) {
    for (std::uint16_t queue = 0; queue < port->rx_queues(); ++queue) {
      if (port->owner(queue, port->rx_queues()) == lane_.worker()) {
        sources_[source_count_++] = {port, queue};
      }
    }
  }
  adopted_ = list.version;
}

void Worker::rest() noexcept {
  Quiescence& quiescence = shared_.forwarding.quiescence;
  const long wanted = static_cast<long>(idle_polls_ - polls_before_rest) * rest_step;
  const timespec duration{0, std::min(wanted, longest_rest)};
  quiescence.offline(lane_.worker());
  nanosleep(&duration, nullptr);
  quiescence.online(lane_.worker());
}

}  // namespace culvert
