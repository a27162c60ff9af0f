// SPDX-License-Identifier: BSD-3-Clause
// The grammar against transcripts of `ip`, and what the transcripts cannot say.
#include <gtest/gtest.h>

#include "grammar_support.hpp"
#include "transcript.hpp"

namespace culvert {
namespace {

// What the grammar refuses, `ip` has refused, in these words and with this status.
TEST(Grammar, RefusesInTheWordsOfIp) {
  std::size_t refused = 0;
  for (const Transcript& transcript : read_transcripts()) {
    for (const Asked& exchange : transcript.exchanges) {
      const auto [message, status] = refusal(exchange.line);
      if (!message.empty()) {
        SCOPED_TRACE(transcript.name + ':' + std::to_string(exchange.number) + ' ' + exchange.line);
        EXPECT_EQ(message + '\n', exchange.error_output);
        EXPECT_EQ(status, exchange.status);
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 250U);
}

// In the transcripts of syntax every refusal is one that needs no knowledge of links and routes.
TEST(Grammar, RefusesWhatIpRefuses) {
  for (const Transcript& transcript : read_transcripts()) {
    if (!transcript.name.starts_with("syntax-")) {
      continue;
    }
    for (const Asked& exchange : transcript.exchanges) {
      SCOPED_TRACE(transcript.name + ':' + std::to_string(exchange.number) + ' ' + exchange.line);
      EXPECT_EQ(refusal(exchange.line).second, exchange.status);
    }
  }
}

TEST(Grammar, Options) {
  const Command command = parsed("-6 -s -d -j addr");
  EXPECT_EQ(command.options.family, Family::ipv6);
  EXPECT_TRUE(command.options.statistics);
  EXPECT_TRUE(command.options.details);
  EXPECT_EQ(parsed("-f inet -stat a").options.family, Family::ipv4);
  EXPECT_EQ(parsed("--family inet6 -c -color=auto -oneline -p r").options.family, Family::ipv6);
  EXPECT_FALSE(parsed("link").options.statistics);
  EXPECT_EQ(refusal("-batch file").first, "Option \"-batch\" is unknown, try \"ip -help\".");
}

TEST(Grammar, Usage) {
  for (const char* const line :
       {"help", "-help", "-s", "link help", "link set eth0 help", "tunnel add help", "addr help",
        "addr show help", "route help", "route add", "route add dev eth0", "route del",
        "route get help", "route flush help", "neigh help", "neigh add help", "drops help"}) {
    const auto [message, status] = refusal(line);
    EXPECT_TRUE(message.starts_with("Usage: ")) << line << ": " << message;
    EXPECT_EQ(status, 255) << line;
  }
}

// An option that the data plane does not honour is refused, never ignored.
TEST(Grammar, RefusesWhatIsNotHonoured) {
  for (const char* const line : {"link set p0 promisc on",
                                 "link set p0 master br0",
                                 "link set p0 name p1 alias x",
                                 "link add p0 mtu 9000 type port device x",
                                 "link show type port",
                                 "link del p0 type port",
                                 "addr add 10.0.0.1/24 dev p0 scope link",
                                 "addr add 10.0.0.1/24 dev p0 metric 5",
                                 "addr add 10.0.0.1/24 dev p0 label p0:1",
                                 "addr add 10.0.0.1/24 dev p0 valid_lft 60",
                                 "addr add 10.0.0.1/24 brd - dev p0",
                                 "addr add 10.0.0.1/24 brd 10.0.0.254 dev p0",
                                 "addr add 10.0.0.1/24 noprefixroute dev p0",
                                 "addr show to 10.0.0.0/24",
                                 "route add 10.0.0.0/8 dev p0 mtu 1400",
                                 "route add 10.0.0.0/8 dev p0 table 5",
                                 "route add 10.0.0.0/8 dev p0 proto kernel",
                                 "route add 10.0.0.0/8 dev p0 scope host",
                                 "route add 10.0.0.0/8 via 10.9.9.9 scope link",
                                 "route add local 10.0.0.1 dev p0",
                                 "route add throw 10.0.0.0/8",
                                 "route add 10.0.0.0/8 nexthop via 10.0.0.1",
                                 "route add 10.0.0.0/8 encap ip id 3 dev p0",
                                 "route show table 5",
                                 "route show proto static",
                                 "route get 10.0.0.1 from 10.0.0.2",
                                 "route get 10.0.0.1/24",
                                 "route get 10.0.0.1 oif p0",
                                 "route flush table main",
                                 "route flush 10.0.0.0/8",
                                 "route flush cache 10.0.0.0/8",
                                 "neigh add 10.0.0.2 lladdr 2:0:0:0:0:1 dev p0 nud stale",
                                 "neigh add proxy 10.0.0.2 dev p0",
                                 "neigh add 10.0.0.2 lladdr 2:0:0:0:0:1 router dev p0",
                                 "neigh show nud permanent"}) {
    const auto [message, status] = refusal(line);
    EXPECT_TRUE(message.ends_with("not supported by Culvert")) << line << ": " << message;
    EXPECT_EQ(status, 255) << line;
  }
  for (const char* const mode : {"vti", "any"}) {
    EXPECT_EQ(refusal("tunnel add x mode " + std::string{mode}).first,
              "Tunnel mode \"" + std::string{mode} + "\" is not supported by Culvert");
  }
  EXPECT_EQ(refusal("tunnel add vti1 remote 10.0.0.1").second, 255);
  EXPECT_EQ(refusal("-6 tunnel show").second, 255);
  EXPECT_EQ(refusal("tunnel add x mode ipip csum").second, 1);
  EXPECT_EQ(refusal("tunnel add x mode sit iseq").second, 1);
  EXPECT_EQ(refusal("rule show").first, "Object \"rule\" is unknown, try \"ip help\".");
  EXPECT_EQ(refusal("addr flush dev p0").first,
            "Command \"flush\" is unknown, try \"ip address help\".");
}

}  // namespace
}  // namespace culvert
