// SPDX-License-Identifier: BSD-3-Clause
#include "path/kinds.hpp"

namespace culvert::test {
namespace {

void replace(std::string& line, std::string_view word, std::string_view by) {
  if (const std::size_t at = line.find(word); at != std::string::npos) {
    line.replace(at, word.size(), by);
    replace(line, word, by);
  }
}

constexpr std::string_view up = "link set t0 up";
constexpr std::string_view route4 = "route add NET4 dev t0";
constexpr std::string_view route6 = "route add NET6 dev t0";

}  // namespace

// Overheads: RFC 2003 section 3.1, RFC 2784 section 2.1, RFC 2890 section 2, RFC 4213 section 3.5.
const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all{
      {"ipip",
       20,
       true,
       false,
       true,
       {"tunnel add t0 mode ipip remote REMOTE local LOCAL", up, route4}},
      {"ipip, one to many",
       20,
       true,
       false,
       true,
       {"tunnel add t0 mode ipip local LOCAL", up, "route add NET4 via REMOTE dev t0 onlink"}},
      {"ipip nopmtudisc",
       20,
       true,
       false,
       false,
       {"tunnel add t0 mode ipip remote REMOTE local LOCAL nopmtudisc", up, route4}},
      {"gre",
       24,
       true,
       true,
       true,
       {"tunnel add t0 mode gre remote REMOTE local LOCAL", up, route4, route6}},
      {"gre key csum seq",
       36,
       true,
       true,
       true,
       {"tunnel add t0 mode gre remote REMOTE local LOCAL key 7 csum seq", up, route4, route6}},
      {"gre nopmtudisc",
       24,
       true,
       true,
       false,
       {"tunnel add t0 mode gre remote REMOTE local LOCAL nopmtudisc", up, route4, route6}},
      {"gre, one to many",
       24,
       true,
       true,
       true,
       {"tunnel add t0 mode gre local LOCAL", up, "neigh add 1.1.1.1 lladdr REMOTE dev t0",
        "neigh add fe80::1 lladdr REMOTE dev t0", "route add NET4 via 1.1.1.1 dev t0 onlink",
        "route add NET6 via fe80::1 dev t0"}},
      {"gre in ipip",
       44,
       true,
       true,
       true,
       {"tunnel add t1 mode ipip remote REMOTE local LOCAL", "link set t1 up",
        "route add FAR dev t1", "tunnel add t0 mode gre remote FAR local NEAR", up, route4,
        route6}},
      {"sit",
       20,
       false,
       true,
       true,
       {"tunnel add t0 mode sit remote REMOTE local LOCAL", up, route6}},
      {"sit nopmtudisc",
       20,
       false,
       true,
       false,
       {"tunnel add t0 mode sit remote REMOTE local LOCAL nopmtudisc", up, route6}},
      {"sit, one to many",
       20,
       false,
       true,
       true,
       {"tunnel add t0 mode sit local LOCAL", up, "route add NET6 via COMPATIBLE dev t0"}},
      {"isatap",
       20,
       false,
       true,
       true,
       {"tunnel add t0 mode isatap local LOCAL", "tunnel prl prl-default REMOTE dev t0", up,
        "route add NET6 via ISATAP dev t0"}},
      {"6rd",
       20,
       false,
       true,
       true,
       {"tunnel add t0 mode sit local LOCAL", "tunnel 6rd dev t0 6rd-prefix 2001:db8::/32", up,
        "route add 2001:db8::/32 dev t0"}},
  };
  return all;
}

std::vector<std::string> lines_of(const Kind& kind, const Site& self, const Site& other) {
  std::vector<std::string> lines(kind.lines.begin(), kind.lines.end());
  for (std::string& line : lines) {
    replace(line, "LOCAL", self.node.outside4);
    replace(line, "REMOTE", other.node.outside4);
    replace(line, "NET4", other.node.inside_net4);
    replace(line, "NET6", other.node.inside_net6);
    replace(line, "ISATAP", other.isatap);
    replace(line, "COMPATIBLE", other.compatible);
    replace(line, "FAR", other.node.inside4);
    replace(line, "NEAR", self.node.inside4);
  }
  return lines;
}

}  // namespace culvert::test
