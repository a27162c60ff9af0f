// SPDX-License-Identifier: BSD-3-Clause
// control: `ip route show | get | flush cache`, and which command of `ip route` a line is. No DPDK.
#include <algorithm>
#include <array>

#include "grammar_route.hpp"

namespace culvert::grammar {
namespace {

using words::abbreviates;
using words::PrefixWord;
using words::Words;

constexpr std::array unsupported_filters{"proto", "protocol", "scope",  "type",   "metric",
                                         "tos",   "from",     "src",    "realms", "iif",
                                         "vrf",   "cached",   "cloned", "nhid",   "unicast"};
constexpr std::array unsupported_keys{"from",    "iif",    "oif",       "dev",     "tos",
                                      "mark",    "vrf",    "uid",       "sport",   "dport",
                                      "ipproto", "notify", "connected", "fibmatch"};

bool is_one_of(std::string_view word, const auto& list) {
  return std::ranges::find(list, word) != list.end();
}

RouteShow::Match match_named(std::string_view word) {
  if (word == "root") {
    return RouteShow::Match::root;
  }
  return word == "match" ? RouteShow::Match::match : RouteShow::Match::exact;
}

// [ to ] [ root | match | exact ] PREFIX
void take_prefix(RouteShow& show, std::string_view word, Words& words, Family family) {
  if (word == "to") {
    word = words.argument();
  }
  show.match = match_named(word);
  if (word == "root" || word == "match" || word == "exact") {
    word = words.argument();
  }
  const PrefixWord prefix = words::prefix(word, family);
  show.prefix = words::masked(prefix, show.family);
}

void check_table(std::string_view word) {
  if (word != "main" && word != "254") {
    words::not_supported(word);
  }
}

RouteShow parse_show(Words words, Family family) {
  RouteShow show;
  // Without -6 it is the IPv4 table, whatever the prefix: then nothing is found.
  show.family = family == Family::ipv6 ? Family::ipv6 : Family::ipv4;
  while (!words.empty()) {
    const std::string_view word = words.take();
    if (word == "dev" || word == "oif") {
      show.dev = words.argument();
    } else if (word == "via") {
      const PrefixWord via = words::prefix(words.argument(), family);
      if (via.has_length) {
        words::not_supported("via");
      }
      show.via = via.address;
    } else if (abbreviates(word, "table")) {
      check_table(words.argument());
    } else if (is_one_of(word, unsupported_filters)) {
      words::not_supported(word);
    } else {
      take_prefix(show, word, words, family);
    }
  }
  return show;
}

RouteGet parse_get(Words words, Family family) {
  std::optional<PrefixWord> wanted;
  while (!words.empty()) {
    std::string_view word = words.take();
    if (is_one_of(word, unsupported_keys)) {
      words::not_supported(word);
    }
    if (word == "to") {
      word = words.argument();
    } else if (abbreviates(word, "help")) {
      route_usage();
    }
    wanted = words::prefix(word, family);
    family = wanted->family;
    if (!words::is_host(*wanted)) {
      words::not_supported(word);
    }
  }
  if (!wanted) {
    words::fail(words::status_failure, "need at least a destination address");
  }
  return {wanted->address};
}

// [ table ] cache; `ip` takes any abbreviation of "cached" or "cloned" for it.
RouteFlush parse_flush(Words words, Family family) {
  if (words.empty()) {
    words::fail(words::status_failure, "\"ip route flush\" requires arguments.");
  }
  while (!words.empty()) {
    const std::string_view word = words.take();
    if (abbreviates(word, "table")) {
      const std::string_view table = words.argument();
      if (table != "cache") {
        words::not_supported(table);
      }
    } else if (abbreviates(word, "cached") || abbreviates(word, "cloned")) {
      continue;
    } else if (abbreviates(word, "help")) {
      route_usage();
    } else {
      (void)words::prefix(word, family);
      words::not_supported(word);
    }
  }
  return {family};
}

}  // namespace

CommandBody parse_route(Words words, Family family) {
  if (words.empty()) {
    return parse_show(words, family);
  }
  const std::string_view command = words.take();
  if (abbreviates(command, "show") || abbreviates(command, "lst") || abbreviates(command, "list")) {
    return parse_show(words, family);
  }
  if (abbreviates(command, "get")) {
    return parse_get(words, family);
  }
  if (abbreviates(command, "add")) {
    return parse_route_add(words, family);
  }
  if (abbreviates(command, "replace")) {
    return parse_route_replace(words, family);
  }
  if (abbreviates(command, "delete")) {
    return parse_route_del(words, family);
  }
  if (abbreviates(command, "flush")) {
    return parse_flush(words, family);
  }
  if (abbreviates(command, "help")) {
    route_usage();
  }
  words::unknown_command(command, "route");
}

}  // namespace culvert::grammar
