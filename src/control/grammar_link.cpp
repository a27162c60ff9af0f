// SPDX-License-Identifier: BSD-3-Clause
// control: `ip link`, with the device type "port". No DPDK.
#include <algorithm>
#include <array>
#include <limits>

#include "grammar_objects.hpp"

namespace culvert::grammar {
namespace {

using words::abbreviates;
using words::Words;

constexpr std::string_view usage =
    "Usage: ip link add [ name ] NAME type port device DEVICE\n"
    "       ip link set [ dev ] NAME [ up | down ] [ mtu MTU ] [ address LLADDR ]\n"
    "                                [ addrgenmode { eui64 | none } ]\n"
    "                                [ proxy_arp { on | off } ]\n"
    "       ip link show [ [ dev ] NAME ] [ up ]\n"
    "       ip link delete [ dev ] NAME\n"
    "DEVICE := DPDK device arguments: net_af_packet0,iface=eth0 | 0000:01:00.0";

// Options of `ip link set` and `ip link add` that would otherwise be taken for the device's name.
constexpr std::array unsupported_options{
    "alias",     "allmulticast", "altname",     "arp",         "brd",          "broadcast",
    "carrier",   "dynamic",      "group",       "index",       "link",         "master",
    "mode",      "multicast",    "name",        "netns",       "nomaster",     "promisc",
    "protodown", "state",        "trailers",    "txqueuelen",  "type",         "vf",
    "vrf",       "xdp",          "numtxqueues", "numrxqueues", "gso_max_size", "addrgenmode"};

bool is_unsupported(std::string_view word) {
  return std::ranges::find(unsupported_options, word) != unsupported_options.end();
}

[[noreturn]] void show_usage() {
  words::fail(words::status_usage, std::string{usage});
}

void set_device(std::string& device, std::string_view name) {
  if (!device.empty()) {
    words::garbage("dev", name);
  }
  device = name;
}

// The device: its name alone, or after "dev".
void take_device(std::string& device, std::string_view word, Words& words) {
  if (abbreviates(word, "help")) {
    show_usage();
  }
  set_device(device, word == "dev" ? words.argument() : word);
}

void require_device(const std::string& device) {
  if (device.empty()) {
    words::fail(words::status_usage, "Not enough information: \"dev\" argument is required.");
  }
}

CommandBody parse_add(Words words) {
  LinkAdd add;
  std::string_view type;
  while (type.empty() && !words.empty()) {
    const std::string_view word = words.take();
    if (word == "type") {
      type = words.argument();
    } else if (word == "name" || word == "dev") {
      const std::string_view name = words.argument();
      if (!add.name.empty() && word == "name") {
        words::duplicate(word, name);
      }
      set_device(add.name, words::link_name(word, name));
    } else if (is_unsupported(word) || word == "mtu" || abbreviates(word, "address")) {
      words::not_supported(word);
    } else if (abbreviates(word, "help")) {
      show_usage();
    } else {
      set_device(add.name, words::link_name("dev", word));
    }
  }
  if (type.empty()) {
    words::fail(words::status_failure, "Not enough information: \"type\" argument is required");
  }
  if (type != "port") {
    words::fail(words::status_refused, "Error: Unknown device type.");
  }
  require_device(add.name);
  if (words.empty()) {
    words::fail(words::status_usage, "Not enough information: \"device\" argument is required.");
  }
  if (words.peek() == "device") {
    words.take();
    add.device = words.argument();
  }
  if (!words.empty()) {
    words::fail(words::status_failure, "Garbage instead of arguments \"" +
                                           std::string{words.peek()} +
                                           " ...\". Try \"ip link help\".");
  }
  return add;
}

std::uint32_t mtu_value(std::string_view word) {
  if (word.starts_with('-') && words::number(word.substr(1))) {
    words::fail(words::status_refused, "Error: mtu less than device minimum.");
  }
  const auto value = words::number(word);
  if (!value || *value > std::numeric_limits<std::int32_t>::max()) {
    words::wrong(word, "Invalid \"mtu\" value\n");
  }
  return *value;
}

MacAddress mac_address(std::string_view word) {
  const auto wrong_length = [](std::size_t bytes) {
    words::fail(words::status_failure,
                "Invalid address length " + std::to_string(bytes) + " - must be 6 bytes");
  };
  const auto address = words::link_layer_address(word, wrong_length);
  if (!std::holds_alternative<MacAddress>(address)) {
    wrong_length(sizeof(Ipv4Address));
  }
  return std::get<MacAddress>(address);
}

bool takes_link_local(std::string_view mode) {
  if (mode == "eui64" || mode == "none") {
    return mode == "eui64";
  }
  if (mode == "stable_secret" || mode == "random") {
    words::not_supported(mode);
  }
  words::wrong(mode, "Invalid address generation mode\n");
}

CommandBody parse_set(Words words) {
  LinkSet set;
  while (!words.empty()) {
    const std::string_view word = words.take();
    if (word == "up" || word == "down") {
      set.up = word == "up";
    } else if (word == "mtu") {
      const std::string_view value = words.argument();
      if (set.mtu) {
        words::duplicate("mtu", value);
      }
      set.mtu = mtu_value(value);
    } else if (word == "addrgenmode") {
      set.link_local = takes_link_local(words.argument());
    } else if (word == "proxy_arp") {
      set.proxy_arp = words::on_off(word, words.argument());
    } else if (abbreviates(word, "address")) {
      set.address = mac_address(words.argument());
    } else if (is_unsupported(word)) {
      words::not_supported(word);
    } else {
      take_device(set.name, word, words);
    }
  }
  require_device(set.name);
  return set;
}

CommandBody parse_del(Words words) {
  LinkDel del;
  while (!words.empty()) {
    const std::string_view word = words.take();
    if (word == "type" || word == "group") {
      words::not_supported(word);
    }
    take_device(del.name, word, words);
  }
  require_device(del.name);
  return del;
}

CommandBody parse_show(Words words) {
  LinkShow show;
  std::string name;
  while (!words.empty()) {
    const std::string_view word = words.take();
    if (word == "up") {
      show.up_only = true;
    } else if (word == "group" || word == "master" || word == "nomaster" || word == "vrf" ||
               word == "type") {
      words::not_supported(word);
    } else {
      take_device(name, word, words);
    }
  }
  if (!name.empty()) {
    show.name = name;
  }
  return show;
}

}  // namespace

CommandBody parse_link(Words words) {
  if (words.empty()) {
    return LinkShow{};
  }
  const std::string_view command = words.take();
  if (abbreviates(command, "add")) {
    return parse_add(words);
  }
  if (abbreviates(command, "set") || abbreviates(command, "change")) {
    return parse_set(words);
  }
  if (abbreviates(command, "delete")) {
    return parse_del(words);
  }
  if (abbreviates(command, "show") || abbreviates(command, "lst") || abbreviates(command, "list")) {
    return parse_show(words);
  }
  if (abbreviates(command, "help")) {
    show_usage();
  }
  words::unknown_command(command, "link");
}

}  // namespace culvert::grammar
