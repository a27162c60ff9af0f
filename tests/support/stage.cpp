// SPDX-License-Identifier: BSD-3-Clause
#include "support/stage.hpp"

#include <gtest/gtest.h>

namespace culvert::test {

Outcome run_stage(TestGateway& gateway, const Stage& stage, const Bytes& packet,
                  const Layout& layout) {
  rte_mbuf* const m = make_mbuf(gateway.pool(), packet, layout);
  const bool shared = layout.storage == Layout::Storage::shared;
  Packet column(shared ? rte_pktmbuf_clone(m, gateway.pool()) : m, 0, inside);
  Lane& lane = gateway.renew_lane();
  const Verdict verdict = stage(lane, column);
  Outcome outcome = dropped(verdict.drop());
  if (verdict.is_taken()) {
    lane.finish_burst();
    const std::vector<Outcome> all = gateway.outcomes();
    EXPECT_EQ(all.size(), 1U);
    outcome = all.at(0);
  } else if (verdict.continues()) {
    outcome = goes_on(contents(column.mbuf));
    EXPECT_EQ(outcome.bytes.size(), column.mbuf->pkt_len);
  }
  if (!verdict.is_taken()) {
    rte_pktmbuf_free(column.mbuf);
  }
  if (shared) {
    EXPECT_EQ(contents(m), packet);
    rte_pktmbuf_free(m);
  }
  EXPECT_EQ(gateway.missing_mbufs(), 0U);
  return outcome;
}

Outcome run_stage_in_every_layout(TestGateway& gateway, const Stage& stage, const Bytes& packet) {
  const Outcome outcome = run_stage(gateway, stage, packet);
  for_each_layout(packet.size(), [&](const Layout& layout) {
    EXPECT_EQ(run_stage(gateway, stage, packet, layout), outcome) << to_string(layout);
  });
  return outcome;
}

Stage parsed(const Stage& stage) {
  return [stage](Lane& lane, Packet& packet) {
    std::byte first{};
    const auto* at = rte_pktmbuf_read(packet.mbuf, 0, 1, &first);
    const bool ipv4 = (*static_cast<const std::byte*>(at) >> 4) == std::byte{4};
    packet.type = ipv4 ? ether_type::ipv4 : ether_type::ipv6;
    const Verdict verdict = parse_ip(packet);
    return verdict.continues() ? stage(lane, packet) : verdict;
  };
}

}  // namespace culvert::test
