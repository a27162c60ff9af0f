// SPDX-License-Identifier: BSD-3-Clause
// What workers read of the next hops that commands lead to: limits, and the address for IP options
// (RFC 1812 section 4.2.2.2; as Linux in capture 10b where the link has none).
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "culvert/control/gateway.hpp"
#include "culvert/control/grammar.hpp"

#include "support/bytes.hpp"

namespace culvert::test {
namespace {

class NextHops : public testing::Test {
 protected:
  void run(std::string_view line) {
    nlohmann::ordered_json element;
    for (Listing listing = gateway.execute(*parse_line(std::string(line)));
         listing.next(element);) {
    }
    for (int i = 0; i < 10; ++i) {
      gateway.work(Clock::now());
    }
  }
  const NextHop& towards(std::string_view address) {
    const Forwarding& tables = engine.forwarding();
    return tables.next_hops[tables.ipv4.lookup(ip4(address))];
  }

  Engine engine{[] {
    Engine::Options options;
    options.mbufs = 1024;
    return options;
  }()};
  Gateway gateway{engine, {}};
};

TEST_F(NextHops, LimitsAndOwnAddress) {
  for (const std::string_view line : {
           "link add wan0 type port device net_null0",
           "link set wan0 up",
           "addr add 192.0.2.1/24 dev wan0",
           "addr add 198.51.100.1/24 dev wan0",
           "route add 203.0.113.0/24 via 198.51.100.9 dev wan0",
           "tunnel add t0 mode ipip local 192.0.2.1 remote 192.0.2.2",
           "link set t0 up",
           "route add 10.0.0.0/8 dev t0",
       }) {
    run(line);
  }
  EXPECT_EQ(to_string(towards("203.0.113.1").own), "198.51.100.1");
  EXPECT_EQ(towards("203.0.113.1").whole_mtu(), 1500U);
  EXPECT_EQ(to_string(towards("10.0.0.1").own), "192.0.2.1") << "it has none";
  EXPECT_EQ(towards("10.0.0.1").mtu, 1480U);
  run("addr add 10.255.0.1/32 dev t0");
  EXPECT_EQ(to_string(towards("10.0.0.1").own), "10.255.0.1");
  run("link set t0 mtu 1500");
  EXPECT_EQ(towards("10.0.0.1").mtu, 1480U);
  EXPECT_EQ(towards("10.0.0.1").device_mtu, 1500U);
  EXPECT_EQ(towards("10.0.0.1").path_mtu, 1500U);
  run("link set wan0 mtu 1400");
  EXPECT_EQ(towards("10.0.0.1").mtu, 1380U);
  EXPECT_EQ(towards("10.0.0.1").path_mtu, 1400U);
  run("addr del 198.51.100.1/24 dev wan0");
  EXPECT_NE(to_string(towards("203.0.113.1").own), "198.51.100.1");
}

}  // namespace
}  // namespace culvert::test
