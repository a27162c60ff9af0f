// SPDX-License-Identifier: BSD-3-Clause
// bench: the whole row of stages, from a burst of received frames to a port's transmit function.
// `Io` is the same without the stages: take the difference.
#include <algorithm>
#include <cstring>
#include <iterator>
#include <memory>
#include <random>
#include <vector>

#include "culvert/codec/modes.hpp"
#include "culvert/dataplane/engine.hpp"
#include "culvert/dataplane/pipeline.hpp"

#include "support/packets.hpp"

namespace culvert::bench {
namespace {

constexpr MacAddress gateway_mac{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress peer_mac{{2, 0, 0, 0, 0, 2}};
constexpr std::uint16_t in = 0;
constexpr std::uint16_t out = 1;
constexpr std::uint16_t smallest_frame = 60;  // 64 with the checksum, which no port hands over

constexpr Ipv4Address local = Ipv4Address::from_host(0x0a000001);
Ipv4Address remote(std::uint32_t i) {
  return Ipv4Address::from_host(0x0a800000 + i);
}
Ipv4Address inner_host(std::uint32_t i) {
  return Ipv4Address::from_host(0x14000000 + (i << 8U));
}
Ipv6Address inner_host6(std::uint32_t i) {
  Ipv6Address address{{0x20, 0x01, 0x0d, 0xb8}};
  const be32 number{i};
  std::memcpy(&address.bytes[4], &number, sizeof number);
  return address;
}

/// One gateway; `routes` prefixes, spread over `tunnels` tunnels where there are any.
class Row {
 public:
  explicit Row(std::optional<TunnelMode> mode, std::uint32_t routes, std::uint32_t tunnels)
      : pool_(make_packet_pool("bench", 4096, RTE_MBUF_DEFAULT_BUF_SIZE)),
        forwarding_({}),
        counters_(tunnels + 1),
        exchange_("bench", doorbell_),
        in_("net_null0", in, {1, 512, pool_.get()}),
        out_("net_null1", out, {1, 512, pool_.get()}),
        lane_(forwarding_, counters_, exchange_, 0, 1) {
    in_.set_mac(gateway_mac);
    in_.start();
    out_.start();
    PortList list;
    list.ports = {&in_, &out_};
    lane_.set_ports(list, {&only_exchange_, 1});
    neighbour_.destination =
        MacWord{peer_mac, static_cast<std::uint16_t>(Reachability::ready)}.word();
    neighbour_.source = MacWord{gateway_mac, out}.word();
    add_next_hops(mode, tunnels);
    for (std::uint32_t i = 0; i < routes; ++i) {
      const NextHopId id = ids_[i % ids_.size()];
      forwarding_.ipv4.set(Ipv4Prefix::of(inner_host(i), 24), id);
      forwarding_.ipv6.set(Ipv6Prefix::of(inner_host6(i), 64), ids6_[i % ids6_.size()]);
    }
  }

  /// Each turn: a burst from the pool, written as `frames` (one after the other), and sent.
  void run(benchmark::State& state, const std::vector<std::vector<std::byte>>& frames,
           bool stages) {
    std::array<rte_mbuf*, burst> mbufs{};
    std::size_t next = 0;
    Packets packets(state);
    for (auto _ : state) {
      if (rte_pktmbuf_alloc_bulk(pool_.get(), mbufs.data(), burst) != 0) {
        state.SkipWithError("no buffers");
        return;
      }
      for (rte_mbuf* m : mbufs) {
        const auto& frame = frames[next];
        next = next + 1 == frames.size() ? 0 : next + 1;
        m->data_len = static_cast<std::uint16_t>(frame.size());
        m->pkt_len = m->data_len;
        std::memcpy(data_of(m), frame.data(), frame.size());
      }
      if (stages) {
        forward_burst(lane_, in_, mbufs);
        lane_.finish_burst();
      } else {
        rte_eth_tx_burst(out_.ethdev(), 0, mbufs.data(), burst);
      }
    }
    packets.done(burst);
    if (stages && counters_.sent.get() != burst * static_cast<std::uint64_t>(state.iterations())) {
      state.SkipWithError("not every packet was sent");
    }
  }

 private:
  void add_next_hops(std::optional<TunnelMode> mode, std::uint32_t tunnels) {
    NextHop plain;
    plain.kind = NextHop::Kind::forward;
    plain.neighbour = &neighbour_;
    plain.port = out;
    plain.mtu = 1500;
    if (!mode) {
      ids_ = ids6_ = {forwarding_.next_hops.create(plain)};
      return;
    }
    const NextHopId forward = forwarding_.next_hops.create(plain);
    for (std::uint32_t i = 0; i < tunnels; ++i) {
      Tunnel tunnel;
      tunnel.local = local;
      tunnel.remote = remote(i);
      tunnel.mode = *mode;
      tunnel.index = i;
      tunnel.up = tunnel.local_is_ours = true;
      forwarding_.tunnels.insert(tunnel);
      for (const std::uint16_t payload : {ether_type::ipv4, ether_type::ipv6}) {
        OuterParameters parameters;
        parameters.local = local;
        parameters.remote = remote(i);
        parameters.payload = payload;
        NextHop next_hop = plain;
        next_hop.kind = NextHop::Kind::tunnel;
        next_hop.mode = *mode;
        next_hop.tunnel = i;
        next_hop.mtu = 1480;
        next_hop.outer =
            visit_mode(*mode, [&](auto m) { return decltype(m)::Stack::render(parameters); });
        auto& ids = payload == ether_type::ipv4 ? ids_ : ids6_;
        ids.push_back(forwarding_.next_hops.create(next_hop));
      }
    }
    // What comes out of a tunnel goes to these.
    forwarding_.ipv4.set(Ipv4Prefix::of(Ipv4Address::from_host(0x1e000000), 8), forward);
    forwarding_.ipv6.set(Ipv6Prefix::of(Ipv6Address{{0x20, 0x02}}, 16), forward);
  }

  PacketPool pool_;
  Forwarding forwarding_;
  Counters counters_;
  Doorbell doorbell_;
  Exchange exchange_;
  Exchange* const only_exchange_ = &exchange_;
  Port in_;
  Port out_;
  Lane lane_;
  Neighbour neighbour_;
  std::vector<NextHopId> ids_;
  std::vector<NextHopId> ids6_;
};

using Bytes = std::vector<std::byte>;

template <typename Header>
void append(Bytes& bytes, const Header& header) {
  const std::size_t at = bytes.size();
  bytes.resize(at + sizeof header);
  std::memcpy(bytes.data() + at, &header, sizeof header);
}

void append_bytes(Bytes& bytes, const Bytes& more) {
  bytes.reserve(bytes.size() + more.size());
  std::copy(more.begin(), more.end(), std::back_inserter(bytes));
}

void append_ipv4(Bytes& bytes, std::uint8_t protocol, std::size_t body, Ipv4Address source,
                 Ipv4Address destination) {
  Ipv4Header header{.version_ihl = 0x45,
                    .tos = 0,
                    .total_length = be16{static_cast<std::uint16_t>(sizeof(Ipv4Header) + body)},
                    .id{},
                    .fragment = be16{Ipv4Header::dont_fragment},
                    .ttl = 64,
                    .protocol = protocol,
                    .checksum{},
                    .source = source,
                    .destination = destination};
  header.checksum = ipv4_checksum(reinterpret_cast<const std::byte*>(&header), sizeof header);
  append(bytes, header);
}

constexpr std::uint16_t udp_length = 18;  // as in a frame of 64 bytes over IPv4

Bytes inner_packet(bool v6, Ipv4Address destination, const Ipv6Address& destination6) {
  Bytes bytes;
  if (v6) {
    append(bytes, Ipv6Header{.version_class_label = be32{6U << 28U},
                             .payload_length = be16{udp_length},
                             .next_header = ip_protocol::udp,
                             .hop_limit = 64,
                             .source = inner_host6(1),
                             .destination = destination6});
  } else {
    append_ipv4(bytes, ip_protocol::udp, udp_length, Ipv4Address::from_host(0x0b000001),
                destination);
  }
  bytes.resize(bytes.size() + udp_length);
  return bytes;
}

Bytes frame_of(const Bytes& packet, std::uint16_t type) {
  Bytes bytes;
  append(bytes, EthernetHeader{gateway_mac, peer_mac, be16{type}});
  append_bytes(bytes, packet);
  bytes.resize(std::max<std::size_t>(bytes.size(), smallest_frame));
  return bytes;
}

constexpr std::uint32_t fewest_frames = 4096;
constexpr std::uint32_t most_tunnels = 65'536;

/// To random ones of `routes` destinations.
std::vector<Bytes> plain_frames(bool v6, std::uint32_t routes) {
  std::mt19937 random(1);
  std::vector<Bytes> frames;
  for (std::uint32_t i = 0; i < fewest_frames; ++i) {
    const std::uint32_t to = static_cast<std::uint32_t>(random()) % routes;
    frames.push_back(frame_of(inner_packet(v6, inner_host(to), inner_host6(to)),
                              v6 ? ether_type::ipv6 : ether_type::ipv4));
  }
  return frames;
}

/// From random ones of `tunnels` remote endpoints.
std::vector<Bytes> tunnelled_frames(TunnelMode mode, bool v6, std::uint32_t tunnels) {
  std::mt19937 random(1);
  std::vector<Bytes> frames;
  for (std::uint32_t i = 0; i < std::max(tunnels, fewest_frames); ++i) {
    Bytes body;
    const std::uint16_t type = v6 ? ether_type::ipv6 : ether_type::ipv4;
    if (mode == TunnelMode::gre) {
      append(body, GreHeader{be16{0}, be16{type}});
    }
    const Bytes inner =
        inner_packet(v6, Ipv4Address::from_host(0x1e000001), Ipv6Address{{0x20, 0x02}});
    append_bytes(body, inner);
    Bytes packet;
    const std::uint8_t protocol =
        visit_mode(mode, [type](auto m) { return decltype(m)::Stack::protocol(type); });
    append_ipv4(packet, protocol, body.size(),
                remote(static_cast<std::uint32_t>(random()) % tunnels), local);
    append_bytes(packet, body);
    frames.push_back(frame_of(packet, ether_type::ipv4));
  }
  return frames;
}

/// The cost of the frames themselves, which rises with how many different ones there are.
void io(benchmark::State& state) {
  const auto tunnels = static_cast<std::uint32_t>(state.range(0));
  Row(std::nullopt, 1, 0).run(state, tunnelled_frames(TunnelMode::ipip, false, tunnels), false);
}

void plain(benchmark::State& state, bool v6) {
  const auto routes = static_cast<std::uint32_t>(state.range(0));
  Row(std::nullopt, routes, 0).run(state, plain_frames(v6, routes), true);
}

void encapsulation(benchmark::State& state, TunnelMode mode, bool v6) {
  const auto tunnels = static_cast<std::uint32_t>(state.range(0));
  Row(mode, tunnels, tunnels).run(state, plain_frames(v6, tunnels), true);
}

void decapsulation(benchmark::State& state, TunnelMode mode, bool v6) {
  const auto tunnels = static_cast<std::uint32_t>(state.range(0));
  Row(mode, tunnels, tunnels).run(state, tunnelled_frames(mode, v6, tunnels), true);
}

BENCHMARK(io)->Arg(1)->Arg(most_tunnels);
BENCHMARK_CAPTURE(plain, ipv4, false)->Arg(10)->Arg(10'000);
BENCHMARK_CAPTURE(plain, ipv6, true)->Arg(10)->Arg(10'000);
BENCHMARK_CAPTURE(encapsulation, ipip, TunnelMode::ipip, false)->Arg(1)->Arg(1'000);
BENCHMARK_CAPTURE(encapsulation, gre, TunnelMode::gre, false)->Arg(1)->Arg(1'000);
BENCHMARK_CAPTURE(encapsulation, sit, TunnelMode::sit, true)->Arg(1)->Arg(1'000);
BENCHMARK_CAPTURE(decapsulation, ipip, TunnelMode::ipip, false)
    ->Arg(1)
    ->Arg(1'000)
    ->Arg(most_tunnels);
BENCHMARK_CAPTURE(decapsulation, gre, TunnelMode::gre, false)
    ->Arg(1)
    ->Arg(1'000)
    ->Arg(most_tunnels);
BENCHMARK_CAPTURE(decapsulation, sit, TunnelMode::sit, true)->Arg(1)->Arg(1'000)->Arg(most_tunnels);

}  // namespace
}  // namespace culvert::bench
