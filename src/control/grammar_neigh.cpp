// SPDX-License-Identifier: BSD-3-Clause
// control: `ip neigh`. No DPDK.
#include <algorithm>
#include <array>

#include "grammar_objects.hpp"

namespace culvert::grammar {
namespace {

using words::abbreviates;
using words::PrefixWord;
using words::Words;

constexpr std::string_view usage =
    "Usage: ip neigh { add | del | replace } ADDR [ lladdr LLADDR ] [ nud permanent ] dev DEV\n"
    "       ip neigh show [ [ to ] PREFIX ] [ dev DEV ]\n"
    "LLADDR := MAC address | IPv4 address (a gre tunnel's outer destination)";

constexpr std::array unsupported_options{"proxy",        "router",   "use",      "managed",
                                         "extern_learn", "protocol", "nomaster", "master",
                                         "vrf",          "unused"};
constexpr std::array other_states{"delay", "failed", "incomplete", "noarp",
                                  "none",  "probe",  "reachable",  "stale"};

bool is_one_of(std::string_view word, const auto& list) {
  return std::ranges::find(list, word) != list.end();
}

[[noreturn]] void show_usage() {
  words::fail(words::status_usage, std::string{usage});
}

void check_state(std::string_view word) {
  if (is_one_of(word, other_states)) {
    words::not_supported(word);
  }
  constexpr std::uint32_t permanent = 0x80;  // NUD_PERMANENT
  if (word != "permanent" && words::number(word) != permanent) {
    words::wrong(word, "nud state is bad");
  }
}

// What the line says of a neighbour to be added or deleted.
struct NeighbourWords {
  std::optional<IpAddress> address;
  std::optional<words::LinkLayerAddress> lladdr;
  std::string_view dev;
};

void take_address(NeighbourWords& line, std::string_view word, Words& words, Family family) {
  if (word != "to" && abbreviates(word, "help")) {
    show_usage();
  }
  const std::string_view address = word == "to" ? words.argument() : word;
  if (line.address) {
    words::garbage("to", address);
  }
  // "any" says nothing: the message is that of a line without an address.
  if (!words::is_wildcard(address)) {
    line.address = words::address(address, family);
  }
}

NeighbourWords read_line(Words words, Family family) {
  NeighbourWords line;
  while (!words.empty()) {
    const std::string_view word = words.take();
    if (word == "lladdr") {
      const std::string_view lladdr = words.argument();
      if (line.lladdr) {
        words::duplicate("lladdr", lladdr);
      }
      line.lladdr = words::link_layer_address(lladdr, [](std::size_t) {
        words::fail(words::status_refused, "Error: Invalid link address.");
      });
    } else if (word == "nud") {
      check_state(words.argument());
    } else if (word == "dev") {
      line.dev = words.argument();
    } else if (is_one_of(word, unsupported_options)) {
      words::not_supported(word);
    } else {
      take_address(line, word, words, family);
    }
  }
  return line;
}

NeighbourSpec parse_spec(Words words, Family family) {
  const NeighbourWords line = read_line(words, family);
  if (line.dev.empty() || !line.address) {
    words::fail(words::status_usage, "Device and destination are required arguments.");
  }
  return {*line.address, line.lladdr, std::string{line.dev}};
}

NeighbourShow parse_show(Words words, Family family) {
  NeighbourShow show;
  show.family = family;
  while (!words.empty()) {
    const std::string_view word = words.take();
    if (word == "dev") {
      const std::string_view dev = words.argument();
      if (show.dev) {
        words::duplicate("dev", dev);
      }
      show.dev = dev;
    } else if (word == "nud" || is_one_of(word, unsupported_options)) {
      words::not_supported(word);
    } else if (word != "to" && abbreviates(word, "help")) {
      show_usage();
    } else {
      const PrefixWord prefix = words::prefix(word == "to" ? words.argument() : word, family);
      if (prefix.family != Family::any) {
        show.family = prefix.family;
        show.prefix = words::masked(prefix, prefix.family);
      }
    }
  }
  return show;
}

}  // namespace

CommandBody parse_neighbour(Words words, Family family) {
  if (words.empty()) {
    return NeighbourShow{family, std::nullopt, std::nullopt};
  }
  const std::string_view command = words.take();
  if (abbreviates(command, "add")) {
    return NeighbourAdd{parse_spec(words, family), false};
  }
  if (abbreviates(command, "replace")) {
    return NeighbourAdd{parse_spec(words, family), true};
  }
  if (abbreviates(command, "delete")) {
    return NeighbourDel{parse_spec(words, family)};
  }
  if (abbreviates(command, "show") || abbreviates(command, "lst") || abbreviates(command, "list")) {
    return parse_show(words, family);
  }
  if (abbreviates(command, "help")) {
    show_usage();
  }
  words::unknown_command(command, "neigh");
}

}  // namespace culvert::grammar
