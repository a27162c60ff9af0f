// SPDX-License-Identifier: BSD-3-Clause
// What `ip -j` printed, rendered, against what `ip` printed without -j.
#include "culvert/control/text.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "culvert/control/grammar.hpp"

#include "transcript.hpp"

namespace culvert {
namespace {

using Json = nlohmann::ordered_json;

std::string rendered(std::string_view line, const Json& result) {
  return render_text(parse_line(line).value(), result);
}

// "-s -j link show" without "-j "; empty if there is none.
std::string without_json(const std::string& line) {
  const std::size_t option = line.find("-j ");
  return option == std::string::npos ? "" : line.substr(0, option) + line.substr(option + 3);
}

TEST(Text, IsThatOfIp) {
  std::size_t compared = 0;
  for (const Transcript& transcript : read_transcripts()) {
    for (auto json = transcript.exchanges.begin(); json != transcript.exchanges.end(); ++json) {
      const std::string line = without_json(json->line);
      if (line.empty() || json->status != 0) {
        continue;
      }
      SCOPED_TRACE(transcript.name + ':' + std::to_string(json->number) + ' ' + json->line);
      // The last one before it, since what is shown changes as a transcript goes on.
      const auto text = std::find_if(std::make_reverse_iterator(json), transcript.exchanges.rend(),
                                     [&](const Asked& other) { return other.line == line; });
      if (text == transcript.exchanges.rend()) {
        continue;
      }
      EXPECT_EQ(rendered(line, Json::parse(json->output)), text->output);
      ++compared;
    }
  }
  EXPECT_GT(compared, 60U);
}

TEST(Text, NothingForCommandsThatPrintNothing) {
  EXPECT_EQ(rendered("link set p0 up", Json::array()), "");
  EXPECT_EQ(rendered("tunnel show", Json::array()), "");
}

// `ip -j` leaves out an inherited TOS, and prints no counters of tunnels.
TEST(Text, TunnelBeyondTheJsonOfIp) {
  Json tunnel = {{"ifname", "t"},
                 {"mode", "gre/ip"},
                 {"remote", "0.0.0.0"},
                 {"local", "0.0.0.0"},
                 {"tos", "inherit"}};
  EXPECT_EQ(rendered("tunnel show", Json::array({tunnel})),
            "t: gre/ip remote any local any ttl inherit tos inherit\n");
  tunnel["tos"] = "0x29";
  EXPECT_EQ(rendered("tunnel show", Json::array({tunnel})),
            "t: gre/ip remote any local any ttl inherit tos inherit/AF11\n");
  tunnel.erase("tos");
  tunnel["stats"] = {{"rx",
                      {{"packets", 1},
                       {"bytes", 22},
                       {"errors", 333},
                       {"csum_errors", 4},
                       {"out_of_seq", 5},
                       {"multicast", 6}}},
                     {"tx",
                      {{"packets", 12345678901},
                       {"bytes", 1008},
                       {"errors", 7},
                       {"dead_loop", 8},
                       {"no_route", 9},
                       {"no_buffers", 10}}}};
  EXPECT_EQ(rendered("-s tunnel show", Json::array({tunnel})),
            "t: gre/ip remote any local any ttl inherit\n"
            "RX: Packets    Bytes        Errors CsumErrs OutOfSeq Mcasts\n"
            "    1          22           333    4        5        6       \n"
            "TX: Packets    Bytes        Errors DeadLoop NoRoute  NoBufs\n"
            "    12345678901 1008         7      8        9        10    \n");
}

TEST(Text, TrafficClassNames) {
  EXPECT_EQ(traffic_class_name(0x28), "AF11");
  EXPECT_EQ(traffic_class_name(0x10), "0x10");
  EXPECT_EQ(traffic_class_name(0x03), "0x03");
  EXPECT_EQ(traffic_class_name(1), "inherit");
}

TEST(Text, Port) {
  const Json port = {
      {"ifindex", 2},
      {"ifname", "p0"},
      {"flags", {"NO-CARRIER", "BROADCAST", "MULTICAST", "UP"}},
      {"mtu", 1500},
      {"qdisc", "noqueue"},
      {"operstate", "DOWN"},
      {"linkmode", "DEFAULT"},
      {"group", "default"},
      {"txqlen", 1000},
      {"link_type", "ether"},
      {"address", "02:00:00:00:00:01"},
      {"broadcast", "ff:ff:ff:ff:ff:ff"},
      {"promiscuity", 0},
      {"allmulti", 0},
      {"min_mtu", 68},
      {"max_mtu", 9600},
      {"linkinfo",
       {{"info_kind", "port"}, {"info_data", {{"device", "net_null0"}, {"proxy_arp", true}}}}},
      {"num_tx_queues", 2},
      {"num_rx_queues", 2}};
  EXPECT_EQ(rendered("-d link show", Json::array({port})),
            "2: p0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state DOWN mode "
            "DEFAULT group default qlen 1000\n"
            "    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0  allmulti 0 "
            "minmtu 68 maxmtu 9600 \n"
            "    port device net_null0 proxy_arp on numtxqueues 2 numrxqueues 2 \n");
}

// Columns grow with their numbers, both directions alike.
TEST(Text, WideCounters) {
  const Json link = {{"ifindex", 2},
                     {"ifname", "p0"},
                     {"flags", {"UP"}},
                     {"mtu", 1500},
                     {"stats64",
                      {{"rx",
                        {{"bytes", 123456789012},
                         {"packets", 123456789},
                         {"errors", 0},
                         {"dropped", 0},
                         {"over_errors", 0},
                         {"multicast", 0},
                         {"missed_errors", 77}}},
                       {"tx",
                        {{"bytes", 1},
                         {"packets", 2},
                         {"errors", 3},
                         {"dropped", 4},
                         {"carrier_errors", 5},
                         {"collisions", 6}}}}}};
  EXPECT_EQ(rendered("-s link show", Json::array({link})),
            "2: p0: <UP> mtu 1500\n"
            "    RX:    bytes   packets errors dropped  missed   mcast           \n"
            "    123456789012 123456789      0       0      77       0 \n"
            "    TX:    bytes   packets errors dropped carrier collsns           \n"
            "               1         2      3       4       5       6 \n");
}

TEST(Text, NeighbourStates) {
  const Json result = {{{"dst", "10.0.0.2"}, {"dev", "p0"}, {"state", {"FAILED"}}},
                       {{"dst", "2001:db8::1"},
                        {"dev", "p0"},
                        {"lladdr", "02:00:00:00:00:01"},
                        {"router", nullptr},
                        {"state", {"STALE"}}}};
  EXPECT_EQ(rendered("neigh show", result),
            "10.0.0.2 dev p0 FAILED \n"
            "2001:db8::1 dev p0 lladdr 02:00:00:00:00:01 router STALE \n");
}

TEST(Text, Drops) {
  const Json drops = {
      {{"reason", "ip_checksum"}, {"packets", 3}, {"description", "header checksum"}},
      {{"reason", "no_route"}, {"packets", 12345}, {"description", "no route"}},
      {{"reason", "never"}, {"packets", 0}, {"description", "did not happen"}}};
  EXPECT_EQ(rendered("drops", drops),
            "ip_checksum      3\n"
            "no_route     12345\n");
  EXPECT_EQ(rendered("-s drops", drops),
            "ip_checksum      3\n"
            "no_route     12345\n"
            "never            0\n");
  EXPECT_EQ(rendered("-d drops", drops),
            "ip_checksum      3  header checksum\n"
            "no_route     12345  no route\n"
            "never            0  did not happen\n");
}

}  // namespace
}  // namespace culvert
