// SPDX-License-Identifier: BSD-3-Clause
#include "receiver.hpp"

#include <array>

#include <rte_cycles.h>

#include "culvert/dataplane/packet.hpp"

#include "sender.hpp"
#include "signature.hpp"

namespace culvert::traffic {

Receiver::Receiver(std::uint32_t streams, Queue queue, bool latency, std::size_t samples)
    : order_(streams), wanted_samples_(samples), queue_(queue), measures_(latency) {
  samples_.reserve(samples);
}

void Receiver::restart() {
  start_ = rte_rdtsc();
  counts_ = {};
  latency_.clear();
  samples_.clear();
}

unsigned Receiver::receive() {
  std::array<rte_mbuf*, burst> frames{};
  const unsigned count = queue_.receive(frames.data(), burst);
  if (count == 0) {
    return 0;
  }
  const std::uint64_t now = rte_rdtsc();
  for (unsigned i = 0; i < count; ++i) {
    rte_prefetch0(rte_pktmbuf_mtod(frames[i], void*));
  }
  for (unsigned i = 0; i < count; ++i) {
    take(frames[i], now);
  }
  rte_pktmbuf_free_bulk(frames.data(), count);
  return count;
}

void Receiver::take(const rte_mbuf* m, std::uint64_t now) {
  const Signature* const signature = find_signature({data_of(m), m->data_len});
  if (signature == nullptr || signature->stream.host() >= order_.streams()) {
    ++counts_.foreign;
    return;
  }
  const Order::Arrival arrival =
      order_.arrive(signature->stream.host(), signature->sequence.host());
  const std::uint64_t sent = signature->time();
  if (((sent - start_) & time_mask) > time_mask / 2) {
    return;  // sent before the start
  }
  ++counts_.received;
  counts_.reordered += arrival == Order::Arrival::reordered ? 1U : 0U;
  counts_.duplicated += arrival == Order::Arrival::duplicated ? 1U : 0U;
  if (measures_) {
    latency_.add((now - sent) & time_mask);
  }
  if (samples_.size() < wanted_samples_) {
    keep(m);
  }
}

void Receiver::keep(const rte_mbuf* m) {
  std::vector<std::byte> bytes(m->pkt_len);
  if (const void* const at = rte_pktmbuf_read(m, 0, m->pkt_len, bytes.data()); at != bytes.data()) {
    std::memcpy(bytes.data(), at, bytes.size());
  }
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  samples_.push_back(
      {std::chrono::duration_cast<std::chrono::microseconds>(now), std::move(bytes)});
}

}  // namespace culvert::traffic
