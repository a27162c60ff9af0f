// SPDX-License-Identifier: BSD-3-Clause
// Fragments for this gateway, in whatever order and number, in the table alone with a clock of the
// test's.
#include "culvert/dataplane/reassembly.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "culvert/dataplane/parse.hpp"

#include "fragments.hpp"
#include "support/gateway.hpp"

namespace culvert::test {
namespace {

/// The table alone. One tick is a second.
class Table : public testing::Test {
 protected:
  static constexpr std::uint16_t packets = 4;
  static constexpr unsigned buffers = 80;

  Outcome add(const Bytes& fragment, const Layout& layout = {}) {
    Packet packet(make_mbuf(gateway.pool(), fragment, layout), ether_type::ipv4, outside,
                  sizeof(EthernetHeader));
    EXPECT_TRUE(parse_ip(packet).continues());
    const Verdict verdict = table->add(gateway.lane(), packet, now);
    Outcome outcome = dropped(verdict.drop());
    if (verdict.continues()) {
      outcome = goes_on(contents(packet.mbuf));
      EXPECT_EQ(outcome.bytes.size(), packet.mbuf->pkt_len);
      const std::size_t room = RTE_MBUF_DEFAULT_DATAROOM;
      EXPECT_EQ(packet.mbuf->data_len, std::min(outcome.bytes.size(), room));
      EXPECT_EQ(packet.l2, 0U);
    }
    if (!verdict.is_taken()) {
      rte_pktmbuf_free(packet.mbuf);
    }
    return outcome;
  }
  Outcome add(const Bytes& body, const Part& part, const Ipv4Options& options = {}) {
    return add(fragment_of(body, part, options));
  }
  /// What became of others: dropped, or told of.
  std::vector<Outcome> others() {
    gateway.lane().finish_burst();
    return gateway.outcomes();
  }
  void expect_empty() {
    EXPECT_EQ(table->held(), 0U);
    EXPECT_EQ(table->buffers(), 0U);
    gateway.lane().finish_burst();
    EXPECT_EQ(gateway.missing_mbufs(), 0U);
  }

  const Outcome held = dropped(Drop::none);
  TestGateway gateway;
  std::uint64_t now = 1000;
  std::optional<Reassembly> table{std::in_place, Reassembly::Capacity{packets, buffers}, 1U};
};

TEST_F(Table, AnyOrder) {  // capture 10d, and RFC 791 section 3.2
  const Bytes body = payload(100);
  std::array<Part, 4> parts{{{0, 24}, {24, 48}, {48, 96}, {96, 100, true}}};
  std::array<std::size_t, 4> order{0, 1, 2, 3};
  do {
    for (std::size_t i = 0; i + 1 < order.size(); ++i) {
      EXPECT_EQ(add(body, parts[order[i]]), held);
    }
    EXPECT_EQ(table->held(), 3U);
    EXPECT_EQ(add(body, parts[order[3]]), goes_on(ipv4(b, a, 4, body)));
    expect_empty();
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(gateway.counters().joined.get(), 24U * 4);
  EXPECT_EQ(gateway.counters().reassembled.get(), 24U);
}

TEST_F(Table, InEveryLayout) {
  const Bytes body = payload(60);
  const Bytes head = fragment_of(body, {0, 32});
  const Bytes tail = fragment_of(body, {32, 60, true});
  for_each_layout(head.size(), [&](const Layout& layout) {
    if (layout.storage == Layout::Storage::shared) {
      return;  // copied before: parse_test
    }
    EXPECT_EQ(add(head, layout), held);
    EXPECT_EQ(add(tail), goes_on(ipv4(b, a, 4, body))) << to_string(layout);
    expect_empty();
  });
  for_each_layout(tail.size(), [&](const Layout& layout) {
    if (layout.storage == Layout::Storage::shared) {
      return;
    }
    EXPECT_EQ(add(tail, layout), held);
    EXPECT_EQ(add(head), goes_on(ipv4(b, a, 4, body))) << to_string(layout);
    expect_empty();
  });
}

TEST_F(Table, TheFirstFragmentsHeaderStays) {
  const Bytes body = payload(40);
  const Ipv4Options all{.ttl = 9, .options = hex("94040000 07070400 00000000")};
  const Ipv4Options later{.ttl = 7, .options = hex("94040000")};
  EXPECT_EQ(add(body, {16, 40, true, 0x20}, later), held);
  EXPECT_EQ(add(body, {0, 16, false, 0xb8}, all),
            goes_on(ipv4(b, a, 4, body, {.tos = 0xb8, .ttl = 9, .options = all.options})));
}

TEST_F(Table, PacketsOfTheirOwn) {  // RFC 791 section 2.3
  const Bytes body = payload(16);
  EXPECT_EQ(add(body, {0, 8}), held);
  EXPECT_EQ(add(body, {8, 16, true}, {.id = 0x1235}), held);
  EXPECT_EQ(add(fragment_of(body, {8, 16, true}, {}, 47)), held);
  EXPECT_EQ(add(ipv4(outside4_of_c, a, 4, payload(8), {.fragment = 1})), held);
  EXPECT_EQ(table->held(), 4U);
  EXPECT_EQ(add(body, {8, 16, true}), goes_on(ipv4(b, a, 4, body)));
}

TEST_F(Table, NineThousandBytesOverANarrowPath) {  // more than rte_ip_frag's 8 fragments
  const Bytes body = payload(9000);
  for (std::size_t at = 0; at + 552 < body.size(); at += 552) {
    EXPECT_EQ(add(body, {at, at + 552}), held);
  }
  EXPECT_EQ(add(body, {8832, 9000, true}), goes_on(ipv4(b, a, 4, body)));
  expect_empty();
}

TEST_F(Table, AsManyFragmentsAsAreAllowed) {
  const Bytes body = payload(1000);
  for (std::size_t i = 1; i < FragmentList::max_fragments; ++i) {
    EXPECT_EQ(add(body, {i * 8, i * 8 + 8, i + 1 == FragmentList::max_fragments}), held);
  }
  EXPECT_EQ(add(body, {0, 8}), goes_on(ipv4(b, a, 4, first(body, 512))));
  for (std::size_t i = 1; i <= FragmentList::max_fragments; ++i) {
    EXPECT_EQ(add(body, {i * 8, i * 8 + 8}), held);
  }
  EXPECT_EQ(add(body, {0, 8}), dropped(Drop::fragment_count));
  expect_empty();
  EXPECT_EQ(others(), std::vector(FragmentList::max_fragments, dropped(Drop::fragment_count)));
}

TEST_F(Table, LengthsThatCannotBe) {
  const Bytes body = payload(100);
  EXPECT_EQ(add(body, {0, 12}), dropped(Drop::fragment_length));
  EXPECT_EQ(add(body, {8, 8, true}), dropped(Drop::fragment_length));
  EXPECT_EQ(add(ipv4(b, a, 4, payload(8), {.fragment = more | 8189})),
            dropped(Drop::fragment_size));
  EXPECT_EQ(add(ipv4(b, a, 4, payload(3), {.fragment = 8189})), held);  // to 65515: the longest
  EXPECT_EQ(add(ipv4(b, a, 4, payload(4), {.fragment = 8189})), dropped(Drop::fragment_size));
  EXPECT_EQ(add(ipv4(b, a, 4, payload(8), {.fragment = 8191})), dropped(Drop::fragment_size));
  EXPECT_EQ(table->held(), 1U);
}

TEST_F(Table, TheLongestPacketAndOneWithALongerHeader) {
  const Bytes body = payload(65515);
  for (const bool fits : {true, false}) {
    for (std::size_t at = 1400; at < body.size(); at += 1400) {
      const std::size_t end = std::min(at + 1400, body.size());
      EXPECT_EQ(add(body, {at, end, end == body.size()}), held);
    }
    if (fits) {
      EXPECT_EQ(add(body, {0, 1400}), goes_on(ipv4(b, a, 4, body)));
    } else {
      EXPECT_EQ(add(body, {0, 1400}, {.options = hex("94040000")}), held);
      EXPECT_EQ(others(), std::vector(47, dropped(Drop::fragment_size)));
    }
    expect_empty();
  }
}

TEST_F(Table, ExactCopiesAreLeftOut) {
  const Bytes body = payload(48);
  EXPECT_EQ(add(body, {0, 16}), held);
  EXPECT_EQ(add(Bytes(48), {0, 16}), dropped(Drop::fragment_duplicate));
  EXPECT_EQ(add(body, {32, 48, true}), held);
  EXPECT_EQ(add(body, {32, 48, true}), dropped(Drop::fragment_duplicate));
  EXPECT_EQ(add(body, {16, 32}), goes_on(ipv4(b, a, 4, body)));
  expect_empty();
}

TEST_F(Table, AnyOtherOverlapCostsTheWholePacket) {  // RFC 5722
  const Bytes body = payload(64);
  const Part overlaps[] = {{8, 24}, {16, 24}, {24, 40}, {8, 48}, {24, 32}, {0, 24}, {8, 64, true}};
  for (const Part& part : overlaps) {
    EXPECT_EQ(add(body, {0, 8}), held);
    EXPECT_EQ(add(body, {16, 32}), held);
    EXPECT_EQ(add(body, part), dropped(Drop::fragment_overlap)) << part.begin << ' ' << part.end;
    expect_empty();
    EXPECT_EQ(others(), std::vector(2, dropped(Drop::fragment_overlap)));
  }
}

TEST_F(Table, FragmentsThatDisagreeAboutTheEnd) {
  const Bytes body = payload(64);
  const std::pair<Part, Part> cases[] = {
      {{16, 32, true}, {32, 40}},        // something behind the last one
      {{16, 32, true}, {24, 32}},        // one that is not the last ends there too
      {{16, 32, true}, {40, 48, true}},  // another last one, behind it
      {{16, 32, true}, {8, 16, true}},   // or before it
      {{16, 32}, {8, 16, true}},         // a last one before another
  };
  for (const auto& [one, other] : cases) {
    EXPECT_EQ(add(body, one), held);
    EXPECT_EQ(add(body, other), dropped(Drop::fragment_end));
    expect_empty();
    EXPECT_EQ(others(), std::vector{dropped(Drop::fragment_end)});
  }
}

/// RFC 3168 section 5.3; Not-ECT among others: as Linux.
TEST_F(Table, CongestionMarks) {
  constexpr std::uint8_t bad = 0xff;
  // Rows: the first fragment's field, columns: the second's. 00 Not-ECT, 01 ECT(1), 10 ECT(0), 11
  // CE
  constexpr std::uint8_t expected[4][4] = {
      {0, bad, bad, bad},
      {bad, 1, 1, 3},
      {bad, 2, 2, 3},
      {bad, 3, 3, 3},
  };
  const Bytes body = payload(16);
  for (std::uint8_t one = 0; one < 4; ++one) {
    for (std::uint8_t other = 0; other < 4; ++other) {
      const auto tos = static_cast<std::uint8_t>(0xb8U | expected[one][other]);
      EXPECT_EQ(add(body, {0, 8, false, static_cast<std::uint8_t>(0xb8U | one)}), held);
      const Outcome outcome = add(body, {8, 16, true, other});
      if (expected[one][other] == bad) {
        EXPECT_EQ(outcome, held);
        EXPECT_EQ(others(), std::vector(2, dropped(Drop::fragment_ecn)));
      } else {
        EXPECT_EQ(outcome, goes_on(ipv4(b, a, 4, body, {.tos = tos})));
      }
      expect_empty();
    }
  }
}

TEST_F(Table, PacketsThatStayIncompleteAreGivenUp) {
  const Bytes body = payload(64);
  EXPECT_EQ(add(body, {0, 8}), held);
  EXPECT_EQ(add(body, {8, 16}), held);
  now += 10;
  EXPECT_EQ(add(body, {8, 16}, {.id = 2}), held);
  now += Reassembly::lifetime - 10 - 1;
  table->expire(gateway.lane(), now);
  EXPECT_EQ(table->held(), 3U);
  now += 1;
  table->expire(gateway.lane(), now);
  EXPECT_EQ(table->held(), 1U);
  // RFC 792: the first fragment tells its sender.
  const Outcome told{.kind = Outcome::Kind::punted,
                     .port = outside,
                     .bytes = fragment_of(body, {0, 8}),
                     .link = Bytes(14, std::byte{0xa5}),
                     .drop = Drop::fragment_timeout,
                     .punt = Punt::error};
  EXPECT_EQ(others(), (std::vector{told, dropped(Drop::fragment_timeout)}));
  now += 10;
  table->expire(gateway.lane(), now);
  EXPECT_EQ(others(), std::vector{dropped(Drop::fragment_timeout)}) << "nothing to quote";
  expect_empty();
}

TEST_F(Table, AFewAtATime) {
  for (std::uint16_t i = 0; i < packets; ++i) {
    EXPECT_EQ(add(payload(16), {8, 16}, {.id = i}), held);
  }
  table.emplace(Reassembly::Capacity{64, 64}, 1U);  // frees them
  expect_empty();
  for (std::uint16_t i = 0; i < 64; ++i) {
    EXPECT_EQ(add(payload(16), {8, 16}, {.id = i}), held);
  }
  now += 1000;
  for (unsigned calls = 0; table->held() != 0; ++calls) {
    const unsigned before = table->held();
    table->expire(gateway.lane(), now);
    EXPECT_LT(table->held(), before);
    EXPECT_LE(before - table->held(), 8U);
  }
  EXPECT_EQ(others(), std::vector(64, dropped(Drop::fragment_timeout)));
}

TEST_F(Table, AFloodOfPacketsDisplacesTheOldest) {
  const Bytes body = payload(24);
  for (std::uint16_t i = 0; i < packets; ++i) {
    EXPECT_EQ(add(body, {0, 8}, {.id = i}), held);
  }
  EXPECT_EQ(add(body, {8, 16}, {.id = 0}), held);
  EXPECT_EQ(add(body, {0, 8}, {.id = packets}), held);
  EXPECT_EQ(others(), std::vector(2, dropped(Drop::fragment_displaced)));
  EXPECT_EQ(add(body, {8, 24, true}, {.id = 1}), goes_on(ipv4(b, a, 4, body, {.id = 1})));
  EXPECT_EQ(table->held(), packets - 1U);
}

TEST_F(Table, AFloodOfBuffersDisplacesTheOldest) {
  const Bytes body = payload(1024);
  EXPECT_EQ(add(body, {0, 8}, {.id = 1}), held);
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(add(body, {i * 8, i * 8 + 8}, {.id = 2}), held);
  }
  for (std::size_t i = 0; i < 39; ++i) {
    EXPECT_EQ(add(body, {i * 8, i * 8 + 8}, {.id = 3}), held);
  }
  EXPECT_EQ(table->buffers(), buffers);
  EXPECT_EQ(add(body, {312, 320}, {.id = 3}), held);
  EXPECT_EQ(others(), std::vector{dropped(Drop::fragment_displaced)});
  EXPECT_EQ(add(body, {320, 328}, {.id = 3}), held);
  EXPECT_EQ(others(), std::vector(40, dropped(Drop::fragment_displaced)));
  EXPECT_EQ(table->buffers(), 41U);
}

TEST_F(Table, OneThatDisplacesItsOwnPacketBeginsItAnew) {
  const Bytes body = payload(1024);
  table.emplace(Reassembly::Capacity{packets, 2}, 1U);
  EXPECT_EQ(add(body, {0, 8}), held);
  EXPECT_EQ(add(body, {8, 16}), held);
  EXPECT_EQ(add(body, {16, 24}), held);
  EXPECT_EQ(table->held(), 1U);
  EXPECT_EQ(others(), std::vector(2, dropped(Drop::fragment_displaced)));
}

/// Against a model: a packet is whole exactly when all its bytes are there.
TEST_F(Table, ManyPacketsAtOnceInRandomOrder) {
  std::mt19937 random{791};
  const auto any = [&](std::size_t limit) { return random() % limit; };
  table.emplace(Reassembly::Capacity{128, 2000}, 1U);
  for (unsigned round = 0; round < 50; ++round) {
    std::vector<Bytes> fragments;
    std::vector<Outcome> expected;
    for (std::uint16_t i = 0; i < 40; ++i) {
      const Bytes body = payload(9 + any(500));
      const Ipv4Options options{.id = i};
      expected.push_back(goes_on(ipv4(b, a, 4, body, options)));
      for (std::size_t at = 0; at < body.size();) {
        const std::size_t end = std::min(body.size(), at + 8 * (1 + any(at == 0 ? 1 : 20)));
        fragments.push_back(fragment_of(body, {at, end, end == body.size()}, options));
        at = end;
      }
    }
    std::shuffle(fragments.begin(), fragments.end(), random);
    std::vector<Outcome> whole;
    for (const Bytes& fragment : fragments) {
      if (Outcome outcome = add(fragment); outcome != held) {
        whole.push_back(std::move(outcome));
      }
    }
    std::ranges::sort(whole, {}, [](const Outcome& o) {
      return header_at<Ipv4Header>(o.bytes.data()).id.host();
    });
    EXPECT_EQ(whole, expected);
    expect_empty();
  }
}

}  // namespace
}  // namespace culvert::test
