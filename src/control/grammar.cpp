// SPDX-License-Identifier: BSD-3-Clause
// control: options and objects of the command language. No DPDK.
#include "culvert/control/grammar.hpp"

#include <array>

#include "grammar_objects.hpp"
#include "words.hpp"

namespace culvert {
namespace {

using words::abbreviates;
using words::Words;

constexpr std::string_view usage =
    "Usage: culvert [ OPTIONS ] OBJECT { COMMAND | help }\n"
    "       culvert [ -force ] -batch FILE\n"
    "where  OBJECT := { address | drops | link | neigh | route | tunnel }\n"
    "       OPTIONS := { -4 | -6 | -f[amily] { inet | inet6 } | -s[tatistics] | -d[etails] |\n"
    "                    -j[son] | -p[retty] | -o[neline] | -c[olor] |\n"
    "                    --socket PATH | -V[ersion] | -h[elp] }";

Family family_named(std::string_view word) {
  if (word == "inet") {
    return Family::ipv4;
  }
  if (word == "inet6") {
    return Family::ipv6;
  }
  words::wrong(word, "invalid protocol family");
}

// What the client does with the answer: nothing here depends on it.
bool is_about_output(std::string_view option) {
  return abbreviates(option, "-oneline") || abbreviates(option, "-json") ||
         abbreviates(option, "-pretty") || option == "-c" ||
         abbreviates(option.substr(0, option.find('=')), "-color");
}

// Abbreviations are tried in the order in which `ip` tries them: -f is -family.
CommandOptions parse_options(Words& words) {
  CommandOptions options;
  while (!words.empty() && words.peek().starts_with('-') && words.peek().size() > 1) {
    std::string_view option = words.take();
    if (option == "--") {
      break;
    }
    if (option.starts_with("--")) {
      option.remove_prefix(1);
    }
    if (abbreviates(option, "-family")) {
      options.family = family_named(words.empty() ? std::string_view{} : words.take());
    } else if (option == "-4") {
      options.family = Family::ipv4;
    } else if (option == "-6") {
      options.family = Family::ipv6;
    } else if (abbreviates(option, "-stats") || abbreviates(option, "-statistics")) {
      options.statistics = true;
    } else if (abbreviates(option, "-details")) {
      options.details = true;
    } else if (abbreviates(option, "-help")) {
      words::fail(words::status_usage, std::string{usage});
    } else if (!is_about_output(option)) {
      words::fail(words::status_usage,
                  "Option \"" + std::string{option} + "\" is unknown, try \"ip -help\".");
    }
  }
  return options;
}

CommandBody parse_drops(Words words) {
  if (!words.empty()) {
    const std::string_view command = words.take();
    if (abbreviates(command, "help")) {
      words::fail(words::status_usage, "Usage: ip drops [ show ]");
    }
    if (!abbreviates(command, "show") && !abbreviates(command, "list")) {
      words::unknown_command(command, "drops");
    }
  }
  if (!words.empty()) {
    words::garbage("show", words.peek());
  }
  return DropsShow{};
}

// The order of `ip` among those that begin alike.
CommandBody parse_object(std::string_view object, Words words, const CommandOptions& options) {
  if (abbreviates(object, "address")) {
    return grammar::parse_address(words, options.family);
  }
  if (abbreviates(object, "route")) {
    return grammar::parse_route(words, options.family);
  }
  if (abbreviates(object, "neighbor") || abbreviates(object, "neighbour")) {
    return grammar::parse_neighbour(words, options.family);
  }
  if (abbreviates(object, "link")) {
    return grammar::parse_link(words);
  }
  if (abbreviates(object, "tunnel") || abbreviates(object, "tunl")) {
    return grammar::parse_tunnel(words, options.family);
  }
  if (abbreviates(object, "drops")) {
    return parse_drops(words);
  }
  if (abbreviates(object, "help")) {
    words::fail(words::status_usage, std::string{usage});
  }
  words::fail(words::status_failure,
              "Object \"" + std::string{object} + "\" is unknown, try \"ip help\".");
}

}  // namespace

Command parse_command(std::span<const std::string_view> line) {
  Words words{line};
  const CommandOptions options = parse_options(words);
  if (words.empty()) {
    words::fail(words::status_usage, std::string{usage});
  }
  const std::string_view object = words.take();
  return {options, parse_object(object, words, options)};
}

}  // namespace culvert
