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

using Lines = std::vector<std::string_view>;

// Overheads: RFC 2003 section 3.1, RFC 2784 section 2.1, RFC 2890 section 2, RFC 4213 section 3.5.
Kind ipip(std::string_view name, Lines lines) {
  return {name, 20, true, false, std::move(lines)};
}
Kind gre(std::string_view name, unsigned optional_fields, Lines lines) {
  return {name, 24 + 4 * optional_fields, true, true, std::move(lines)};
}
Kind gre_in_ipip(std::string_view name, Lines lines) {
  return {name, 44, true, true, std::move(lines)};
}
Kind sit(std::string_view name, Lines lines) {
  return {name, 20, false, true, std::move(lines)};
}

constexpr std::string_view up = "link set t0 up";
constexpr std::string_view route4 = "route add NET4 dev t0";
constexpr std::string_view route6 = "route add NET6 dev t0";

}  // namespace

bool Kind::pmtudisc() const {
  return lines.front().find("nopmtudisc") == std::string_view::npos;
}

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all{
      ipip("ipip", {"tunnel add t0 mode ipip remote REMOTE local LOCAL", up, route4}),
      ipip("ipip, one to many",
           {"tunnel add t0 mode ipip local LOCAL", up, "route add NET4 via REMOTE dev t0 onlink"}),
      ipip("ipip nopmtudisc",
           {"tunnel add t0 mode ipip remote REMOTE local LOCAL nopmtudisc", up, route4}),
      gre("gre", 0, {"tunnel add t0 mode gre remote REMOTE local LOCAL", up, route4, route6}),
      gre("gre key csum seq", 3,
          {"tunnel add t0 mode gre remote REMOTE local LOCAL key 7 csum seq", up, route4, route6}),
      gre("gre nopmtudisc", 0,
          {"tunnel add t0 mode gre remote REMOTE local LOCAL nopmtudisc", up, route4, route6}),
      gre("gre, one to many", 0,
          {"tunnel add t0 mode gre local LOCAL", up, "neigh add 10.0.9.9 lladdr REMOTE dev t0",
           "neigh add fe80::9 lladdr REMOTE dev t0", "route add NET4 via 10.0.9.9 dev t0 onlink",
           "route add NET6 via fe80::9 dev t0"}),
      gre_in_ipip("gre in ipip",
                  {"tunnel add t1 mode ipip remote REMOTE local LOCAL", "link set t1 up",
                   "route add FAR dev t1", "tunnel add t0 mode gre remote FAR local NEAR", up,
                   route4, route6}),
      sit("sit", {"tunnel add t0 mode sit remote REMOTE local LOCAL", up, route6}),
      sit("sit nopmtudisc",
          {"tunnel add t0 mode sit remote REMOTE local LOCAL nopmtudisc", up, route6}),
      sit("sit, one to many",
          {"tunnel add t0 mode sit local LOCAL", up, "route add NET6 via COMPATIBLE dev t0"}),
      sit("isatap",
          {"tunnel add t0 mode isatap local LOCAL", "tunnel prl prl-default REMOTE dev t0", up,
           "route add NET6 via ISATAP dev t0"}),
      sit("6rd",
          {"tunnel add t0 mode sit local LOCAL", "tunnel 6rd dev t0 6rd-prefix 2001:db8::/32", up,
           "route add 2001:db8::/32 dev t0"}),
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
