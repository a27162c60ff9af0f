// SPDX-License-Identifier: BSD-3-Clause
#include "golden/topology.hpp"

namespace culvert::test {
namespace {

// The router between the gateways of netm, and those who only occur as addresses.
constexpr std::string_view router = "10.0.0.254";
constexpr std::string_view mac_of_router = "02:00:00:00:00:1a";
constexpr std::string_view strangers[] = {"10.0.0.9", "10.0.0.77"};
constexpr std::string_view mac_of_strangers = "02:00:00:00:00:77";

class Lines {
 public:
  void up(std::string_view port) { add({"link set", port, "up"}); }
  void address(std::string_view address, std::string_view length, std::string_view port) {
    add({"addr add", std::string(address) + std::string(length), "dev", port});
  }
  void neighbour(std::string_view address, std::string_view mac, std::string_view port) {
    add({"neigh add", address, "lladdr", mac, "dev", port});
  }
  void add(std::initializer_list<std::string_view> words) {
    std::string line;
    for (const std::string_view word : words) {
      line += line.empty() ? "" : " ";
      line += word;
    }
    all.push_back(line);
  }

  std::vector<std::string> all;
};

}  // namespace

const Node& node_named(char node) {
  return node == 'a' ? node_a : node_b;
}

std::string inside_port(char node) {
  return node == 'a' ? "l0" : "r0";
}

std::vector<std::string> setup_of(const std::string& topology, char node) {
  const Node& self = node_named(node);
  const Node& other = node_named(node == 'a' ? 'b' : 'a');
  const std::string in = inside_port(node);
  Lines lines;
  lines.address(self.inside4, "/24", in);
  lines.address(self.inside6, "/64", in);
  lines.address(self.outside4, "/24", outside_port);
  lines.up(in);
  lines.up(outside_port);
  lines.neighbour(self.host4, self.host_mac, in);
  lines.neighbour(self.host6, self.host_mac, in);
  for (const std::string_view stranger : strangers) {
    lines.neighbour(stranger, mac_of_strangers, outside_port);
  }
  if (topology == "netm") {
    lines.neighbour(router, mac_of_router, outside_port);
    lines.add({"route add 10.0.1.0/24 via", router});
  } else {
    lines.neighbour(other.outside4, other.outside_mac, outside_port);
    lines.neighbour(outside4_of_c, outside_mac_of_c, outside_port);
  }
  return lines.all;
}

}  // namespace culvert::test
