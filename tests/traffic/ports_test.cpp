// SPDX-License-Identifier: BSD-3-Clause
// tests/traffic: sender and receiver on a port in memory.
#include <gtest/gtest.h>

#include <rte_cycles.h>

#include "culvert/dataplane/engine.hpp"
#include "culvert/dataplane/port.hpp"

#include "culvert-traffic/receiver.hpp"
#include "culvert-traffic/sender.hpp"
#include "frames.hpp"
#include "support/memory_port.hpp"

namespace culvert::traffic::test {
namespace {

class Ports : public testing::Test {
 protected:
  Ports() : pool_(make_packet_pool("traffic-test", 1024, RTE_MBUF_DEFAULT_BUF_SIZE)) {
    port_.emplace(memory_.device(), std::uint16_t{0}, Port::Options{1, 64, pool_.get()});
    memory_.attach(pool_.get());
    port_->start();
  }
  void TearDown() override { EXPECT_EQ(rte_mempool_in_use_count(pool_.get()), 0U); }

  PacketPool pool_;
  std::optional<Port> port_;
  culvert::test::MemoryPort memory_;  // goes before the port does
  FrameSet set_ = build_frames(traffic_from({"--flows", "4"}));
};

TEST_F(Ports, WhatIsSentIsReceived) {
  Sender sender(set_, Queue{port_->ethdev()}, pool_.get(), false);
  Receiver receiver(set_.streams, Queue{port_->ethdev()}, true, 5);
  receiver.restart();
  EXPECT_EQ(sender.send(32), 32U);
  EXPECT_EQ(sender.send(7), 7U);
  EXPECT_EQ(sender.send(0), 0U);
  EXPECT_EQ(sender.sent(), 39U);
  const auto frames = memory_.take();
  ASSERT_EQ(frames.size(), 39U);
  for (const Bytes& frame : frames) {
    memory_.put(frame);
  }
  EXPECT_EQ(receiver.receive(), 32U);
  EXPECT_EQ(receiver.receive(), 7U);
  EXPECT_EQ(receiver.receive(), 0U);
  EXPECT_EQ(receiver.counts().received, 39U);
  EXPECT_EQ(receiver.counts().foreign + receiver.counts().reordered + receiver.counts().duplicated,
            0U);
  EXPECT_EQ(receiver.latency().total(), 39U);
  EXPECT_LT(receiver.latency().most(), 60 * rte_get_tsc_hz());
  ASSERT_EQ(receiver.samples().size(), 5U);
  EXPECT_EQ(receiver.samples().back().bytes, frames[4]);
}

TEST_F(Ports, ReorderedDuplicatedForeignAndEarly) {
  Sender sender(set_, Queue{port_->ethdev()}, pool_.get(), false);
  Receiver receiver(set_.streams, Queue{port_->ethdev()}, false, 0);
  sender.send(1);
  const Bytes early = memory_.take().front();
  receiver.restart();
  // Three of one stream.
  std::vector<Bytes> own;
  while (own.size() < 3) {
    sender.send(1);
    const Bytes frame = memory_.take().front();
    if (find_signature(frame)->stream.host() == 0) {
      own.push_back(frame);
    }
  }
  Bytes strange = own[0];
  strange.at(44) = std::byte{0xff};  // a stream that there is not
  for (const Bytes& frame : {own[1], own[0], own[2], own[1], early, strange, Bytes(60)}) {
    memory_.put(frame);
  }
  receiver.receive();
  EXPECT_EQ(receiver.counts().received, 4U);
  EXPECT_EQ(receiver.counts().reordered, 1U);
  EXPECT_EQ(receiver.counts().duplicated, 1U);
  EXPECT_EQ(receiver.counts().foreign, 2U);
  EXPECT_EQ(receiver.latency().total(), 0U);
}

/// A port that takes two frames of each burst.
class Narrow {
 public:
  explicit Narrow(std::uint16_t port) : port_(port), burst_(rte_eth_fp_ops[port].tx_pkt_burst) {
    behind = burst_;
    rte_eth_fp_ops[port].tx_pkt_burst = [](void* queue, rte_mbuf** frames, std::uint16_t count) {
      return behind(queue, frames, std::min<std::uint16_t>(count, 2));
    };
  }
  ~Narrow() { rte_eth_fp_ops[port_].tx_pkt_burst = burst_; }
  Narrow(const Narrow&) = delete;
  Narrow& operator=(const Narrow&) = delete;

 private:
  static inline eth_tx_burst_t behind = nullptr;
  std::uint16_t port_;
  eth_tx_burst_t burst_;
};

std::uint32_t sequence_of(const Bytes& frame) {
  return find_signature(frame)->sequence.host();
}

TEST_F(Ports, RefusedFramesAreOfferedAgain) {
  const FrameSet one = build_frames(traffic_from({"--flows", "1"}));
  const Narrow narrow(port_->ethdev());
  Sender sender(one, Queue{port_->ethdev()}, pool_.get(), true);
  EXPECT_EQ(sender.send(5), 2U);
  EXPECT_EQ(sender.send(5), 2U);
  EXPECT_EQ(sender.send(5), 1U);
  EXPECT_EQ(sender.send(1), 1U);
  EXPECT_EQ(sender.sent(), 6U);
  EXPECT_EQ(sender.refused(), 3U + 1U);
}

TEST_F(Ports, RefusedFramesAreLetGo) {
  const Narrow narrow(port_->ethdev());
  Sender sender(set_, Queue{port_->ethdev()}, pool_.get(), false);
  EXPECT_EQ(sender.send(5), 2U);
  EXPECT_EQ(sender.send(5), 2U);
  EXPECT_EQ(sender.sent(), 4U);
  EXPECT_EQ(sender.refused(), 6U);
  sender.restart();
  EXPECT_EQ(sender.sent() + sender.refused(), 0U);
}

TEST_F(Ports, GoesThroughTheSetAgain) {
  const FrameSet one = build_frames(traffic_from({"--flows", "1"}));
  Sender sender(one, Queue{port_->ethdev()}, pool_.get(), false);
  std::uint32_t expected = 0;
  for (std::size_t sent = 0; sent < one.frames.size() + 100; sent += 32) {
    ASSERT_EQ(sender.send(32), 32U);
    for (const Bytes& frame : memory_.take()) {
      ASSERT_EQ(sequence_of(frame), expected++);
    }
  }
}

}  // namespace
}  // namespace culvert::traffic::test
