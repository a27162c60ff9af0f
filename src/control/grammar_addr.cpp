// SPDX-License-Identifier: BSD-3-Clause
// control: `ip addr`. No DPDK.
#include <algorithm>
#include <array>

#include "grammar_objects.hpp"

namespace culvert::grammar {
namespace {

using words::abbreviates;
using words::PrefixWord;
using words::Words;

constexpr std::string_view usage =
    "Usage: ip address add PREFIX [ peer ADDR ] [ broadcast + ] dev IFNAME\n"
    "       ip address del PREFIX [ peer ADDR ] dev IFNAME\n"
    "       ip address show [ [ dev ] IFNAME ] [ up ]";

// A prefix of 31 or 32 bits has no broadcast address.
constexpr unsigned longest_prefix_with_broadcast = 30;

constexpr std::array unsupported_options{"anycast", "metric",     "priority", "preference",
                                         "home",    "mngtmpaddr", "autojoin", "noprefixroute",
                                         "proto",   "protocol"};
constexpr std::array unsupported_filters{"to",        "scope",     "label",      "group",
                                         "master",    "vrf",       "nomaster",   "type",
                                         "dynamic",   "permanent", "primary",    "secondary",
                                         "temporary", "tentative", "deprecated", "dadfailed"};

bool is_one_of(std::string_view word, const auto& list) {
  return std::ranges::find(list, word) != list.end();
}

// What the line says, before its parts are put together.
struct AddressWords {
  std::optional<PrefixWord> local;
  std::optional<PrefixWord> peer;
  std::string_view broadcast;
  std::string_view label;
  std::string_view dev;
  Family family = Family::any;

  PrefixWord take_prefix(std::string_view word) {
    const PrefixWord prefix = words::prefix(word, family);
    family = prefix.family;
    return prefix;
  }
};

[[noreturn]] void show_usage() {
  words::fail(words::status_usage, std::string{usage});
}

void take_local(AddressWords& line, std::string_view word, Words& words) {
  const std::string_view prefix = word == "local" ? words.argument() : word;
  if (word != "local" && abbreviates(word, "help")) {
    show_usage();
  }
  if (line.local) {
    words::garbage("local", prefix);
  }
  line.local = line.take_prefix(prefix);
}

// The scope is what the address says it is, as for `ip` when the line says none.
void check_scope(std::string_view word) {
  if (word == "link" || word == "host" || word == "site" || word == "nowhere") {
    words::not_supported(word);
  }
  if (word != "global" && word != "universe" && words::number(word) != 0U) {
    words::wrong(word, "invalid scope value.");
  }
}

bool take_option(AddressWords& line, std::string_view word, Words& words) {
  if (word == "peer" || word == "remote") {
    const std::string_view prefix = words.argument();
    if (line.peer) {
      words::duplicate("peer", prefix);
    }
    line.peer = line.take_prefix(prefix);
  } else if (abbreviates(word, "broadcast") || word == "brd") {
    const std::string_view broadcast = words.argument();
    if (!line.broadcast.empty()) {
      words::duplicate("broadcast", broadcast);
    }
    line.broadcast = broadcast;
  } else if (word == "scope") {
    check_scope(words.argument());
  } else if (word == "dev") {
    line.dev = words.argument();
  } else if (word == "label") {
    line.label = words.argument();
  } else if (abbreviates(word, "valid_lft") || abbreviates(word, "preferred_lft")) {
    const std::string_view time = words.argument();
    if (time != "forever") {
      words::not_supported(time);
    }
  } else if (is_one_of(word, unsupported_options)) {
    words::not_supported(word);
  } else {
    // Duplicate address detection is never done.
    return word == "nodad";
  }
  return true;
}

std::optional<Ipv4Address> broadcast_address(std::string_view word, const AddressSpec& spec) {
  if (word.empty()) {
    return std::nullopt;
  }
  const auto* const peer = std::get_if<Ipv4Address>(&spec.peer);
  if (peer == nullptr) {
    words::fail(words::status_failure, "Broadcast can be set only for IPv4 addresses");
  }
  const Ipv4Address last = peer->filled(spec.length);
  const bool exists = spec.length <= longest_prefix_with_broadcast;
  if (word == "+") {
    return exists ? std::optional{last} : std::nullopt;
  }
  if (word == "-" || words::address(word, Family::ipv4) != IpAddress{last} || !exists) {
    words::not_supported(word);
  }
  return last;
}

AddressWords read_line(Words words, Family family) {
  AddressWords line;
  line.family = family;
  while (!words.empty()) {
    const std::string_view word = words.take();
    if (!take_option(line, word, words)) {
      take_local(line, word, words);
    }
  }
  return line;
}

AddressSpec to_spec(const AddressWords& line) {
  if (line.dev.empty()) {
    words::fail(words::status_failure, "Not enough information: \"dev\" argument is required.");
  }
  if (!line.local || line.local->family == Family::any) {
    words::fail(words::status_refused, "RTNETLINK answers: Operation not supported");
  }
  if (!line.label.empty() && line.label != line.dev) {
    words::not_supported(line.label);
  }
  const PrefixWord& far = line.peer ? *line.peer : *line.local;
  AddressSpec spec;
  spec.local = line.local->address;
  spec.peer = far.address;
  spec.length = far.length;
  spec.broadcast = broadcast_address(line.broadcast, spec);
  spec.dev = line.dev;
  return spec;
}

AddressDel parse_del(Words words, Family family) {
  const AddressWords line = read_line(words, family);
  const AddressSpec spec = to_spec(line);
  const bool any_length =
      !line.peer && !line.local->has_length && line.local->family == Family::ipv4;
  return {spec, any_length};
}

AddressShow parse_show(Words words) {
  AddressShow show;
  while (!words.empty()) {
    const std::string_view word = words.take();
    if (word == "up") {
      show.up_only = true;
    } else if (is_one_of(word, unsupported_filters)) {
      words::not_supported(word);
    } else if (abbreviates(word, "help")) {
      show_usage();
    } else {
      const std::string_view name = word == "dev" ? words.argument() : word;
      if (show.dev) {
        words::garbage("dev", name);
      }
      show.dev = name;
    }
  }
  return show;
}

}  // namespace

CommandBody parse_address(Words words, Family family) {
  if (words.empty()) {
    return AddressShow{};
  }
  const std::string_view command = words.take();
  if (abbreviates(command, "add")) {
    return AddressAdd{to_spec(read_line(words, family))};
  }
  if (abbreviates(command, "delete")) {
    return parse_del(words, family);
  }
  if (abbreviates(command, "show") || abbreviates(command, "lst") || abbreviates(command, "list")) {
    return parse_show(words);
  }
  if (abbreviates(command, "help")) {
    show_usage();
  }
  words::unknown_command(command, "address");
}

}  // namespace culvert::grammar
