// SPDX-License-Identifier: BSD-3-Clause
// Errors from the outer path: who is told, when, and of what. The outer packets are those of
// tunnels from 192.0.2.254; the senders of the inner ones are behind port 1.
#include "culvert/slowpath/outer_errors.hpp"

#include "slowpath/icmp_fixture.hpp"

namespace culvert::test {
namespace {

constexpr std::string_view router = "192.0.2.77";
constexpr std::string_view remote = "203.0.113.1";
constexpr std::string_view sender4 = "198.51.100.9";
constexpr std::string_view sender6 = "2001:db8:1::9";
constexpr std::uint32_t tunnel = 5;

Bytes inner4(std::size_t size = 100, const Ipv4Options& more = {.fragment = 0x4000}) {
  return ipv4(sender4, "198.18.0.1", 17, payload(size - 20), more);
}
Bytes inner6(std::size_t size = 100) {
  return ipv6(sender6, "2001:db8:2::9", 17, payload(size - 40));
}

class OuterErrorsTest : public IcmpTest {
 protected:
  OuterErrorsTest() {
    host.quoted_tunnel = [this](const TunnelQuote& quote) {
      return quote.local == ip4(own4) && quote.remote == ip4(remote) ? found : std::nullopt;
    };
  }
  /// The router's error about this packet, of which it quotes so many bytes.
  void hear(std::uint8_t type, std::uint8_t code, const Bytes& outer, std::uint32_t rest = 0,
            std::size_t quoted = 548) {
    punt_local(ipv4(router, own4, 1,
                    icmp4(type, code, rest, first(outer, std::min(quoted, outer.size()))),
                    {.tos = 0xc0}));
    poll();
  }
  Bytes ipip(const Bytes& inner) { return ipv4(own4, remote, 4, inner); }
  Bytes sit(const Bytes& inner) { return ipv4(own4, remote, 41, inner); }
  Bytes gre_packet(std::uint16_t type, const Bytes& inner) {
    return ipv4(own4, remote, 47, gre(0, type, {}, inner));
  }
  void expect_error6(const IcmpError& error, const Bytes& original) {
    EXPECT_EQ(take_one(Entry::output), error6(error, own6, original));
  }
  void expect_pending(bool pending) {
    EXPECT_EQ(forwarding.pending_errors.any(), pending);
    EXPECT_EQ(forwarding.pending_errors.take(tunnel), pending);
  }

  std::optional<QuotedTunnel> found = QuotedTunnel{.index = tunnel, .mtu = 1500};
};

TEST_F(OuterErrorsTest, TheSenderIsToldAtOnce) {
  hear(3, 1, ipip(inner4()));
  expect_error4({3, 1}, own4, inner4());
  hear(3, 1, sit(inner6()));
  expect_error6({1, 3}, inner6());
  found->mode = TunnelMode::gre;
  hear(3, 1, gre_packet(0x86dd, inner6()));
  expect_error6({1, 3}, inner6());
  EXPECT_EQ(counters->delivered.get(), 3U);
  EXPECT_EQ(all_drops(), 0U);
  expect_pending(false);
}

TEST_F(OuterErrorsTest, WhichFailuresAreTold) {
  struct Case {
    std::uint8_t type;
    std::uint8_t code;
    TunnelMode mode;
    bool inherits_ttl;
    bool told;
  };
  const Case cases[] = {
      {3, 0, TunnelMode::ipip, false, true},    // net
      {3, 1, TunnelMode::ipip, true, true},     // host: 09b
      {3, 2, TunnelMode::ipip, false, true},    // protocol
      {3, 3, TunnelMode::ipip, false, true},    // port
      {3, 3, TunnelMode::sit, false, true},     // port: 09e, by decision other than Linux
      {3, 3, TunnelMode::gre, false, false},    // port: 09d
      {3, 1, TunnelMode::gre, false, true},     // host: 09d
      {3, 5, TunnelMode::ipip, false, false},   // source route failed: none of ours has one
      {3, 13, TunnelMode::ipip, false, true},   // prohibited
      {11, 0, TunnelMode::ipip, false, true},   // 09c
      {11, 0, TunnelMode::ipip, true, false},   // 09i
      {11, 1, TunnelMode::ipip, false, false},  // reassembly
  };
  for (const Case& c : cases) {
    limit({});
    found->mode = c.mode;
    found->inherits_ttl = c.inherits_ttl;
    hear(c.type, c.code, ipip(inner4()));
    EXPECT_EQ(take().size(), c.told ? 1U : 0U) << int{c.type} << '/' << int{c.code};
    EXPECT_EQ(counters->delivered.get(), 1U);
    expect_pending(false);
  }
}

TEST_F(OuterErrorsTest, AShortQuoteIsToldToTheNextSender) {
  hear(3, 1, ipip(inner4()), 0, 28);
  expect_nothing();
  EXPECT_EQ(counters->delivered.get(), 1U);
  expect_pending(true);
  // What the worker then sends.
  punt(inner4(300), {.punt = Punt::pending_error});
  poll();
  expect_error4({3, 1}, own4, inner4(300));
  punt(inner6(300), {.punt = Punt::pending_error});
  poll();
  expect_error6({1, 3}, inner6(300));
  EXPECT_EQ(all_drops(), 0U);  // those packets went on
}

TEST_F(OuterErrorsTest, PendingForThirtySecondsAndAsOftenAsItFailed) {
  for (int i = 0; i < 3; ++i) {
    hear(3, 1, ipip(inner4()), 0, 28);
    advance(20s);
  }
  EXPECT_TRUE(forwarding.pending_errors.take(tunnel));
  EXPECT_TRUE(forwarding.pending_errors.take(tunnel));
  EXPECT_TRUE(forwarding.pending_errors.any());
  advance(10s);  // 30 s after the last
  expect_pending(false);
  hear(3, 1, ipip(inner4()), 0, 28);
  EXPECT_TRUE(forwarding.pending_errors.take(tunnel));
  EXPECT_FALSE(forwarding.pending_errors.take(tunnel));
}

TEST_F(OuterErrorsTest, NothingIsPendingForOneOfMany) {
  found->one_to_many = true;
  hear(3, 1, ipip(inner4()), 0, 28);
  expect_pending(false);
  hear(3, 1, ipip(inner4()));
  expect_error4({3, 1}, own4, inner4());  // but at once it is told
}

TEST_F(OuterErrorsTest, NothingIsPendingForATunnelThatIsGone) {
  hear(3, 1, ipip(inner4()), 0, 28);
  slow_path->outer_errors().forget(tunnel);
  expect_pending(false);
}

TEST_F(OuterErrorsTest, QuotesThatAreNotOurs) {
  const Bytes strangers[] = {
      ipv4("192.0.2.253", remote, 4, inner4()),  // another source
      ipv4(own4, "203.0.113.2", 4, inner4()),    // another destination
      ipv4(own4, remote, 17, payload(40)),       // no tunnel's protocol
      ipv4(own4, remote, 4, inner4(), {.fragment = 9}),
  };
  for (const Bytes& outer : strangers) {
    limit({});
    hear(3, 4, outer, 1300);
    expect_dropped(Drop::foreign_quote);
    limit({});
    hear(3, 1, outer);
    expect_dropped(Drop::foreign_quote);
  }
  EXPECT_EQ(forwarding.path_mtus.size(), 0U);
  expect_pending(false);
}

TEST_F(OuterErrorsTest, WrongChecksumsSayNothing) {
  Bytes message = icmp4(3, 4, 1300, ipip(inner4()));
  message[40] ^= std::byte{1};
  punt_local(ipv4(router, own4, 1, message));
  poll();
  expect_dropped(Drop::not_handled);
  EXPECT_EQ(forwarding.path_mtus.size(), 0U);
}

TEST_F(OuterErrorsTest, CutAnywhere) {
  limit({.all = {0, 0}, .each = {0, 0}});
  for (const std::uint8_t code : {std::uint8_t{1}, std::uint8_t{4}}) {
    const Bytes whole = ipip(inner4());
    for (std::size_t size = 0; size <= whole.size(); ++size) {
      hear(3, code, whole, 1300, size);
      const bool told = code == 1 && size >= 20 + 28;
      EXPECT_EQ(take().size(), told ? 1U : 0U) << size;
    }
  }
}

TEST_F(OuterErrorsTest, InSegments) {
  limit({.all = {0, 0}, .each = {0, 0}});
  const Bytes packet = ipv4(router, own4, 1, icmp4(3, 1, 0, ipip(inner4(300))));
  for (std::size_t split = contiguous_headers; split < packet.size(); split += 7) {
    punt(mbufs.make(packet, {}, split), {.punt = Punt::local});
    poll();
    expect_error4({3, 1}, own4, inner4(300));
  }
}

TEST_F(OuterErrorsTest, NoErrorsAboutErrorsNorToOurselves) {
  const Bytes silent[] = {
      ipv4(sender4, "198.18.0.1", 1, icmp4(3, 1, 0, payload(28))),
      ipv4(own4, "198.18.0.1", 17, payload(20)),
      ipv4("192.0.2.255", "198.18.0.1", 17, payload(20)),
      ipv4("224.0.0.1", "198.18.0.1", 17, payload(20)),
  };
  for (const Bytes& inner : silent) {
    hear(3, 1, ipip(inner));
    hear(3, 4, ipip(inner), 552);
    expect_nothing();
  }
  hear(3, 1, sit(icmp6(sender6, "2001:db8:2::9", 1, 0, 0, payload(60))));
  hear(3, 1, sit(ipv6(own6, "2001:db8:2::9", 17, payload(20))));
  hear(3, 1, sit(ipv6("fe80::9", "2001:db8:2::9", 17, payload(20))));
  expect_nothing();
  expect_pending(false);
}

TEST_F(OuterErrorsTest, AreRateLimited) {
  for (int i = 0; i < 20; ++i) {
    hear(3, 1, ipip(inner4()));
  }
  EXPECT_EQ(take().size(), IcmpLimits{}.each.burst);
}

// Fragmentation needed.

TEST_F(OuterErrorsTest, TheMtuIsLearnedAndTheSenderToldWhatFits) {
  hear(3, 4, ipip(inner4(1480)), 1300);
  EXPECT_EQ(forwarding.path_mtus.lookup(ip4(remote)), 1300);
  EXPECT_EQ(host.path_mtu_changes, std::vector{ip4(remote)});
  expect_error4({3, 4, 1280}, own4, first(inner4(1480), 528));  // 09a, but at once
  found->mode = TunnelMode::gre;
  hear(3, 4, gre_packet(0x86dd, inner6(1476)), 1300);
  expect_error6({2, 0, 1280}, first(inner6(1476), 524));  // never below 1280 (RFC 8200)
  EXPECT_EQ(counters->delivered.get(), 2U);
}

TEST_F(OuterErrorsTest, EightBytesAreEnoughToLearn) {
  hear(3, 4, ipip(inner4(1480)), 1300, 28);
  EXPECT_EQ(forwarding.path_mtus.lookup(ip4(remote)), 1300);
  expect_nothing();
  expect_pending(false);
}

TEST_F(OuterErrorsTest, NobodyIsToldOfASizeThatIsNoneOfTheirs) {
  hear(3, 4, ipip(inner4(1480, {})), 1300);  // without DF: fragmented from now on
  hear(3, 4, ipip(inner4(1280)), 1300);      // fits
  hear(3, 4, sit(inner6(1280)), 1200);       // must fit, if need be in outer fragments
  expect_nothing();
  EXPECT_EQ(forwarding.path_mtus.lookup(ip4(remote)), 1200);
}

TEST_F(OuterErrorsTest, AnMtuThatTheLinkHasAnywayIsNoNews) {
  hear(3, 4, ipip(inner4(1480)), 1500);
  expect_nothing();
  EXPECT_EQ(forwarding.path_mtus.size(), 0U);
  EXPECT_EQ(counters->delivered.get(), 1U);
}

TEST_F(OuterErrorsTest, LatePacketsAreToldWhatIsKnownByNow) {
  hear(3, 4, ipip(inner4(1480)), 1300);
  (void)take();
  hear(3, 4, ipip(inner4(1480)), 1400);
  expect_error4({3, 4, 1280}, own4, first(inner4(1480), 528));
}

TEST_F(OuterErrorsTest, TunnelsInTunnels) {
  // The inner packet is that of a tunnel of ours, which goes through the other one.
  const Bytes nested = ipv4(own4, remote, 4, inner4(1460));
  hear(3, 4, ipip(nested), 1300);
  expect_error4({3, 4, 1260}, own4, first(inner4(1460), 508));
  EXPECT_EQ(forwarding.path_mtus.lookup(ip4(remote)), 1300);
  hear(3, 1, ipip(nested));
  expect_error4({3, 1}, own4, first(inner4(1460), 508));
  hear(3, 1, ipip(nested), 0, 48);
  expect_nothing();
  expect_pending(true);
  Bytes deep = inner4();
  for (int i = 0; i < 20; ++i) {
    deep = ipip(deep);
  }
  hear(3, 1, deep);
  expect_nothing();
}

// Capture 09f: what tells the sender is the neighbour table, for tunnels as for the rest.
TEST_F(OuterErrorsTest, TheOuterNeighbourDoesNotAnswer) {
  NextHop through{.mtu = 1480, .kind = NextHop::Kind::tunnel};
  through.neighbour = &neighbours->acquire(0, ip4("192.0.2.50"));
  host.route(ip4("198.18.0.0"), 16, through);
  host.route(ip6("2001:db8:2::"), 64, through);
  punt_resolve(inner4());
  punt_resolve(inner6());
  poll();
  for (int i = 0; i < 4; ++i) {
    advance(1s);
  }
  std::vector<Bytes> told;
  for (const Injected& injected : take()) {
    if (injected.entry == Entry::output) {
      told.push_back(injected.bytes);
    }
  }
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(from(told[0], 28), inner4());
  EXPECT_EQ(header_at<IcmpHeader>(told[0].data() + 20).type, 3);
  EXPECT_EQ(header_at<IcmpHeader>(told[0].data() + 20).code, 1);
  EXPECT_EQ(told[1], error6({1, 3}, own6, inner6()));
  EXPECT_EQ(drops(Drop::neighbour_failed), 2U);
}

TEST_F(OuterErrorsTest, ForgottenInTheSlowPathsTicks) {
  hear(3, 4, ipip(inner4(1480)), 1300, 28);
  advance(601s);
  for (std::size_t i = 0; i < PathMtus::ticks_a_round; ++i) {
    advance(50ms);
  }
  EXPECT_EQ(forwarding.path_mtus.size(), 0U);
}

}  // namespace
}  // namespace culvert::test
