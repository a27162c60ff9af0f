// SPDX-License-Identifier: BSD-3-Clause
#include "support/memory_port.hpp"

#include <rte_malloc.h>

#include "culvert/dataplane/check.hpp"

namespace culvert::test {
namespace {

std::string next_name() {
  static unsigned count = 0;
  return "net_null_memory" + std::to_string(count++);
}

}  // namespace

// A device that receives nothing and frees what it sends; callbacks do the rest.
MemoryPort::MemoryPort() : name_(next_name()), device_(name_ + ",no-rx=1") {}

MemoryPort::~MemoryPort() {
  if (on_receive_ != nullptr) {
    (void)rte_eth_remove_rx_callback(ethdev_, 0, on_receive_);
    rte_free(const_cast<rte_eth_rxtx_callback*>(on_receive_));
  }
  for (std::uint16_t queue = 0; queue < on_send_.size(); ++queue) {
    (void)rte_eth_remove_tx_callback(ethdev_, queue, on_send_[queue]);
    rte_free(const_cast<rte_eth_rxtx_callback*>(on_send_[queue]));
  }
}

void MemoryPort::attach(rte_mempool* pool) {
  pool_ = pool;
  check(rte_eth_dev_get_port_by_name(name_.c_str(), &ethdev_), name_);
  on_receive_ = check(rte_eth_add_rx_callback(ethdev_, 0, receive, this), name_);
  rte_eth_dev_info info{};
  check(rte_eth_dev_info_get(ethdev_, &info), name_);
  for (std::uint16_t queue = 0; queue < info.nb_tx_queues; ++queue) {
    on_send_.push_back(check(rte_eth_add_tx_callback(ethdev_, queue, send, this), name_));
  }
}

/// As a driver that scatters: in as many buffers as it takes.
Layout MemoryPort::layout_of(const Bytes& frame) const {
  const std::size_t room = rte_pktmbuf_data_room_size(pool_) - RTE_PKTMBUF_HEADROOM;
  Layout layout;
  for (std::size_t at = room; at < frame.size(); at += room) {
    layout.cuts.push_back(at);
  }
  return layout;
}

std::uint16_t MemoryPort::receive(std::uint16_t, std::uint16_t, rte_mbuf** frames,
                                  std::uint16_t count, std::uint16_t room, void* self) {
  auto& port = *static_cast<MemoryPort*>(self);
  for (; count < room && !port.received_.empty(); port.received_.pop_front()) {
    const Bytes& frame = port.received_.front();
    frames[count++] = make_mbuf(port.pool_, frame, port.layout_of(frame));
  }
  return count;
}

std::uint16_t MemoryPort::send(std::uint16_t, std::uint16_t, rte_mbuf** frames, std::uint16_t count,
                               void* self) {
  auto& port = *static_cast<MemoryPort*>(self);
  const std::lock_guard lock(port.sending_);
  for (std::uint16_t i = 0; i < count; ++i) {
    port.sent_.push_back(contents(frames[i]));
  }
  return count;
}

}  // namespace culvert::test
