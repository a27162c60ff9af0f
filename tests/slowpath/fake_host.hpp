// SPDX-License-Identifier: BSD-3-Clause
// tests/slowpath: a configuration by hand. Like the real one it gives each neighbour a route of its
// own while it is there.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "culvert/slowpath/surroundings.hpp"

namespace culvert::test {

class FakeHost final : public Host {
 public:
  explicit FakeHost(Forwarding& forwarding) : forwarding_(forwarding) {}

  std::map<std::uint16_t, PortView> ports;
  std::map<std::uint32_t, std::pair<Ipv6Address, NextHop>> tunnels;
  std::optional<Ipv4Address> ipv4_source;
  std::optional<Ipv6Address> ipv6_source;
  bool enters_neighbours = true;
  std::vector<std::string> events;
  std::function<std::optional<QuotedTunnel>(const TunnelQuote&)> quoted_tunnel;
  std::vector<Ipv4Address> path_mtu_changes;

  /// A route to what `next_hop` says.
  template <typename Address>
  void route(const Address& address, unsigned length, const NextHop& next_hop) {
    table<Address>().set(Prefix<Address>::of(address, length),
                         forwarding_.next_hops.create(next_hop));
  }
  void route(const IpAddress& address, NextHop::Kind kind, std::uint16_t port = 0);

  [[nodiscard]] std::optional<PortView> port(std::uint16_t index) const override;
  [[nodiscard]] std::optional<Ipv6Address> tunnel_link_local(std::uint32_t index) const override;
  [[nodiscard]] std::optional<NextHop> tunnel_hop(std::uint32_t index,
                                                  std::uint16_t payload) override;
  void line_changed(std::uint32_t index, bool up) override;
  [[nodiscard]] std::optional<Ipv4Address> source_on(std::uint16_t, Ipv4Address) const override {
    return ipv4_source;
  }
  [[nodiscard]] std::optional<Ipv6Address> source_on(std::uint16_t,
                                                     const Ipv6Address&) const override {
    return ipv6_source;
  }
  [[nodiscard]] std::optional<Ipv4Address> source_towards(Ipv4Address) const override {
    return ipv4_source;
  }
  [[nodiscard]] std::optional<Ipv6Address> source_towards(const Ipv6Address&) const override {
    return ipv6_source;
  }
  [[nodiscard]] std::optional<QuotedTunnel> sender_of(const TunnelQuote& quote) const override {
    return quoted_tunnel ? quoted_tunnel(quote) : std::nullopt;
  }
  void path_mtu_changed(Ipv4Address remote) override { path_mtu_changes.push_back(remote); }
  void neighbour_added(NeighbourEntry& neighbour) override;
  void neighbour_removed(NeighbourEntry& neighbour) override;

 private:
  template <typename Address>
  [[nodiscard]] RouteTable<Address>& table() noexcept {
    if constexpr (Address::bits == 32) {
      return forwarding_.ipv4;
    } else {
      return forwarding_.ipv6;
    }
  }
  template <typename Address>
  void enter(const Address& address, NeighbourEntry& neighbour);
  template <typename Address>
  void withdraw(const Address& address);

  Forwarding& forwarding_;
  std::map<IpAddress, Cover> covers_;
};

}  // namespace culvert::test
