// SPDX-License-Identifier: BSD-3-Clause
// control: `ip tunnel 6rd` and `ip tunnel prl`. No DPDK.
#include "grammar_objects.hpp"

namespace culvert::grammar {
namespace {

using words::Words;

/// The part that the two have in common; without a device, `ip` asks the kernel nothing.
std::string device(std::string_view word) {
  try {
    return words::link_name("dev", word);
  } catch (const CommandError&) {
    words::wrong(word, "\"dev\" not a valid ifname");
  }
}

void check_complete(const std::string& dev, bool has_action) {
  if (dev.empty()) {
    words::fail(words::status_usage, "Must specify device");
  }
  if (!has_action) {
    words::fail(words::status_failure, dev + ": ioctl 0 failed: Inappropriate ioctl for device");
  }
}

template <typename Address>
Prefix<Address> prefix_value(std::string_view word, Family family) {
  const words::PrefixWord prefix = words::prefix(word, family);
  // Host bits stay: whether there may be any is not for the grammar to say.
  return {std::get<Address>(prefix.address), prefix.length};
}

}  // namespace

TunnelSixRd parse_sixrd(Words words) {
  TunnelSixRd command;
  SixRdDomain domain;
  bool has_action = false;
  while (!words.empty()) {
    const std::string_view word = words.take();
    if (word == "6rd-prefix") {
      domain.prefix = prefix_value<Ipv6Address>(words.argument(), Family::ipv6);
      command.domain = domain;
      has_action = true;
    } else if (word == "6rd-relay_prefix") {
      domain.relay = prefix_value<Ipv4Address>(words.argument(), Family::ipv4);
      command.domain = domain;
      has_action = true;
    } else if (word == "6rd-reset") {
      command.domain.reset();
      has_action = true;
    } else if (word == "dev") {
      command.dev = device(words.argument());
    } else {
      words::fail(words::status_usage, "Invalid 6RD parameter \"" + std::string{word} + '"');
    }
  }
  check_complete(command.dev, has_action);
  return command;
}

TunnelPrl parse_prl(Words words) {
  TunnelPrl command;
  unsigned entries = 0;
  while (!words.empty()) {
    const std::string_view word = words.take();
    if (word == "prl-default" || word == "prl-nodefault" || word == "prl-delete") {
      command.action = word == "prl-default"     ? TunnelPrl::Action::add_default
                       : word == "prl-nodefault" ? TunnelPrl::Action::add
                                                 : TunnelPrl::Action::remove;
      command.router = words::tunnel_address(words.argument());
      ++entries;
    } else if (word == "dev") {
      command.dev = device(words.argument());
    } else {
      words::fail(words::status_usage, "Invalid PRL parameter \"" + std::string{word} + '"');
    }
    if (entries > 1) {
      words::fail(words::status_usage, "One PRL entry at a time");
    }
  }
  check_complete(command.dev, entries != 0);
  return command;
}

}  // namespace culvert::grammar
