// SPDX-License-Identifier: BSD-3-Clause
// tests/support: the whole data plane of one gateway, its tables filled by hand, its two ports
// rings in memory. What it sends, drops and punts is looked at after each packet.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "culvert/dataplane/engine.hpp"
#include "culvert/dataplane/pipeline.hpp"

#include "support/layout.hpp"
#include "support/network.hpp"
#include "support/outcome.hpp"

namespace culvert::test {

/// As `ip tunnel add` has it.
struct TestTunnel {
  TunnelMode mode = TunnelMode::ipip;
  std::string_view local = "0.0.0.0";
  std::string_view remote = "0.0.0.0";
  std::uint8_t ttl = 0;
  std::uint8_t tos = 0;
  bool inherit_tos = false;
  bool pmtudisc = true;
  std::optional<std::uint32_t> input_key{};
  std::optional<std::uint32_t> output_key{};
  bool up = true;
  std::uint8_t input_fields = 0;  ///< of gre_field
  std::uint8_t output_fields = 0;
  std::uint16_t tcp_mss = 0;  ///< both ways
};

class TestGateway {
 public:
  /// Outer IPv4 identification of the first packet that it encapsulates after each receive().
  static constexpr std::uint16_t first_id = 0x0102;

  /// Has its own addresses as local routes, and the networks of its ports with their neighbours:
  /// the host inside, the other gateways outside.
  explicit TestGateway(const Node& node = node_a);
  /// Fails the test if an mbuf is missing when the lane is gone, and what it holds with it.
  ~TestGateway();
  TestGateway(const TestGateway&) = delete;
  TestGateway& operator=(const TestGateway&) = delete;

  // The tables.

  [[nodiscard]] Neighbour& add_neighbour(std::uint16_t port, std::string_view mac,
                                         Reachability state = Reachability::ready);
  [[nodiscard]] NextHop forward_to(Neighbour& neighbour, std::uint16_t mtu = 1500) const;
  [[nodiscard]] NextHop of_kind(NextHop::Kind kind) const;
  /// Behind the outer header of `tunnel` (towards `remote` if it has none) to the neighbour that
  /// has that outer address; the MTU is the tunnel's.
  [[nodiscard]] NextHop through(const TestTunnel& tunnel, std::uint32_t index,
                                std::uint16_t payload, std::string_view remote = {});
  NextHopId route(std::string_view prefix, const NextHop& next_hop);
  void route(std::string_view prefix, NextHopId id);
  /// For decapsulation. Returns the index of its counters.
  std::uint32_t add_tunnel(const TestTunnel& tunnel);
  /// The gateway outside that has this address.
  [[nodiscard]] Neighbour& peer(std::string_view outside4);
  [[nodiscard]] Neighbour& host() { return *host_; }

  // Packets.

  [[nodiscard]] Outcome receive(std::uint16_t port, const Bytes& frame, const Layout& layout = {});
  /// In every layout; all must have the same outcome, which is returned.
  [[nodiscard]] Outcome receive_in_every_layout(std::uint16_t port, const Bytes& frame);
  /// As one burst: what was sent, then what was punted, then what was dropped.
  [[nodiscard]] std::vector<Outcome> receive_burst(std::uint16_t port,
                                                   std::span<const Bytes> frames);
  [[nodiscard]] Outcome resume(const Bytes& packet, const PacketFacts& facts);

  /// Takes the mbufs, forwards them and finishes the burst: see outcomes().
  void forward(std::uint16_t port, std::span<rte_mbuf* const> frames);
  /// Everything that happened since the last call, as receive_burst() orders it.
  [[nodiscard]] std::vector<Outcome> outcomes();

  /// A new lane, at the state that it is in at the start of each receive().
  Lane& renew_lane();
  [[nodiscard]] Lane& lane() { return *lane_; }
  [[nodiscard]] const Port& port(std::uint16_t index) const { return *ports_[index]; }
  [[nodiscard]] Forwarding& forwarding() { return forwarding_; }
  [[nodiscard]] Exchange& exchange() { return exchange_; }
  [[nodiscard]] rte_mempool* pool() const { return pool_.get(); }
  [[nodiscard]] unsigned missing_mbufs() const;
  [[nodiscard]] Counters& counters() { return counters_; }
  [[nodiscard]] const TunnelCounters& counters(std::uint32_t tunnel) {
    return counters_.tunnels[tunnel];
  }

 private:
  [[nodiscard]] Outcome only_outcome();
  void take_sent(std::vector<Outcome>& out);
  void take_punted(std::vector<Outcome>& out);
  void take_dropped(std::vector<Outcome>& out);

  const Node& node_;
  std::string name_;
  PacketPool pool_;
  Forwarding forwarding_;
  Counters counters_;
  Doorbell doorbell_;
  Exchange exchange_;
  std::array<Exchange*, 1> exchanges_{&exchange_};
  std::vector<std::unique_ptr<Port>> ports_;
  std::optional<Lane> lane_;
  std::deque<Neighbour> neighbours_;
  std::vector<std::pair<Ipv4Address, Neighbour*>> peers_;
  Neighbour* host_ = nullptr;
  std::uint32_t tunnels_ = 0;
  std::array<std::uint64_t, drop_count> drops_seen_{};
};

}  // namespace culvert::test
