// SPDX-License-Identifier: BSD-3-Clause
#include "support/row.hpp"

#include <cstring>
#include <stdexcept>

#include "culvert/codec/modes.hpp"

namespace culvert::bench {
namespace {

constexpr std::uint16_t in = 0;
constexpr std::uint16_t out = 1;
constexpr unsigned mtu = 1500;

}  // namespace

Row::Row(const Case& one)
    : pool_(make_packet_pool("bench", 4096, RTE_MBUF_DEFAULT_BUF_SIZE)),
      forwarding_({}),
      counters_(one.count),
      exchange_("bench", doorbell_),
      in_("net_null0", in, {1, 512, pool_.get()}),
      out_("net_null1", out, {1, 512, pool_.get()}),
      lane_(forwarding_, counters_, exchange_, 0, 1),
      frames_(frames_of(one)) {
  in_.set_mac(gateway_mac);
  in_.start();
  out_.start();
  PortList list;
  list.ports = {&in_, &out_};
  lane_.set_ports(list, {&only_exchange_, 1});
  neighbour_.destination =
      MacWord{peer_mac, static_cast<std::uint16_t>(Reachability::ready)}.word();
  neighbour_.source = MacWord{gateway_mac, out}.word();
  add_next_hops(one);
  for (std::uint32_t i = 0; i < one.count; ++i) {
    forwarding_.ipv4.set(Ipv4Prefix::of(host(i), 24), ids_[i % ids_.size()]);
    forwarding_.ipv6.set(Ipv6Prefix::of(host6(i), 64), ids6_[i % ids6_.size()]);
  }
}

void Row::add_next_hops(const Case& one) {
  NextHop plain;
  plain.kind = NextHop::Kind::forward;
  plain.neighbour = &neighbour_;
  plain.port = out;
  plain.mtu = mtu;
  const NextHopId forward = forwarding_.next_hops.create(plain);
  if (one.way == Way::plain) {
    ids_ = ids6_ = {forward};
    return;
  }
  for (std::uint32_t i = 0; i < one.count; ++i) {
    Tunnel tunnel;
    tunnel.local = local;
    tunnel.remote = remote(i);
    tunnel.mode = one.mode;
    tunnel.keyed = one.keyed;
    tunnel.key = one.keyed ? key(i) : be32{};
    tunnel.fields = one.fields;
    tunnel.index = i;
    tunnel.up = tunnel.local_is_ours = true;
    forwarding_.tunnels.insert(tunnel);
    ids_.push_back(add_tunnel(one, i, ether_type::ipv4));
    ids6_.push_back(add_tunnel(one, i, ether_type::ipv6));
  }
  forwarding_.ipv4.set(Ipv4Prefix::of(behind, 8), forward);
  forwarding_.ipv6.set(Ipv6Prefix::of(behind6, 16), forward);
}

NextHopId Row::add_tunnel(const Case& one, std::uint32_t number, std::uint16_t payload) {
  OuterParameters parameters;
  parameters.local = local;
  parameters.remote = remote(number);
  parameters.payload = payload;
  parameters.fields = one.fields;
  if (one.keyed) {
    parameters.key = key(number);
  }
  NextHop next_hop;
  next_hop.kind = NextHop::Kind::tunnel;
  next_hop.neighbour = &neighbour_;
  next_hop.port = out;
  next_hop.mode = one.mode;
  next_hop.tunnel = number;
  next_hop.outer =
      visit_mode(one.mode, [&](auto m) { return decltype(m)::Stack::render(parameters); });
  set_limits(next_hop, mtu - next_hop.outer.length, mtu, payload == ether_type::ipv6);
  return forwarding_.next_hops.create(next_hop);
}

void Row::receive(Burst& mbufs) {
  if (rte_pktmbuf_alloc_bulk(pool_.get(), mbufs.data(), burst) != 0) {
    throw std::runtime_error("no buffers: some were not sent");
  }
  for (rte_mbuf* m : mbufs) {
    const Bytes& frame = frames_[next_];
    next_ = next_ + 1 == frames_.size() ? 0 : next_ + 1;
    m->data_len = static_cast<std::uint16_t>(frame.size());
    m->pkt_len = m->data_len;
    std::memcpy(data_of(m), frame.data(), frame.size());
  }
}

}  // namespace culvert::bench
