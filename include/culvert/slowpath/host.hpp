// SPDX-License-Identifier: BSD-3-Clause
// slowpath: what the slow path asks of whoever knows the configuration. Control thread only.
#pragma once

#include <cstdint>
#include <optional>

#include "culvert/codec/mode.hpp"
#include "culvert/fib/next_hop.hpp"
#include "culvert/net/address.hpp"

namespace culvert {

struct NeighbourEntry;
struct TunnelQuote;

/// One port as the slow path sees it.
struct PortView {
  MacAddress mac;
  std::optional<Ipv6Address> link_local;  ///< ours on this port
  std::uint16_t mtu = 0;                  ///< bytes of IP
  bool proxy_arp = false;
};

/// A tunnel whose outer packet an ICMP error quotes.
struct QuotedTunnel {
  std::uint32_t index = 0;  ///< of its counters
  TunnelMode mode{};
  bool one_to_many = false;   ///< its outer packets have many destinations
  bool inherits_ttl = false;  ///< the senders of inner packets chose how far they go
  std::uint16_t mtu = 0;      ///< bytes of an outer packet that the first link of its path takes
};

class Host {
 public:
  virtual ~Host() = default;

  /// Empty where there is no such port, or it is down.
  [[nodiscard]] virtual std::optional<PortView> port(std::uint16_t index) const = 0;

  /// Ours on the tunnel whose counters have this index; empty where there is no such tunnel, or it
  /// is down.
  [[nodiscard]] virtual std::optional<Ipv6Address> tunnel_link_local(std::uint32_t index) const = 0;
  /// What packets of ours with this EtherType meet in that tunnel where no route says more. Nobody
  /// holds its neighbour.
  [[nodiscard]] virtual std::optional<NextHop> tunnel_hop(std::uint32_t index,
                                                          std::uint16_t payload) = 0;
  /// Keepalives are answered again, or no more: whether routes by that tunnel lead anywhere.
  virtual void line_changed(std::uint32_t index, bool up) = 0;

  /// Our address to ask with for `target` on a port: one of the port's own in the same subnet, else
  /// any of the port's, else any of ours (RFC 826; Linux's arp_announce 0). Empty if there is none.
  [[nodiscard]] virtual std::optional<Ipv4Address> source_on(std::uint16_t port,
                                                             Ipv4Address target) const = 0;
  [[nodiscard]] virtual std::optional<Ipv6Address> source_on(std::uint16_t port,
                                                             const Ipv6Address& target) const = 0;

  /// The address that Linux would send from towards `destination`: the preferred one of the route,
  /// else one of the interface that it leaves by. Empty if we have none.
  [[nodiscard]] virtual std::optional<Ipv4Address> source_towards(
      Ipv4Address destination) const = 0;
  [[nodiscard]] virtual std::optional<Ipv6Address> source_towards(
      const Ipv6Address& destination) const = 0;

  /// The tunnel of ours that sent such a packet, or could have. Empty if there is none.
  [[nodiscard]] virtual std::optional<QuotedTunnel> sender_of(const TunnelQuote& quote) const = 0;
  /// Forwarding::path_mtus says something else of this remote endpoint than before.
  virtual void path_mtu_changed(Ipv4Address remote) = 0;

  /// A neighbour appeared, resolved or not yet, or is about to go: the moment to enter or remove
  /// what depends on it.
  virtual void neighbour_added(NeighbourEntry& neighbour) = 0;
  virtual void neighbour_removed(NeighbourEntry& neighbour) = 0;
};

}  // namespace culvert
