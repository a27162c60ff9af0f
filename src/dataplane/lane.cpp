// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/dataplane/lane.hpp"

namespace culvert {

void Lane::set_ports(const PortList& list, std::span<Exchange* const> exchanges) noexcept {
  finish_burst();
  exchanges_ = exchanges;
  for (TxBuffer& buffer : tx_) {
    buffer.room = 0;
  }
  open_count_ = 0;
  for (const Port* port : list.ports) {
    TxBuffer& buffer = tx_[port->index()];
    const std::uint16_t queues = port->tx_queues();
    const auto queue = static_cast<std::uint16_t>(worker_ % queues);
    // With fewer queues than workers, each queue has one owner and the others go through it.
    buffer.queue = queue;
    buffer.owner = nullptr;
    for (std::uint16_t q = 0; q < queues; ++q) {
      if (port->owner(q, queues) == worker_) {
        buffer.queue = q;
      }
    }
    if (const auto owner = port->owner(buffer.queue, queues); owner != worker_) {
      buffer.owner = exchanges[owner];
    }
    buffer.ethdev = port->ethdev();
    buffer.room = max_burst;
    open_[open_count_++] = port->index();
  }
}

void Lane::punt(rte_mbuf* m, const PacketFacts& facts) noexcept {
  PacketFacts& own = facts_of(m);
  own = facts;
  own.worker = static_cast<std::uint8_t>(worker_);
  if (!exchange.punt(m)) [[unlikely]] {
    drop(m, Drop::slowpath_full);
    return;
  }
  punted_ = true;
}

void Lane::hand_flow_over(rte_mbuf* m, std::uint16_t worker, const PacketFacts& facts) noexcept {
  PacketFacts& own = facts_of(m);
  own = facts;
  own.worker = static_cast<std::uint8_t>(worker);
  HandOverBuffer& buffer = handed_[worker];
  buffer.packets[buffer.count++] = m;
  handing_ = true;
  if (buffer.count == max_burst) [[unlikely]] {
    flush_frames();
    flush_handed(worker);
  }
}

/// After flush_frames(), since of a flow that has just changed its worker there may be some.
void Lane::flush_handed(std::uint16_t worker) noexcept {
  HandOverBuffer& buffer = handed_[worker];
  const unsigned taken = exchanges_[worker]->inject({buffer.packets.data(), buffer.count});
  counters.handed_over.add(taken);
  spread.handed(worker, taken < buffer.count);
  for (unsigned i = taken; i < buffer.count; ++i) {
    drop(buffer.packets[i], Drop::worker_full);
  }
  buffer.count = 0;
}

void Lane::punt_copy(const rte_mbuf* m, std::uint32_t length, const PacketFacts& facts) noexcept {
  rte_mbuf* const copy = rte_pktmbuf_copy(m, m->pool, 0, length);
  if (copy == nullptr) {
    return;
  }
  PacketFacts& own = facts_of(copy);
  own = facts;
  own.worker = static_cast<std::uint8_t>(worker_);
  if (!exchange.punt(copy)) {
    rte_pktmbuf_free(copy);
    return;
  }
  punted_ = true;
}

void Lane::make_room(rte_mbuf* m, std::uint16_t port) noexcept {
  if (tx_[port].room == 0) {
    drop(m, Drop::port_down);
    return;
  }
  flush(port);
  transmit(m, port);
}

void Lane::flush(std::uint16_t port) noexcept {
  TxBuffer& buffer = tx_[port];
  std::uint16_t sent = 0;
  if (buffer.owner == nullptr) [[likely]] {
    sent = rte_eth_tx_burst(buffer.ethdev, buffer.queue, buffer.frames.data(), buffer.count);
    counters.sent.add(sent);
  } else {
    const std::span frames{buffer.frames.data(), buffer.count};
    for (rte_mbuf* const frame : frames) {
      facts_of(frame) = {.entry = Entry::transmit, .port = port};
    }
    sent = static_cast<std::uint16_t>(buffer.owner->inject(frames));
    spread.passed_on();
  }
  if (sent < buffer.count) [[unlikely]] {
    const auto refused = static_cast<std::uint16_t>(buffer.count - sent);
    counters.tx_dropped[port].add(refused);
    counters.drops[static_cast<std::size_t>(Drop::tx_full)].add(refused);
    rte_pktmbuf_free_bulk(buffer.frames.data() + sent, refused);
  }
  buffer.count = 0;
}

void Lane::flush_frames() noexcept {
  for (std::uint16_t i = 0; i < open_count_; ++i) {
    if (tx_[open_[i]].count != 0) {
      flush(open_[i]);
    }
  }
}

void Lane::finish_burst() noexcept {
  if (reassembly.held() != 0) [[unlikely]] {
    reassembly.expire(*this, rte_rdtsc());
  }
  flush_frames();
  if (handing_) [[unlikely]] {
    handing_ = false;
    for (std::uint16_t i = 0; i < workers_; ++i) {
      if (handed_[i].count != 0) {
        flush_handed(i);
      }
    }
  }
  if (dropped_count_ != 0) {
    free_dropped();
  }
  if (punted_) {
    punted_ = false;
    exchange.ring_doorbell();
  }
  exchange.finish();
}

}  // namespace culvert
