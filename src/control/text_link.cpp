// SPDX-License-Identifier: BSD-3-Clause
// control: text of `link show` and `addr show`. No DPDK.
#include <algorithm>
#include <array>
#include <utility>

#include "text_objects.hpp"

namespace culvert::text {
namespace {

using Words = std::pair<std::string_view, std::string_view>;

// What follows on the first line: the JSON key, and the word for it.
constexpr std::array<Words, 6> headline{{{"mtu", "mtu"},
                                         {"qdisc", "qdisc"},
                                         {"operstate", "state"},
                                         {"linkmode", "mode"},
                                         {"group", "group"},
                                         {"txqlen", "qlen"}}};
// What -d adds behind the addresses. Double spaces are those of `ip`.
constexpr std::array<Words, 4> details{{{"promiscuity", " promiscuity"},
                                        {"allmulti", " allmulti"},
                                        {"min_mtu", "minmtu"},
                                        {"max_mtu", "maxmtu"}}};
// And behind the kind. The last five are the kernel's; they are here so that its answers, too, can
// be rendered.
constexpr std::array<Words, 8> queues{{{"inet6_addr_gen_mode", "addrgenmode"},
                                       {"num_tx_queues", "numtxqueues"},
                                       {"num_rx_queues", "numrxqueues"},
                                       {"gso_max_size", "gso_max_size"},
                                       {"gso_max_segs", "gso_max_segs"},
                                       {"tso_max_size", "tso_max_size"},
                                       {"tso_max_segs", "tso_max_segs"},
                                       {"gro_max_size", "gro_max_size"}}};

void append_words(std::string& out, const Json& object, std::span<const Words> words) {
  for (const auto& [key, word] : words) {
    if (const auto found = object.find(key); found != object.end()) {
      out += std::string{word} + ' ' + plain(*found) + ' ';
    }
  }
}

void append_headline(std::string& out, const Json& link) {
  out += plain(link.at("ifindex")) + ": " + plain(link.at("ifname"));
  if (const auto bound = link.find("link"); bound != link.end()) {
    out += '@' + (bound->is_null() ? "NONE" : plain(*bound));
  }
  out += ": <";
  std::string_view comma;
  for (const Json& flag : link.at("flags")) {
    out += std::string{comma} + plain(flag);
    comma = ",";
  }
  out += "> ";
  append_words(out, link, headline);
  out.pop_back();
  out += '\n';
}

std::string info_word(std::string_view kind, const std::string& key, const Json& data) {
  const Json& value = data.at(key);
  if (key == "proto") {
    return plain(value);
  }
  if (key == "link") {
    return "dev " + plain(value);
  }
  if (key == "ttl" && value == 0) {
    return "ttl inherit";
  }
  if (key == "tos" && value == "0x1") {
    return "tos inherit";
  }
  if (key == "isatap") {
    return key;
  }
  if (key == "prefix" || key == "relay_prefix") {
    return "6rd-" + key + ' ' + plain(value) + '/' + plain(data.at(key + "len"));
  }
  if (key == "prefixlen" || key == "relay_prefixlen") {
    return "";  // stands with the prefix
  }
  if (key == "proxy_arp") {
    return value.get<bool>() ? "proxy_arp on" : "proxy_arp off";
  }
  if (value.is_boolean()) {
    // A gre device does not mention what is the default.
    const bool unsaid = kind == "gre" && key == "pmtudisc" && value.get<bool>();
    return unsaid ? "" : (value.get<bool>() ? key : "no" + key);
  }
  return key + ' ' + plain(value);
}

void append_info(std::string& out, const Json& info) {
  const std::string kind = plain(info.at("info_kind"));
  out += "\n    " + kind + ' ';
  const Json data = info.value("info_data", Json::object());
  for (const auto& entry : data.items()) {
    const std::string word = info_word(kind, entry.key(), data);
    out += word.empty() ? "" : word + ' ';
  }
}

void append_hardware(std::string& out, const Json& link) {
  if (!link.contains("link_type")) {
    return;
  }
  out += "    link/" + plain(link.at("link_type")) + ' ' + plain(link.at("address"));
  out += link.contains("link_pointtopoint") ? " peer " : " brd ";
  out += plain(link.at("broadcast"));
  append_words(out, link, details);
  if (const auto info = link.find("linkinfo"); info != link.end()) {
    append_info(out, *info);
  }
  append_words(out, link, queues);
  out += '\n';
}

std::string lifetime(const Json& seconds) {
  constexpr std::uint32_t forever = 0xffffffffU;
  return seconds == forever ? "forever" : plain(seconds) + "sec";
}

void append_address(std::string& out, const Json& address) {
  out += "    " + plain(address.at("family")) + ' ' + plain(address.at("local"));
  if (const auto peer = address.find("address"); peer != address.end()) {
    out += " peer " + plain(*peer);
  }
  out += '/' + plain(address.at("prefixlen")) + ' ';
  constexpr std::array<Words, 3> words{
      {{"metric", "metric"}, {"broadcast", "brd"}, {"scope", "scope"}}};
  append_words(out, address, words);
  for (const auto& [key, value] : address.items()) {
    out += value.is_boolean() && value.get<bool>() ? key + ' ' : "";
  }
  out += address.contains("label") ? plain(address.at("label")) : "";
  out += "\n       valid_lft " + lifetime(address.at("valid_life_time")) + " preferred_lft " +
         lifetime(address.at("preferred_life_time")) + '\n';
}

using Column = std::pair<std::string_view, std::string_view>;

// The last heading, compressed packets, is never there; it leaves its blanks.
constexpr std::size_t last_width = 10;
constexpr std::array<Column, 6> rx_columns{{{"bytes", "RX:  bytes"},
                                            {"packets", "packets"},
                                            {"errors", "errors"},
                                            {"dropped", "dropped"},
                                            {"missed_errors", "missed"},
                                            {"multicast", "mcast"}}};
constexpr std::array<Column, 6> tx_columns{{{"bytes", "TX:  bytes"},
                                            {"packets", "packets"},
                                            {"errors", "errors"},
                                            {"dropped", "dropped"},
                                            {"carrier_errors", "carrier"},
                                            {"collisions", "collsns"}}};
constexpr std::array<std::size_t, 6> least_widths{10, 7, 6, 7, 7, 7};

void append_direction(std::string& out, const Json& counters, std::span<const Column> columns,
                      std::span<const std::size_t> widths) {
  std::string heading = "    ";
  std::string values = "    ";
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& [key, title] = columns[i];
    // "RX:" stays at the left, and the rest of the title at the right.
    const std::size_t margin = i == 0 ? 3 : 0;
    heading += std::string{title.substr(0, margin)} +
               right(std::string{title.substr(margin)}, widths[i] - margin) + ' ';
    values += right(plain(counters.value(std::string{key}, Json(0))), widths[i]) + ' ';
  }
  out += heading + std::string(last_width, ' ') + '\n' + values + '\n';
}

void append_statistics(std::string& out, const Json& statistics) {
  const Json& rx = statistics.at("rx");
  const Json& tx = statistics.at("tx");
  auto widths = least_widths;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const auto digits = [](const Json& counters, std::string_view key) {
      return plain(counters.value(std::string{key}, Json(0))).size();
    };
    widths[i] =
        std::max({widths[i], digits(rx, rx_columns[i].first), digits(tx, tx_columns[i].first)});
  }
  append_direction(out, rx, rx_columns, widths);
  append_direction(out, tx, tx_columns, widths);
}

}  // namespace

void append_link(std::string& out, const Json& link) {
  append_headline(out, link);
  append_hardware(out, link);
  for (const Json& address : link.value("addr_info", Json::array())) {
    append_address(out, address);
  }
  if (const auto statistics = link.find("stats64"); statistics != link.end()) {
    append_statistics(out, *statistics);
  }
}

}  // namespace culvert::text
