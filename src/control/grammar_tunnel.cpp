// SPDX-License-Identifier: BSD-3-Clause
// control: `ip tunnel`, and what a tunnel's parameters have to be. No DPDK.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "culvert/control/grammar.hpp"

#include "grammar_objects.hpp"
#include "traffic_class.hpp"

namespace culvert::grammar {
namespace {

using words::abbreviates;
using words::Words;

constexpr std::string_view usage =
    "Usage: ip tunnel { add | change | del | show | prl | 6rd } [ NAME ]\n"
    "        [ mode { gre | ipip | isatap | sit } ]\n"
    "        [ remote ADDR ] [ local ADDR ]\n"
    "        [ [i|o]seq ] [ [i|o]key KEY ] [ [i|o]csum ]\n"
    "        [ prl-default ADDR ] [ prl-nodefault ADDR ] [ prl-delete ADDR ]\n"
    "        [ 6rd-prefix ADDR ] [ 6rd-relay_prefix ADDR ] [ 6rd-reset ]\n"
    "        [ ttl TTL ] [ tos TOS ] [ [no]pmtudisc ] [ dev PORT ]\n"
    "        [ tcp-mss { pmtu | none | BYTES } ]\n"
    "        [ keepalive SECONDS RETRIES | nokeepalive ]\n"
    "\n"
    "Where: NAME := STRING\n"
    "       ADDR := { IP_ADDRESS | any }\n"
    "       TOS  := { STRING | 00..ff | inherit | inherit/STRING | inherit/00..ff }\n"
    "       TTL  := { 1..255 | inherit }\n"
    "       KEY  := { DOTTED_QUAD | NUMBER }";

constexpr std::string_view isatap = "isatap";
constexpr std::array<std::pair<std::string_view, TunnelMode>, 7> mode_names{{
    {"ipip", TunnelMode::ipip},
    {"ip/ip", TunnelMode::ipip},
    {"gre", TunnelMode::gre},
    {"gre/ip", TunnelMode::gre},
    {"sit", TunnelMode::sit},
    {"ipv6/ip", TunnelMode::sit},
    {isatap, TunnelMode::sit},
}};
// "ipv4/ipv4" is no word of `ip`, but it is how people say it.
constexpr std::string_view ipip_in_full = "ipv4/ipv4";
constexpr std::array<std::string_view, 2> unsupported_modes{"vti", "any"};

[[noreturn]] void unsupported_mode(std::string_view mode) {
  words::fail(words::status_usage,
              "Tunnel mode \"" + std::string{mode} + "\" is not supported by Culvert");
}

TunnelMode mode_value(std::string_view word) {
  if (word == ipip_in_full) {
    return TunnelMode::ipip;
  }
  const auto found = std::ranges::find(mode_names, word, [](const auto& m) { return m.first; });
  if (found != mode_names.end()) {
    return found->second;
  }
  if (std::ranges::find(unsupported_modes, word) != unsupported_modes.end()) {
    unsupported_mode(word);
  }
  words::fail(words::status_usage, "Unknown tunnel mode \"" + std::string{word} + '"');
}

std::optional<TunnelMode> mode_of_name(std::string_view name) {
  if (name.starts_with("gre")) {
    return TunnelMode::gre;
  }
  if (name.starts_with("ipip")) {
    return TunnelMode::ipip;
  }
  if (name.starts_with("sit") || name.starts_with(isatap)) {
    return TunnelMode::sit;
  }
  if (name.starts_with("vti")) {
    unsupported_mode("vti");
  }
  return std::nullopt;
}

std::uint32_t key_value(std::string_view option, std::string_view word) {
  if (word.find('.') != std::string_view::npos) {
    return words::tunnel_address(word).host();
  }
  const auto key = words::number(word);
  if (!key) {
    words::fail(words::status_usage, "invalid value for \"" + std::string{option} + "\": \"" +
                                         std::string{word} +
                                         "\"; it should be an unsigned integer");
  }
  return *key;
}

std::uint8_t ttl_value(std::string_view word) {
  const auto ttl = word == "inherit" ? 0U : words::number(word);
  if (!ttl || *ttl > 0xffU) {
    words::wrong(word, "invalid TTL\n");
  }
  return static_cast<std::uint8_t>(*ttl);
}

// Any odd value means inherit: bit 0 is never part of a DSCP.
std::uint8_t tos_value(std::string_view word) {
  const std::size_t slash = word.find('/');
  const std::string_view first = word.substr(0, slash);
  const bool inherit = first == "inherit";
  if (inherit && slash == std::string_view::npos) {
    return 1;
  }
  const auto value = traffic_class_value(inherit ? word.substr(slash + 1) : word);
  if (!value) {
    words::wrong(inherit ? first : word, "bad TOS value");
  }
  return inherit ? static_cast<std::uint8_t>(*value | 1U) : *value;
}

// Ours: `ip` leaves that to netfilter's TCPMSS. As low as Linux's TCP goes with any peer, as high
// as one packet goes.
std::uint16_t tcp_mss_value(std::string_view word) {
  constexpr std::uint32_t lowest = 88;
  constexpr std::uint32_t highest = 65495;
  if (word == "pmtu") {
    return tcp_mss_option::pmtu;
  }
  if (word == "none") {
    return tcp_mss_option::none;
  }
  const auto bytes = words::number(word);
  if (!bytes || *bytes < lowest || *bytes > highest) {
    words::wrong(word, "invalid \"tcp-mss\": \"pmtu\", \"none\", or 88 to 65495\n");
  }
  return static_cast<std::uint16_t>(*bytes);
}

// Ours, in the ranges of Cisco's command.
std::uint16_t keepalive_value(std::string_view what, std::string_view word, std::uint16_t highest) {
  const auto value = words::number(word);
  if (!value || *value == 0 || *value > highest) {
    words::wrong(word, "invalid " + std::string{what} + " of \"keepalive\": 1 to " +
                           std::to_string(highest) + '\n');
  }
  return static_cast<std::uint16_t>(*value);
}

bool take_keepalive(TunnelSpec& spec, std::string_view word, Words& words) {
  if (word == "nokeepalive") {
    spec.keepalive = KeepaliveOption{};
  } else if (word == "keepalive") {
    const std::uint16_t seconds = keepalive_value("seconds", words.argument(), 32767);
    const std::uint16_t retries = keepalive_value("retries", words.argument(), 255);
    spec.keepalive = KeepaliveOption{seconds, static_cast<std::uint8_t>(retries)};
  } else {
    return false;
  }
  return true;
}

bool take_key_option(TunnelSpec& spec, std::string_view word, Words& words) {
  const bool in = !word.starts_with('o');
  const bool out = !word.starts_with('i');
  const std::string_view what = in && out ? word : word.substr(1);
  if (what == "key") {
    const std::uint32_t key = key_value(word, words.argument());
    spec.input_key = in ? key : spec.input_key;
    spec.output_key = out ? key : spec.output_key;
  } else if (what == "csum") {
    spec.input_checksum |= in;
    spec.output_checksum |= out;
  } else if (what == "seq") {
    spec.input_sequence |= in;
    spec.output_sequence |= out;
  } else {
    return false;
  }
  return true;
}

void take_mode(TunnelSpec& spec, std::string_view word) {
  const TunnelMode mode = mode_value(word);
  if (spec.mode && *spec.mode != mode) {
    words::fail(words::status_usage, "You managed to ask for more than one tunnel mode.");
  }
  spec.mode = mode;
  spec.isatap |= word == isatap;
}

bool take_outer_option(TunnelSpec& spec, std::string_view word, Words& words) {
  if (word == "remote") {
    spec.remote = words::tunnel_address(words.argument());
  } else if (word == "local") {
    spec.local = words::tunnel_address(words.argument());
  } else if (word == "dev") {
    spec.dev = words.argument();
  } else if (word == "ttl" || word == "hoplimit" || word == "hlim") {
    spec.ttl = ttl_value(words.argument());
  } else if (word == "tos" || word == "tclass" || abbreviates(word, "dsfield")) {
    spec.tos = tos_value(words.argument());
  } else if (word == "pmtudisc" || word == "nopmtudisc") {
    spec.pmtudisc = word == "pmtudisc";
  } else if (word == "tcp-mss") {
    spec.tcp_mss = tcp_mss_value(words.argument());
  } else {
    return false;
  }
  return true;
}

void take_name(TunnelSpec& spec, std::string_view word, Words& words) {
  if (abbreviates(word, "help")) {
    words::fail(words::status_usage, std::string{usage});
  }
  const std::string_view name = word == "name" ? words.argument() : word;
  if (!spec.name.empty()) {
    words::garbage("name", name);
  }
  spec.name = words::link_name("name", name);
}

TunnelSpec parse_spec(Words words) {
  TunnelSpec spec;
  while (!words.empty()) {
    const std::string_view word = words.take();
    if (word == "mode") {
      take_mode(spec, words.argument());
    } else if (!take_key_option(spec, word, words) && !take_outer_option(spec, word, words) &&
               !take_keepalive(spec, word, words)) {
      take_name(spec, word, words);
    }
  }
  return spec;
}

TunnelAdd parse_add(Words words) {
  TunnelSpec spec = parse_spec(words);
  if (!spec.mode) {
    spec.mode = mode_of_name(spec.name);
    spec.isatap = spec.name.starts_with(isatap);
  }
  check_tunnel(spec);
  // As `ip` has it: a multicast group is its own key, unless one is given.
  if (*spec.mode == TunnelMode::gre && spec.remote && spec.remote->is_multicast()) {
    const std::uint32_t group = spec.remote->host();
    spec.input_key = spec.input_key.value_or(0) == 0 ? group : spec.input_key;
    spec.output_key = spec.output_key.value_or(0) == 0 ? group : spec.output_key;
  }
  return {std::move(spec)};
}

TunnelDel parse_del(Words words) {
  TunnelSpec spec = parse_spec(words);
  if (spec.name.empty() && !spec.mode) {
    words::fail(words::status_failure, "delete tunnel \"\" failed: No such device");
  }
  return {std::move(spec)};
}

TunnelChange parse_change(Words words) {
  TunnelSpec spec = parse_spec(words);
  if (spec.name.empty() && !spec.mode) {
    words::fail(words::status_failure, "cannot determine tunnel mode (ipip, gre, vti or sit)");
  }
  return {std::move(spec)};
}

}  // namespace

CommandBody parse_tunnel(Words words, Family family) {
  if (family == Family::ipv6) {
    words::fail(words::status_usage, "Tunnels over IPv6 are not supported by Culvert");
  }
  if (words.empty()) {
    return TunnelShow{};
  }
  const std::string_view command = words.take();
  if (abbreviates(command, "add")) {
    return parse_add(words);
  }
  if (abbreviates(command, "change")) {
    return parse_change(words);
  }
  if (abbreviates(command, "delete")) {
    return parse_del(words);
  }
  if (abbreviates(command, "show") || abbreviates(command, "lst") || abbreviates(command, "list")) {
    return TunnelShow{parse_spec(words)};
  }
  if (abbreviates(command, "prl")) {
    return parse_prl(words);
  }
  if (abbreviates(command, "6rd")) {
    return parse_sixrd(words);
  }
  if (abbreviates(command, "help")) {
    words::fail(words::status_usage, std::string{usage});
  }
  words::unknown_command(command, "tunnel");
}

}  // namespace culvert::grammar
