// SPDX-License-Identifier: BSD-3-Clause
// Cutting, extending and gathering what mbufs hold.
#include "culvert/dataplane/packet.hpp"

#include <gtest/gtest.h>

#include "support/gateway.hpp"

namespace culvert::test {
namespace {

constexpr std::size_t size = 40;
const Bytes data = payload(size);

unsigned segments_of(const rte_mbuf* m) {
  unsigned count = 0;
  std::size_t bytes = 0;
  for (const rte_mbuf* at = m; at != nullptr; at = at->next) {
    ++count;
    bytes += at->data_len;
  }
  EXPECT_EQ(bytes, m->pkt_len);
  EXPECT_EQ(count, m->nb_segs);
  return count;
}

class PacketTest : public testing::Test {
 protected:
  void for_each(const std::function<void(rte_mbuf*, const Layout&)>& use) {
    for_each_layout(size, [&](const Layout& layout) {
      if (layout.storage != Layout::Storage::shared) {
        use(make_mbuf(gateway.pool(), data, layout), layout);
        EXPECT_EQ(gateway.missing_mbufs(), 0U) << to_string(layout);
      }
    });
  }
  TestGateway gateway;
};

TEST_F(PacketTest, TrimToEveryLength) {
  for (std::size_t length = 1; length <= size; ++length) {
    for_each([&](rte_mbuf* m, const Layout& layout) {
      trim(m, static_cast<std::uint32_t>(length));
      EXPECT_EQ(contents(m), first(data, length)) << to_string(layout);
      (void)segments_of(m);
      rte_pktmbuf_free(m);
    });
  }
}

TEST_F(PacketTest, ContiguousUpToEveryLength) {
  for (std::size_t count = 1; count <= size + 1; ++count) {
    for_each([&](rte_mbuf* m, const Layout& layout) {
      m->port = 3;
      m = make_contiguous(m, static_cast<std::uint32_t>(count));
      ASSERT_NE(m, nullptr);
      EXPECT_GE(m->data_len, std::min(count, size)) << to_string(layout);
      EXPECT_EQ(contents(m), data) << to_string(layout);
      EXPECT_EQ(m->port, 3);
      (void)segments_of(m);
      rte_pktmbuf_free(m);
    });
  }
}

TEST_F(PacketTest, WhatIsContiguousIsLeftWhereItIs) {
  rte_mbuf* const m =
      make_mbuf(gateway.pool(), data, {.storage = Layout::Storage::heap, .cuts = {10}});
  EXPECT_EQ(make_contiguous(m, 10), m);
  rte_mbuf* const other = make_contiguous(m, 11);
  EXPECT_NE(other, m);
  rte_pktmbuf_free(other);
}

TEST_F(PacketTest, WhatSomebodySharesIsCopied) {
  rte_mbuf* const original = make_mbuf(gateway.pool(), data);
  rte_mbuf* const clone = rte_pktmbuf_clone(original, gateway.pool());
  rte_mbuf* const copy = make_contiguous(clone, 1);
  EXPECT_TRUE(is_plain(copy));
  EXPECT_NE(data_of(copy), data_of(original));
  EXPECT_EQ(contents(copy), data);
  EXPECT_EQ(rte_mbuf_refcnt_read(original), 1);
  EXPECT_TRUE(is_plain(original));
  rte_pktmbuf_free(copy);
  rte_pktmbuf_free(original);
}

TEST_F(PacketTest, SharedInALaterSegmentOnly) {
  rte_mbuf* const tail = make_mbuf(gateway.pool(), from(data, 20));
  rte_mbuf* const head = make_mbuf(gateway.pool(), first(data, 20));
  ASSERT_EQ(rte_pktmbuf_chain(head, rte_pktmbuf_clone(tail, gateway.pool())), 0);
  rte_mbuf* const copy = make_contiguous(head, 10);
  EXPECT_EQ(contents(copy), data);
  EXPECT_EQ(rte_mbuf_refcnt_read(tail), 1);
  rte_pktmbuf_free(copy);
  rte_pktmbuf_free(tail);
}

TEST_F(PacketTest, NoBufferLeft) {
  for (const bool shared : {false, true}) {
    rte_mbuf* const original =
        make_mbuf(gateway.pool(), data, {.storage = Layout::Storage::heap, .cuts = {10}});
    rte_mbuf* const m = shared ? rte_pktmbuf_clone(original, gateway.pool()) : original;
    std::vector<rte_mbuf*> taken;
    while (rte_mbuf* const other = rte_pktmbuf_alloc(gateway.pool())) {
      taken.push_back(other);
    }
    EXPECT_EQ(make_contiguous(m, 30), nullptr);
    rte_pktmbuf_free_bulk(taken.data(), static_cast<unsigned>(taken.size()));
    if (shared) {
      rte_pktmbuf_free(original);
    }
    EXPECT_EQ(gateway.missing_mbufs(), 0U);
  }
}

TEST_F(PacketTest, PrependTakesNoMoreThanThereIs) {
  rte_mbuf* const m = make_mbuf(gateway.pool(), data, {.headroom = 8});
  EXPECT_EQ(contents(m), data);
  prepend(m, 8);
  EXPECT_EQ(contents(m), Bytes(8, std::byte{0xa5}) + data);
  strip(m, 18);
  EXPECT_EQ(contents(m), from(data, 10));
  rte_pktmbuf_free(m);
}

TEST_F(PacketTest, FactsHaveTheirRoom) {
  rte_mbuf* const m = make_mbuf(gateway.pool(), data);
  EXPECT_GE(rte_pktmbuf_priv_size(gateway.pool()), sizeof(PacketFacts));
  facts_of(m) = {.punt = Punt::resolve, .mtu = 1400};
  EXPECT_EQ(contents(m), data);
  EXPECT_EQ(facts_of(m).mtu, 1400);
  rte_pktmbuf_free(m);
}

}  // namespace
}  // namespace culvert::test
