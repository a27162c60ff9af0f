// SPDX-License-Identifier: BSD-3-Clause
// control: `ip route add | replace | del`. No DPDK.
#include "grammar_route.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace culvert::grammar {
namespace {

using words::abbreviates;
using words::PrefixWord;
using words::Words;

constexpr std::string_view usage =
    "Usage: ip route { add | replace | del } [ TYPE ] PREFIX [ via [ FAMILY ] ADDRESS ]\n"
    "                [ dev NAME ] [ onlink ] [ metric METRIC ] [ src ADDRESS ]\n"
    "                [ proto { boot | static } ]\n"
    "       ip route show [ [ to ] [ root | match | exact ] PREFIX ] [ dev NAME ]\n"
    "                     [ via ADDRESS ]\n"
    "       ip route get ADDRESS\n"
    "       ip route flush cache\n"
    "TYPE := { unicast | unreachable | prohibit | blackhole }\n"
    "FAMILY := { inet | inet6 }";

constexpr std::array<std::string_view, 27> unsupported_options{
    "as",      "from",    "tos",      "expires",   "mtu",        "hoplimit",     "advmss",
    "rtt",     "rttvar",  "window",   "cwnd",      "initcwnd",   "initrwnd",     "ssthresh",
    "realms",  "rto_min", "quickack", "features",  "congctl",    "pref",         "encap",
    "nexthop", "nhid",    "weight",   "pervasive", "reordering", "ttl-propagate"};

// Names in the order in which `ip` tries them; none: a type that is not ours.
constexpr std::array<std::pair<std::string_view, std::optional<RouteType>>, 11> types{{
    {"local", std::nullopt},
    {"nat", std::nullopt},
    {"broadcast", std::nullopt},
    {"anycast", std::nullopt},
    {"multicast", std::nullopt},
    {"prohibit", RouteType::prohibit},
    {"unreachable", RouteType::unreachable},
    {"blackhole", RouteType::blackhole},
    {"xresolve", std::nullopt},
    {"unicast", RouteType::unicast},
    {"throw", std::nullopt},
}};

struct RouteWords {
  RouteSpec spec;
  std::optional<PrefixWord> prefix;
  std::optional<std::string_view> scope;
  Family family = Family::any;
  bool via_names_family = false;
};

std::optional<Family> family_named(std::string_view word) {
  if (word == "inet") {
    return Family::ipv4;
  }
  return word == "inet6" ? std::optional{Family::ipv6} : std::nullopt;
}

void take_via(RouteWords& line, Words& words) {
  if (line.spec.via) {
    words::wrong("via", "use nexthop syntax to specify multiple via\n");
  }
  std::string_view address = words.argument();
  const auto family = family_named(address);
  if (family) {
    address = words.argument();
    line.via_names_family = true;
  }
  line.spec.via = words::address(address, family.value_or(line.family));
  if (line.family == Family::any) {
    line.family = words::family_of(*line.spec.via);
  }
}

RouteProtocol protocol_value(std::string_view word) {
  const auto value = words::number(word);
  if (word == "boot" || value == static_cast<std::uint32_t>(RouteProtocol::boot)) {
    return RouteProtocol::boot;
  }
  if (word == "static" || value == static_cast<std::uint32_t>(RouteProtocol::fixed)) {
    return RouteProtocol::fixed;
  }
  if (word == "kernel" || (value && *value <= 0xffU)) {
    words::not_supported(word);
  }
  words::wrong(word, "\"protocol\" value is invalid\n");
}

// There is one table.
void check_table(std::string_view word) {
  const auto value = words::number(word);
  constexpr std::uint32_t main_table = 254;
  if (word == "main" || value == main_table) {
    return;
  }
  if (value || word == "local" || word == "default" || word == "all") {
    words::not_supported(word);
  }
  words::wrong(word, "\"table\" value is invalid\n");
}

bool take_value(RouteWords& line, std::string_view word, Words& words) {
  if (word == "src") {
    line.spec.source = words::address(words.argument(), line.family);
  } else if (word == "via") {
    take_via(line, words);
  } else if (abbreviates(word, "metric") || abbreviates(word, "priority") || word == "preference") {
    const std::string_view metric = words.argument();
    line.spec.metric = words::number(metric);
    if (!line.spec.metric) {
      words::wrong(metric, "\"metric\" value is invalid\n");
    }
  } else if (word == "scope") {
    line.scope = words.argument();
  } else if (abbreviates(word, "protocol")) {
    line.spec.protocol = protocol_value(words.argument());
  } else if (abbreviates(word, "table")) {
    check_table(words.argument());
  } else if (word == "dev" || word == "oif") {
    line.spec.dev = words.argument();
  } else if (word == "onlink") {
    line.spec.onlink = true;
  } else {
    return false;
  }
  return true;
}

const auto* type_named(std::string_view word) {
  // "local" and "nat" cannot be abbreviated.
  const auto matches = [&](const auto& type) {
    return type.first == "local" || type.first == "nat" ? word == type.first
                                                        : abbreviates(word, type.first);
  };
  const auto* const found = std::ranges::find_if(types, matches);
  return found == types.end() ? nullptr : found;
}

// [ to ] [ TYPE ] PREFIX
void take_prefix(RouteWords& line, std::string_view word, Words& words) {
  if (word == "to") {
    word = words.argument();
  }
  const std::string_view type_word = word;
  const auto* const type = type_named(word);
  if (type != nullptr) {
    word = words.argument();
  }
  if (abbreviates(word, "help")) {
    route_usage();
  }
  if (line.prefix) {
    words::garbage("to", word);
  }
  line.prefix = words::prefix(word, line.family);
  if (line.family == Family::any) {
    line.family = line.prefix->family;
  }
  if (type != nullptr && !type->second) {
    words::not_supported(type_word);
  }
  line.spec.type = type != nullptr ? *type->second : line.spec.type;
}

RouteWords read_line(Words words, Family family) {
  RouteWords line;
  line.family = family;
  while (!words.empty()) {
    const std::string_view word = words.take();
    if (take_value(line, word, words)) {
      continue;
    }
    if (std::ranges::find(unsupported_options, word) != unsupported_options.end()) {
      words::not_supported(word);
    }
    take_prefix(line, word, words);
  }
  if (!line.prefix) {
    route_usage();
  }
  if (line.family == Family::any) {
    line.family = Family::ipv4;
  }
  return line;
}

[[noreturn]] void refuse(const std::string& message) {
  words::fail(words::status_refused, message);
}

// The scope is what the next hop says it is; a line may say the same.
void check_scope(const RouteWords& line) {
  if (!line.scope) {
    return;
  }
  const std::string_view scope = *line.scope;
  const bool is_direct = line.spec.type == RouteType::unicast && !line.spec.via;
  const bool is_link = line.family == Family::ipv4 && is_direct;
  if (scope == (is_link ? "link" : "global")) {
    return;
  }
  if (scope == "link" || scope == "global" || scope == "host" || scope == "site" ||
      scope == "nowhere" || words::number(scope)) {
    words::not_supported(scope);
  }
  words::wrong(scope, "invalid \"scope\" value\n");
}

RouteSpec parse_new(Words words, Family family) {
  RouteWords line = read_line(words, family);
  RouteSpec& spec = line.spec;
  check_scope(line);
  if (line.family == Family::ipv4 && words::has_host_bits(*line.prefix)) {
    refuse("Error: Invalid prefix for given prefix length.");
  }
  if (spec.type != RouteType::unicast && (spec.via || spec.dev)) {
    refuse("Error: Gateway, device and multipath can not be specified for this route type.");
  }
  if (spec.type == RouteType::unicast && !spec.via && !spec.dev) {
    refuse("RTNETLINK answers: No such device");
  }
  if (line.family == Family::ipv6 && line.via_names_family &&
      words::family_of(*spec.via) == Family::ipv4) {
    refuse("Error: IPv6 does not support RTA_VIA attribute.");
  }
  if (spec.onlink && !spec.dev) {
    refuse("Error: Nexthop device required for onlink.");
  }
  spec.prefix = words::masked(*line.prefix, line.family);
  return std::move(spec);
}

}  // namespace

void route_usage() {
  words::fail(words::status_usage, std::string{usage});
}

RouteAdd parse_route_add(Words words, Family family) {
  return {parse_new(words, family)};
}

RouteReplace parse_route_replace(Words words, Family family) {
  return {parse_new(words, family)};
}

RouteDel parse_route_del(Words words, Family family) {
  RouteWords line = read_line(words, family);
  if (line.family == Family::ipv4 && words::has_host_bits(*line.prefix)) {
    refuse("Error: Invalid prefix for given prefix length.");
  }
  line.spec.prefix = words::masked(*line.prefix, line.family);
  return {std::move(line.spec)};
}

}  // namespace culvert::grammar
