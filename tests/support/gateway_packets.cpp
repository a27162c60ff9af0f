// SPDX-License-Identifier: BSD-3-Clause
// Packets into a TestGateway, and what becomes of them.
#include <gtest/gtest.h>

#include "culvert/dataplane/check.hpp"

#include "support/gateway.hpp"

namespace culvert::test {
namespace {

/// Few, since a lane is made for each packet.
constexpr Reassembly::Capacity fragments{.packets = 64, .buffers = 1024};

}  // namespace

Lane& TestGateway::renew_lane() {
  const std::vector<const Port*> ports{ports_[inside].get(), ports_[outside].get()};
  lane_.emplace(forwarding_, counters_, exchange_, std::uint16_t{0}, std::uint16_t{1}, fragments);
  lane_->set_ports({.ports = ports, .version = 1}, exchanges_);
  while (lane_->next_id() != first_id - 1) {
  }
  return *lane_;
}

Outcome TestGateway::receive(std::uint16_t port, const Bytes& frame, const Layout& layout) {
  renew_lane();
  rte_mbuf* const m = make_mbuf(pool_.get(), frame, layout);
  if (layout.storage != Layout::Storage::shared) {
    forward(port, {&m, 1});
    return only_outcome();
  }
  rte_mbuf* const clone = check(rte_pktmbuf_clone(m, pool_.get()), "clone");
  forward(port, {&clone, 1});
  const Outcome outcome = only_outcome();
  EXPECT_EQ(contents(m, m->data_off), Bytes(m->data_off, std::byte{0xa5}) + frame);
  rte_pktmbuf_free(m);
  return outcome;
}

Outcome TestGateway::receive_in_every_layout(std::uint16_t port, const Bytes& frame) {
  const Outcome outcome = receive(port, frame);
  for_each_layout(frame.size(), [&](const Layout& layout) {
    EXPECT_EQ(receive(port, frame, layout), outcome) << to_string(layout);
    EXPECT_EQ(missing_mbufs(), 0U) << to_string(layout);
  });
  return outcome;
}

std::vector<Outcome> TestGateway::receive_burst(std::uint16_t port, std::span<const Bytes> frames) {
  renew_lane();
  std::vector<rte_mbuf*> mbufs;
  for (const Bytes& frame : frames) {
    mbufs.push_back(make_mbuf(pool_.get(), frame));
  }
  forward(port, mbufs);
  return outcomes();
}

Outcome TestGateway::resume(const Bytes& packet, const PacketFacts& facts) {
  renew_lane();
  rte_mbuf* const m = make_mbuf(pool_.get(), packet);
  facts_of(m) = facts;
  resume_burst(*lane_, {&m, 1});
  lane_->finish_burst();
  return only_outcome();
}

void TestGateway::forward(std::uint16_t port, std::span<rte_mbuf* const> frames) {
  forward_burst(*lane_, *ports_[port], frames);
  lane_->finish_burst();
}

std::vector<Outcome> TestGateway::outcomes() {
  std::vector<Outcome> out;
  take_sent(out);
  take_punted(out);
  take_dropped(out);
  return out;
}

Outcome TestGateway::only_outcome() {
  const std::vector<Outcome> all = outcomes();
  EXPECT_EQ(all.size(), 1U);
  return all.empty() ? Outcome{} : all.front();
}

void TestGateway::take_sent(std::vector<Outcome>& out) {
  for (const auto& port : ports_) {
    rte_mbuf* m = nullptr;
    while (rte_eth_rx_burst(port->ethdev(), 0, &m, 1) == 1) {
      EXPECT_EQ(m->ol_flags & ~(RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL), 0U);
      out.push_back(sent(port->index(), contents(m)));
      EXPECT_EQ(out.back().bytes.size(), m->pkt_len);
      rte_pktmbuf_free(m);
    }
  }
}

void TestGateway::take_punted(std::vector<Outcome>& out) {
  rte_mbuf* m = nullptr;
  while (exchange_.take_punts(&m, 1) == 1) {
    const PacketFacts& facts = facts_of(m);
    const Bytes all = contents(m, facts.l2);
    out.push_back({.kind = Outcome::Kind::punted,
                   .port = facts.port,
                   .bytes = from(all, facts.l2),
                   .link = first(all, facts.l2),
                   .drop = facts.drop,
                   .punt = facts.punt,
                   .entry = facts.entry,
                   .mtu = facts.mtu});
    rte_pktmbuf_free(m);
  }
}

void TestGateway::take_dropped(std::vector<Outcome>& out) {
  for (std::size_t i = 0; i < drop_count; ++i) {
    for (const std::uint64_t now = counters_.drops[i].get(); drops_seen_[i] < now;
         ++drops_seen_[i]) {
      out.push_back(dropped(static_cast<Drop>(i)));
    }
  }
}

}  // namespace culvert::test
