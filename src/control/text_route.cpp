// SPDX-License-Identifier: BSD-3-Clause
// control: text of `route show`, `route get` and `neigh show`. No DPDK.
#include <algorithm>
#include <array>
#include <utility>

#include "text_objects.hpp"

namespace culvert::text {
namespace {

using Words = std::pair<std::string_view, std::string_view>;

// The word before a value, where it is not the JSON key itself.
constexpr std::array<Words, 5> route_words{
    {{"gateway", "via "}, {"protocol", "proto "}, {"prefsrc", "src "}, {"type", ""}, {"dst", ""}}};

std::string word_for(const std::string& key) {
  const auto found = std::ranges::find(route_words, key, &Words::first);
  return found == route_words.end() ? key + ' ' : std::string{found->second};
}

void append_cache(std::string& out, const Json& flags) {
  out += "\n    cache ";
  std::string_view before = "<";
  for (const Json& flag : flags) {
    out += std::string{before} + plain(flag);
    before = ",";
  }
  out += flags.empty() ? "" : "> ";
}

}  // namespace

// The text has the order of the JSON.
void append_route(std::string& out, const Json& route) {
  for (const auto& [key, value] : route.items()) {
    if (key == "flags") {
      for (const Json& flag : value) {
        out += plain(flag) + ' ';
      }
    } else if (key == "via") {
      out += "via " + plain(value.at("family")) + ' ' + plain(value.at("host")) + ' ';
    } else if (key == "cache") {
      append_cache(out, value);
    } else if (key == "expires") {
      out += "expires " + plain(value) + "sec ";
    } else if (key == "metrics") {
      for (const auto& [name, number] : value.at(0).items()) {
        out += name + ' ' + plain(number) + ' ';
      }
    } else {
      out += word_for(key) + plain(value) + ' ';
    }
  }
  // "pref", always the last, is the one without a blank behind it.
  if (route.contains("pref")) {
    out.pop_back();
  }
  out += '\n';
}

void append_neighbour(std::string& out, const Json& neighbour) {
  out += plain(neighbour.at("dst")) + ' ';
  for (const char* const key : {"dev", "lladdr"}) {
    if (const auto found = neighbour.find(key); found != neighbour.end()) {
      out += std::string{key} + ' ' + plain(*found) + ' ';
    }
  }
  out += neighbour.contains("router") ? "router " : "";
  if (neighbour.contains("used")) {
    out += " used " + plain(neighbour.at("used")) + '/' + plain(neighbour.at("confirmed")) + '/' +
           plain(neighbour.at("updated"));
    out += "probes " + plain(neighbour.at("probes")) + ' ';
  }
  for (const Json& state : neighbour.at("state")) {
    out += plain(state) + ' ';
  }
  out += '\n';
}

}  // namespace culvert::text
