// SPDX-License-Identifier: BSD-3-Clause
#include "sender.hpp"

#include <rte_cycles.h>

#include "culvert/dataplane/packet.hpp"

namespace culvert::traffic {

Sender::Sender(const FrameSet& set, Queue queue, rte_mempool* pool, bool retry)
    : frames_(set.frames), sequences_(set.streams), queue_(queue), pool_(pool), retry_(retry) {}

Sender::~Sender() {
  restart();
}

void Sender::restart() noexcept {
  rte_pktmbuf_free_bulk(ready_.data() + first_, last_ - first_);
  first_ = last_ = 0;
  sent_ = refused_ = 0;
}

bool Sender::make(unsigned count) {
  if (rte_pktmbuf_alloc_bulk(pool_, ready_.data(), count) != 0) {
    return false;
  }
  const std::uint64_t now = rte_rdtsc();
  for (unsigned i = 0; i < count; ++i) {
    const Frame& frame = frames_[next_frame_];
    next_frame_ = next_frame_ + 1 == frames_.size() ? 0 : next_frame_ + 1;
    rte_mbuf* const m = ready_[i];
    write_frame(frame, sequences_[frame.stream]++, now, data_of(m));
    m->data_len = frame.length;
    m->pkt_len = frame.length;
  }
  first_ = 0;
  last_ = count;
  return true;
}

unsigned Sender::send(unsigned count) {
  if (first_ == last_ && (count == 0 || !make(count))) {
    refused_ += count;  // all buffers are under way
    return 0;
  }
  const unsigned offered = last_ - first_;
  const unsigned taken = queue_.transmit(ready_.data() + first_, offered);
  first_ += taken;
  sent_ += taken;
  refused_ += offered - taken;
  if (!retry_ && first_ != last_) {
    rte_pktmbuf_free_bulk(ready_.data() + first_, last_ - first_);
    first_ = last_;
  }
  return taken;
}

}  // namespace culvert::traffic
