// SPDX-License-Identifier: BSD-3-Clause
// tests/traffic: both ends of a net_ring port, its driver's by ethdev. The driver is the oracle.
#include "culvert-traffic/rings.hpp"

#include <array>
#include <optional>

#include <gtest/gtest.h>

#include "culvert/dataplane/engine.hpp"
#include "culvert/dataplane/port.hpp"

#include "culvert-traffic/queue.hpp"

namespace culvert::traffic::test {
namespace {

class Rings : public testing::Test {
 protected:
  Rings() : pool_(make_packet_pool("rings-test", 1023, RTE_MBUF_DEFAULT_BUF_SIZE)) {
    port_.emplace(device_, std::uint16_t{0}, Port::Options{1, 64, pool_.get()});
    port_->start();
  }
  void TearDown() override { EXPECT_EQ(rte_mempool_in_use_count(pool_.get()), 0U); }

  [[nodiscard]] Queue at_port() const { return Queue{port_->ethdev()}; }

  // Of its own in each test: the driver leaves rings behind.
  const std::string device_ = "net_ring" + std::to_string(devices_++);
  PacketPool pool_;
  std::optional<Port> port_;

 private:
  static inline unsigned devices_ = 0;
};

TEST_F(Rings, OfADeviceThatThereIsNot) {
  EXPECT_EQ(find_ring("net_ring_none"), nullptr);
}

TEST_F(Rings, PortThatOnlyReceives) {
  rte_ring* const ring = find_ring(device_);
  ASSERT_NE(ring, nullptr);
  let_port_receive_only(*ring);
  rte_mbuf* const sent = rte_pktmbuf_alloc(pool_.get());
  std::array<rte_mbuf*, 1> frames{sent};
  EXPECT_EQ(at_port().transmit(frames.data(), 1), 0U);
  ASSERT_EQ(Queue{ring}.transmit(frames.data(), 1), 1U);
  frames[0] = nullptr;
  EXPECT_EQ(at_port().receive(frames.data(), 1), 1U);
  EXPECT_EQ(frames[0], sent);
  rte_pktmbuf_free(sent);
}

TEST_F(Rings, PortThatOnlySends) {
  rte_ring* const ring = find_ring(device_);
  ASSERT_NE(ring, nullptr);
  let_port_send_only(*ring);
  for (unsigned round = 0; round < 3000; ++round) {  // around its 1024 places
    rte_mbuf* const sent = rte_pktmbuf_alloc(pool_.get());
    std::array<rte_mbuf*, 1> frames{sent};
    ASSERT_EQ(at_port().transmit(frames.data(), 1), 1U);
    ASSERT_EQ(at_port().receive(frames.data(), 1), 0U);
    ASSERT_EQ(Queue{ring}.receive(frames.data(), 1), 1U);
    EXPECT_EQ(frames[0], sent);
    rte_pktmbuf_free(sent);
  }
}

TEST_F(Rings, RefuseWhatDoesNotFit) {
  rte_ring* const ring = find_ring(device_);
  ASSERT_NE(ring, nullptr);
  let_port_receive_only(*ring);
  rte_mbuf* const frame = rte_pktmbuf_alloc(pool_.get());
  std::array<rte_mbuf*, 32> frames{};
  frames.fill(frame);  // a ring does not mind
  unsigned taken = 0;
  while (const unsigned now = Queue{ring}.transmit(frames.data(), frames.size())) {
    taken += now;
  }
  EXPECT_EQ(taken, rte_ring_get_capacity(ring));
  while (at_port().receive(frames.data(), frames.size()) != 0) {
  }
  rte_pktmbuf_free(frame);
}

}  // namespace
}  // namespace culvert::traffic::test
