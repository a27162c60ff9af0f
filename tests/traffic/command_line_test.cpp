// SPDX-License-Identifier: BSD-3-Clause
#include "culvert-traffic/command_line.hpp"

#include <sstream>

#include <gtest/gtest.h>

namespace culvert::traffic {
namespace {

Command parse(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words{"culvert-traffic"};
  for (std::string word; stream >> word;) {
    words.push_back(word);
  }
  std::vector<const char*> arguments;
  for (const std::string& word : words) {
    arguments.push_back(word.c_str());
  }
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

struct Refused {
  const char* line;
  const char* why;
};

TEST(CommandLine, RefusesWithAReason) {
  for (const Refused& refused : {
           Refused{"", "write or run?"},
           Refused{"send", "\"send\" is neither write nor run"},
           Refused{"write --count 1", "write what file?"},
           Refused{"write x", "needs --count"},
           Refused{"write x y --count 1", "too many positional"},
           Refused{"write x --count 0", "--count is at least 1"},
           Refused{"write x --count 1 --rate 5", "unrecognised option '--rate'"},
           Refused{"write x --count one", "'one'"},
           Refused{"run --tx net_null0", "needs --tx and --rx"},
           Refused{"run net_null0", "too many positional"},
           Refused{"run --tx a --rx b --duration 0", "--duration"},
           Refused{"run --tx a --rx b --duration nan", "--duration"},
           Refused{"run --tx a --rx b --rate -1", "--rate"},
           Refused{"run --tx a --rx b --warmup -1", "--warmup"},
           Refused{"run --tx a --rx b --settle x", "--settle"},
           Refused{"run --tx a --rx b --drain -1", "--drain"},
           Refused{"run --tx a --rx b --link-timeout -1", "--link-timeout"},
           Refused{"run --tx a --rx b --samples 0", "--samples"},
           Refused{"run --tx a --rx b --descriptors 70000", "--descriptors"},
           Refused{"run --tx a --rx b --dur 1", "unrecognised option '--dur'"},
           Refused{"write x --count 1 --inner ipv5", "--inner is ipv4 or ipv6"},
           Refused{"write x --count 1 --tunnel vxlan", "--tunnel is none, ipip, gre or sit"},
           Refused{"write x --count 1 --tunnel sit --inner ipv4", "sit carries IPv6"},
           Refused{"write x --count 1 --tunnel ipip --inner ipv6", "ipip carries IPv4"},
           Refused{"write x --count 1 --tunnel ipip --key 1", "--key is for --tunnel gre"},
           Refused{"write x --count 1 --csum", "--csum is for --tunnel gre"},
           Refused{"write x --count 1 --tunnel gre --key 4294967296", "--key is from 0 to"},
           Refused{"write x --count 1 --tunnel gre --key -1", "--key is from 0 to"},
           Refused{"write x --count 1 --tunnels 2", "--tunnels needs a --tunnel"},
           Refused{"write x --count 1 --outer-local 1.2.3.4", "--outer-local needs a --tunnel"},
           Refused{"write x --count 1 --tunnel ipip --outer-remote ::1", "not an IPv4 address"},
           Refused{"write x --count 1 --tunnel ipip --outer-remote 255.255.255.255 --tunnels 2",
                   "not that many addresses"},
           Refused{"write x --count 1 --size 63", "--size is from 64 to 9018"},
           Refused{"write x --count 1 --size 9019", "--size is from 64 to 9018"},
           Refused{"write x --count 1 --size 64 --imix --size 65", "cannot be specified"},
           Refused{"write x --count 1 --size 100 --imix", "exclude each other"},
           Refused{"write x --count 1 --flows 0", "--flows is from 1"},
           Refused{"write x --count 1 --destinations 2001:db8::/32,1", "inner packets are IPv4"},
           Refused{"write x --count 1 --inner ipv6 --destinations 1.2.0.0/16,1",
                   "inner packets are IPv6"},
           Refused{"write x --count 1 --src-mac 1:2", "--src-mac: \"1:2\" is not a MAC address"},
           Refused{"write x --count 1 --ttl 0", "--ttl is from 1 to 255"},
           Refused{"write x --count 1 --ttl 256", "--ttl is from 1 to 255"},
           Refused{"write x --count 1 --seed", "required argument"},
       }) {
    try {
      (void)parse(refused.line);
      ADD_FAILURE() << refused.line;
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string{error.what()}.find(refused.why), std::string::npos)
          << refused.line << ": " << error.what();
    }
  }
}

TEST(CommandLine, Write) {
  const auto command = std::get<WriteCommand>(
      parse("write out.pcap --count 7 --tunnel gre --key 9 --csum --tunnels 3 --outer-local "
            "192.0.2.1 --outer-remote 192.0.2.8 --src-mac 02:00:00:00:00:0a --dst-mac "
            "02:00:00:00:00:0b --ttl 5 --seed 18446744073709551615 --size 100 --flows 9"));
  EXPECT_EQ(command.file, "out.pcap");
  EXPECT_EQ(command.count, 7U);
  const Traffic& traffic = command.traffic;
  EXPECT_FALSE(traffic.ipv6);
  EXPECT_EQ(traffic.tunnel, TunnelMode::gre);
  EXPECT_EQ(traffic.key, 9U);
  EXPECT_TRUE(traffic.checksum);
  EXPECT_EQ(traffic.tunnels, 3U);
  EXPECT_EQ(to_string(traffic.outer_local), "192.0.2.1");
  EXPECT_EQ(to_string(traffic.outer_remote), "192.0.2.8");
  EXPECT_EQ(to_string(traffic.source_mac), "02:00:00:00:00:0a");
  EXPECT_EQ(to_string(traffic.destination_mac), "02:00:00:00:00:0b");
  EXPECT_EQ(traffic.ttl, 5U);
  EXPECT_EQ(traffic.seed, UINT64_MAX);
  EXPECT_EQ(traffic.size, 100U);
  EXPECT_EQ(traffic.flows, 9U);
}

TEST(CommandLine, Ipv6NeedsMoreRoom) {
  EXPECT_EQ(std::get<WriteCommand>(parse("write x --count 1 --tunnel sit")).traffic.size, 82U);
  EXPECT_EQ(std::get<WriteCommand>(parse("write x --count 1 --inner ipv6 --size 90")).traffic.size,
            90U);
}

TEST(CommandLine, Run) {
  const auto command = std::get<RunCommand>(
      parse("run --tx a,b=c --rx d --duration 0.5 --rate 1e6 --latency --warmup 1 --drain 2 "
            "--check f --json --busy-poll --tunnel sit -- --no-pci -l 1"));
  EXPECT_EQ(command.tx, "a,b=c");
  EXPECT_EQ(command.rx, "d");
  EXPECT_EQ(command.duration, 0.5);
  EXPECT_EQ(command.rate, 1e6);
  EXPECT_TRUE(command.latency && command.json && command.busy_poll);
  EXPECT_EQ(command.warmup, 1);
  EXPECT_EQ(command.drain, 2);
  EXPECT_EQ(command.check, "f");
  EXPECT_EQ(command.samples, 1000U);
  EXPECT_EQ(command.eal, (std::vector<std::string>{"--no-pci", "-l", "1"}));
  EXPECT_EQ(command.given.at("inner"), "ipv6");
  EXPECT_EQ(command.given.at("tunnel"), "sit");
  EXPECT_EQ(command.given.at("destinations"), "2001:db8::/32,1");
  EXPECT_EQ(command.given.at("key"), nullptr);
  EXPECT_EQ(command.given.at("imix"), false);
  EXPECT_EQ(command.given.at("seed"), 1);
}

}  // namespace
}  // namespace culvert::traffic
