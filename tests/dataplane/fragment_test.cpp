// SPDX-License-Identifier: BSD-3-Clause
// IPv4 packets cut to size. The sizes are those of RFC 791, appendix A, and of captures 08a and
// 08d.
#include "culvert/dataplane/fragment.hpp"

#include <gtest/gtest.h>

#include "support/gateway.hpp"

namespace culvert::test {
namespace {

constexpr std::uint16_t more = 0x2000;

/// Bytes `begin` to `end` of a packet's body behind a header of its own.
struct Part {
  std::size_t begin;
  std::size_t end;
  std::uint16_t fragment;
};

class Cut : public testing::Test {
 protected:
  std::vector<Bytes> cut(const Bytes& packet, unsigned mtu, const Layout& layout = {}) {
    std::vector<Bytes> result;
    rte_mbuf* const whole = make_mbuf(gateway.pool(), packet, layout);
    for (Fragments fragments(whole, mtu); !fragments.done();) {
      rte_mbuf* const m = fragments.next();
      EXPECT_GE(m->data_off, 64 + 14);  // for an outer header and Ethernet
      result.push_back(contents(m));
      EXPECT_EQ(result.back().size(), m->pkt_len);
      rte_pktmbuf_free(m);
    }
    EXPECT_EQ(contents(whole), packet);
    rte_pktmbuf_free(whole);
    EXPECT_EQ(gateway.missing_mbufs(), 0U);
    return result;
  }

  void expect(const std::vector<Bytes>& got, const Bytes& body, std::span<const Part> parts,
              Ipv4Options options = {}, const Bytes& later_options = {}) {
    std::vector<Bytes> expected;
    for (const Part& part : parts) {
      options.fragment = part.fragment;
      expected.push_back(
          ipv4("192.0.2.1", "192.0.2.2", 6, from(first(body, part.end), part.begin), options));
      options.options = later_options;
    }
    EXPECT_EQ(got, expected);
  }

  TestGateway gateway;
};

Bytes packet_of(const Bytes& body, const Ipv4Options& options) {
  return ipv4("192.0.2.1", "192.0.2.2", 6, body, options);
}

TEST_F(Cut, TheExampleOfTheRfc) {  // RFC 791 appendix A, example 2: 472 bytes over 280
  const Bytes body = payload(452);
  const Ipv4Options options{.ttl = 123, .id = 111};
  const Part parts[] = {{0, 256, more}, {256, 452, 32}};
  for_each_layout(472, [&](const Layout& layout) {
    if (layout.cuts.empty() || layout.cuts[0] >= sizeof(Ipv4Header)) {
      expect(cut(packet_of(body, options), 280, layout), body, parts, options);
    }
  });
}

TEST_F(Cut, SizesAsLinuxHasThem) {
  const Bytes body = payload(1480);
  expect(cut(packet_of(body, {}), 1480), body,
         std::vector<Part>{{0, 1456, more}, {1456, 1480, 182}});  // 08a: 1476 and 44
  const Bytes outer = payload(1500);
  expect(cut(packet_of(outer, {}), 1500), outer,
         std::vector<Part>{{0, 1480, more}, {1480, 1500, 185}});  // 08d: 1500 and 40
}

TEST_F(Cut, TheLastFragmentMayUseAllTheRoom) {
  const Bytes body = payload(8 + 13);
  expect(cut(packet_of(body, {}), 20 + 13), body, std::vector<Part>{{0, 8, more}, {8, 21, 1}});
}

TEST_F(Cut, FragmentsAreCutAgain) {
  const Bytes body = payload(40);
  expect(cut(packet_of(body, {.fragment = more | 5}), 44), body,
         std::vector<Part>{{0, 24, more | 5}, {24, 40, more | 8}});
  expect(cut(packet_of(body, {.fragment = 5}), 44), body,
         std::vector<Part>{{0, 24, more | 5}, {24, 40, 8}});
}

TEST_F(Cut, OptionsThatAreNotCopied) {
  const Bytes body = payload(40);
  const Ipv4Options options{.options = hex("94040000 07070400 00000000")};
  const Part parts[] = {{0, 24, more}, {24, 40, 3}};
  expect(cut(packet_of(body, options), 32 + 24, {}), body, parts, options,
         hex("94040000 01010101 01010100"));
}

TEST_F(Cut, TheReservedFlagIsNotCopied) {
  const Bytes body = payload(16);
  expect(cut(packet_of(body, {.fragment = 0x8000}), 28), body,
         std::vector<Part>{{0, 8, more}, {8, 16, 1}});
}

TEST_F(Cut, TheLongestPacketIntoTheShortestFragments) {
  const Bytes body = payload(65535 - 20);
  std::vector<std::size_t> cuts;
  for (std::size_t at = 2000; at < body.size(); at += 1800) {
    cuts.push_back(at);
  }
  const std::vector<Bytes> all =
      cut(packet_of(body, {}), 28, {.storage = Layout::Storage::heap, .cuts = cuts});
  ASSERT_EQ(all.size(), 8190U);
  Bytes again;
  for (const Bytes& fragment : all) {
    again.insert(again.end(), fragment.begin() + 20, fragment.end());
  }
  EXPECT_EQ(again, body);
  EXPECT_EQ(header_at<Ipv4Header>(all.back().data()).fragment, be16{8189});
}

TEST_F(Cut, JumboFramesIntoJumboFragments) {  // longer than one mbuf
  const Bytes body = payload(20000);
  std::vector<std::size_t> cuts;
  for (std::size_t at = 1900; at < body.size(); at += 1900) {
    cuts.push_back(at);
  }
  expect(cut(packet_of(body, {}), 9000, {.cuts = cuts}), body,
         std::vector<Part>{{0, 8976, more}, {8976, 17952, more | 1122}, {17952, 20000, 2244}});
}

TEST_F(Cut, WithoutBuffers) {
  rte_mbuf* const whole = make_mbuf(gateway.pool(), packet_of(payload(100), {}));
  std::vector<rte_mbuf*> others;
  while (rte_mbuf* const m = rte_pktmbuf_alloc(gateway.pool())) {
    others.push_back(m);
  }
  Fragments fragments(whole, 60);
  EXPECT_EQ(fragments.next(), nullptr);
  EXPECT_FALSE(fragments.done());
  rte_pktmbuf_free_bulk(others.data(), static_cast<unsigned>(others.size()));
  rte_pktmbuf_free(whole);
}

}  // namespace
}  // namespace culvert::test
