// SPDX-License-Identifier: BSD-3-Clause
// control: text of `tunnel show`. No DPDK.
#include <array>
#include <charconv>
#include <utility>

#include "culvert/control/text.hpp"

#include "text_objects.hpp"
#include "traffic_class.hpp"

namespace culvert::text {
namespace {

using Words = std::pair<std::string_view, std::string_view>;

constexpr std::array<Words, 4> gre_flags{{{"rx_drop_ooseq", "Drop packets out of sequence."},
                                          {"rx_csum", "Checksum in received packet is required."},
                                          {"tx_seq", "Sequence packets on output."},
                                          {"tx_csum", "Checksum output packets."}}};

std::string endpoint(const Json& address) {
  return address == "0.0.0.0" ? "any" : plain(address);
}

// An odd number means inherit, with the rest for payloads that have no TOS.
std::string traffic_class(const std::string& name) {
  const auto value = traffic_class_value(name);
  if (!value || (*value & 1U) == 0) {
    return name;
  }
  return "inherit/" + traffic_class_name(static_cast<std::uint8_t>(*value & 0xfeU));
}

void append_parameters(std::string& out, const Json& tunnel) {
  for (const Json& router : tunnel.value("prl", Json::array())) {
    for (const auto& [word, address] : router.items()) {
      out += ' ' + word + ' ' + plain(address);
    }
  }
  if (const auto device = tunnel.find("dev"); device != tunnel.end()) {
    out += " dev " + plain(*device);
  }
  const auto ttl = tunnel.find("ttl");
  out += " ttl " + (ttl == tunnel.end() ? "inherit" : plain(*ttl));
  if (const auto tos = tunnel.find("tos"); tos != tunnel.end()) {
    out += " tos " + traffic_class(plain(*tos));
  }
  if (tunnel.contains("nopmtudisc")) {
    out += " nopmtudisc";
  }
  for (const char* const key : {"key", "ikey", "okey"}) {
    if (const auto found = tunnel.find(key); found != tunnel.end()) {
      out += std::string{" "} + key + ' ' + plain(*found);
    }
  }
  for (const std::string prefix : {"6rd-prefix", "6rd-relay_prefix"}) {
    if (const auto found = tunnel.find(prefix); found != tunnel.end()) {
      out += ' ' + prefix + ' ' + plain(*found) + '/' + plain(tunnel.at(prefix + "len"));
    }
  }
}

/// Ours, behind all that `ip` prints on the line.
void append_own_parameters(std::string& out, const Json& tunnel) {
  if (const auto mss = tunnel.find("tcp_mss"); mss != tunnel.end()) {
    out += " tcp-mss " + plain(*mss);
  }
  if (const auto keepalive = tunnel.find("keepalive"); keepalive != tunnel.end()) {
    out += " keepalive " + plain(keepalive->at("seconds")) + ' ' + plain(keepalive->at("retries"));
  }
}

void append_flags(std::string& out, const Json& flags) {
  for (const auto& [flag, sentence] : gre_flags) {
    for (const Json& set : flags) {
      out += set == flag ? "\n  " + std::string{sentence} : "";
    }
  }
}

void append_counters(std::string& out, const Json& counters,
                     std::span<const std::pair<const char*, std::size_t>> columns) {
  out += "    ";
  std::string_view space;
  for (const auto& [key, width] : columns) {
    out += std::string{space} + left(plain(counters.at(key)), width);
    space = " ";
  }
  out += '\n';
}

void append_statistics(std::string& out, const Json& statistics) {
  using Column = std::pair<const char*, std::size_t>;
  constexpr std::array<Column, 6> rx{{{"packets", 10},
                                      {"bytes", 12},
                                      {"errors", 6},
                                      {"csum_errors", 8},
                                      {"out_of_seq", 8},
                                      {"multicast", 8}}};
  constexpr std::array<Column, 6> tx{{{"packets", 10},
                                      {"bytes", 12},
                                      {"errors", 6},
                                      {"dead_loop", 8},
                                      {"no_route", 8},
                                      {"no_buffers", 6}}};
  out += "RX: Packets    Bytes        Errors CsumErrs OutOfSeq Mcasts\n";
  append_counters(out, statistics.at("rx"), rx);
  out += "TX: Packets    Bytes        Errors DeadLoop NoRoute  NoBufs\n";
  append_counters(out, statistics.at("tx"), tx);
}

/// Ours, with -s; of keepalives alone.
void append_keepalives(std::string& out, const Json& keepalive) {
  if (keepalive.contains("sent")) {
    constexpr std::array<std::pair<const char*, std::size_t>, 2> columns{
        {{"sent", 10}, {"received", 12}}};
    out += "KA: Sent       Received\n";
    append_counters(out, keepalive, columns);
  }
}

}  // namespace

void append_tunnel(std::string& out, const Json& tunnel) {
  out += plain(tunnel.at("ifname")) + ": " + plain(tunnel.at("mode")) + " remote " +
         endpoint(tunnel.at("remote")) + " local " + endpoint(tunnel.at("local"));
  append_parameters(out, tunnel);
  append_own_parameters(out, tunnel);
  append_flags(out, tunnel.value("flags", Json::array()));
  if (tunnel.value("keepalive", Json::object()).value("state", Json()) == "down") {
    out += "\n  Keepalives are not answered.";
  }
  out += '\n';
  if (const auto statistics = tunnel.find("stats"); statistics != tunnel.end()) {
    append_statistics(out, *statistics);
  }
  if (tunnel.contains("keepalive")) {
    append_keepalives(out, tunnel.at("keepalive"));
  }
}

}  // namespace culvert::text
