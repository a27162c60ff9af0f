// SPDX-License-Identifier: BSD-3-Clause
#include "support/gateway.hpp"

#include <gtest/gtest.h>

#include "culvert/codec/modes.hpp"

namespace culvert::test {
namespace {

constexpr unsigned pool_size = 2048;
constexpr std::size_t tunnel_capacity = 2048;
constexpr std::uint16_t mtu_outside = 1500;

std::string next_name() {
  static unsigned count = 0;
  return std::to_string(count++);
}

Ipv4Prefix prefix4(std::string_view text) {
  const std::size_t slash = text.find('/');
  return Ipv4Prefix::of(ip4(text.substr(0, slash)),
                        static_cast<unsigned>(std::stoul(std::string(text.substr(slash + 1)))));
}

Ipv6Prefix prefix6(std::string_view text) {
  const std::size_t slash = text.find('/');
  return Ipv6Prefix::of(ip6(text.substr(0, slash)),
                        static_cast<unsigned>(std::stoul(std::string(text.substr(slash + 1)))));
}

}  // namespace

TestGateway::TestGateway(const Node& node)
    : node_(node),
      name_(next_name()),
      pool_(make_packet_pool("pool-" + name_, pool_size, RTE_MBUF_DEFAULT_BUF_SIZE)),
      forwarding_({.workers = 1, .next_hops = 65536, .ipv4_groups = 16384, .ipv6_groups = 16384}),
      counters_(tunnel_capacity),
      exchange_("gateway-" + name_, doorbell_) {
  for (const auto& [index, mac_text] :
       {std::pair{inside, node.inside_mac}, std::pair{outside, node.outside_mac}}) {
    ports_.push_back(std::make_unique<Port>("net_ring" + name_ + "_" + std::to_string(index), index,
                                            Port::Options{.pool = pool_.get()}));
    ports_.back()->set_mac(mac(mac_text));
    ports_.back()->start();
  }
  renew_lane();

  host_ = &add_neighbour(inside, node.host_mac);
  const NextHopId to_host = route(std::string(node.host4) + "/32", forward_to(*host_));
  route(std::string(node.host6) + "/128", to_host);
  for (const auto& [address, mac_text] : {std::pair{node_a.outside4, node_a.outside_mac},
                                          std::pair{node_b.outside4, node_b.outside_mac},
                                          std::pair{outside4_of_c, outside_mac_of_c}}) {
    peers_.emplace_back(ip4(address), &add_neighbour(outside, mac_text));
    route(std::string(address) + "/32", forward_to(*peers_.back().second));
  }
  const NextHopId here = route(std::string(node.inside4) + "/32", of_kind(NextHop::Kind::local));
  route(std::string(node.outside4) + "/32", here);
  route(std::string(node.inside6) + "/128", here);
}

TestGateway::~TestGateway() {
  lane_.reset();
  EXPECT_EQ(missing_mbufs(), 0U);
}

Neighbour& TestGateway::add_neighbour(std::uint16_t port, std::string_view mac_text,
                                      Reachability state) {
  Neighbour& neighbour = neighbours_.emplace_back();
  neighbour.destination = MacWord{mac(mac_text), static_cast<std::uint16_t>(state)}.word();
  neighbour.source = MacWord{ports_[port]->mac(), port}.word();
  return neighbour;
}

NextHop TestGateway::forward_to(Neighbour& neighbour, std::uint16_t mtu) const {
  NextHop next_hop;
  next_hop.kind = NextHop::Kind::forward;
  next_hop.neighbour = &neighbour;
  next_hop.port = MacWord{neighbour.source}.extra();
  next_hop.mtu = mtu;
  return next_hop;
}

NextHop TestGateway::of_kind(NextHop::Kind kind) const {
  NextHop next_hop;
  next_hop.kind = kind;
  next_hop.mtu = mtu_outside;
  return next_hop;
}

NextHop TestGateway::through(const TestTunnel& tunnel, std::uint32_t index, std::uint16_t payload,
                             std::string_view remote) {
  const bool any_local = ip4(tunnel.local).is_any();
  OuterParameters outer{.local = ip4(any_local ? node_.outside4 : tunnel.local),
                        .remote = ip4(remote.empty() ? tunnel.remote : remote),
                        .ttl = tunnel.ttl,
                        .tos = tunnel.tos,
                        .inherit_tos = tunnel.inherit_tos,
                        .pmtudisc = tunnel.pmtudisc,
                        .fields = tunnel.output_fields,
                        .payload = payload};
  if (tunnel.output_key) {
    outer.key = be32{*tunnel.output_key};
  }
  NextHop next_hop;
  next_hop.kind = NextHop::Kind::tunnel;
  next_hop.mode = tunnel.mode;
  next_hop.tunnel = index;
  next_hop.outer =
      visit_mode(tunnel.mode, [&](auto m) { return decltype(m)::Stack::render(outer); });
  next_hop.mtu = static_cast<std::uint16_t>(mtu_outside - next_hop.outer.length);
  next_hop.device_mtu = next_hop.mtu;
  next_hop.path_mtu = mtu_outside;
  next_hop.tcp_mss = tunnel.tcp_mss;
  next_hop.neighbour = &peer(remote.empty() ? tunnel.remote : remote);
  return next_hop;
}

NextHopId TestGateway::route(std::string_view prefix, const NextHop& next_hop) {
  const NextHopId id = forwarding_.next_hops.create(next_hop);
  route(prefix, id);
  return id;
}

void TestGateway::route(std::string_view prefix, NextHopId id) {
  const bool ours = forwarding_.next_hops[id].kind == NextHop::Kind::local;
  const auto enter = [&](auto& table, const auto& entry) {
    table.set(entry, id);
    if (ours) {
      forwarding_.own.add(entry.address);
    }
  };
  if (prefix.find(':') == prefix.npos) {
    enter(forwarding_.ipv4, prefix4(prefix));
  } else {
    enter(forwarding_.ipv6, prefix6(prefix));
  }
}

std::uint32_t TestGateway::add_tunnel(const TestTunnel& tunnel) {
  Tunnel entry;
  entry.local = ip4(tunnel.local);
  entry.remote = ip4(tunnel.remote);
  entry.key = be32{tunnel.input_key.value_or(0)};
  entry.keyed = tunnel.input_key.has_value();
  entry.mode = tunnel.mode;
  entry.index = tunnels_++;
  entry.up = tunnel.up;
  entry.fields = tunnel.input_fields;
  entry.clamps_mss = tunnel.tcp_mss != 0;
  entry.local_is_ours =
      forwarding_.next_hops[forwarding_.ipv4.lookup(entry.local)].kind == NextHop::Kind::local;
  forwarding_.tunnels.insert(entry);
  return entry.index;
}

Neighbour& TestGateway::peer(std::string_view outside4) {
  for (const auto& [address, neighbour] : peers_) {
    if (address == ip4(outside4)) {
      return *neighbour;
    }
  }
  throw std::out_of_range(std::string(outside4));
}

unsigned TestGateway::missing_mbufs() const {
  return pool_size - rte_mempool_avail_count(pool_.get());
}

}  // namespace culvert::test
