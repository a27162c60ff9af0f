// SPDX-License-Identifier: BSD-3-Clause
// control: the gateway's configuration and every command on it. A command that fails changes
// nothing; an option that the data plane does not honour is refused. Control thread only.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "culvert/control/command.hpp"
#include "culvert/control/link.hpp"
#include "culvert/control/resolver.hpp"
#include "culvert/control/telemetry.hpp"
#include "culvert/dataplane/engine.hpp"
#include "culvert/slowpath/slow_path.hpp"

namespace culvert {

/// What a command prints: elements of one JSON array, made one after the other, so that a long
/// listing can be written in pieces while the configuration changes between them.
class Listing {
 public:
  using Next = std::function<bool(nlohmann::ordered_json&)>;  ///< false: there is no further one
  Listing() = default;
  explicit Listing(Next next) : next_(std::move(next)) {}
  [[nodiscard]] bool next(nlohmann::ordered_json& element) { return next_ && next_(element); }

 private:
  Next next_;
};

class Gateway final : public Host {
 public:
  struct Options {
    NeighbourLimits neighbours{};
    IcmpLimits icmp{};
    std::uint16_t descriptors = 512;
  };

  Gateway(Engine& engine, const Options& options);
  ~Gateway() override;
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  /// Carries out one command. Throws CommandError.
  [[nodiscard]] Listing execute(const Command& command);

  /// What telemetry may read on its own thread.
  [[nodiscard]] const Directory& directory() const noexcept { return directory_; }

  /// One round of what is due: punted packets, timers, queued resolutions, grace periods. True if
  /// there is more to do at once.
  bool work(Time now);

  [[nodiscard]] std::optional<PortView> port(std::uint16_t index) const override;
  [[nodiscard]] std::optional<Ipv6Address> tunnel_link_local(std::uint32_t index) const override;
  [[nodiscard]] std::optional<NextHop> tunnel_hop(std::uint32_t index,
                                                  std::uint16_t payload) override;
  void line_changed(std::uint32_t index, bool up) override;
  [[nodiscard]] std::optional<Ipv4Address> source_on(std::uint16_t port,
                                                     Ipv4Address target) const override;
  [[nodiscard]] std::optional<Ipv6Address> source_on(std::uint16_t port,
                                                     const Ipv6Address& target) const override;
  [[nodiscard]] std::optional<Ipv4Address> source_towards(Ipv4Address destination) const override;
  [[nodiscard]] std::optional<Ipv6Address> source_towards(
      const Ipv6Address& destination) const override;
  [[nodiscard]] std::optional<QuotedTunnel> sender_of(const TunnelQuote& quote) const override;
  void path_mtu_changed(Ipv4Address remote) override;
  void neighbour_added(NeighbourEntry& neighbour) override;
  void neighbour_removed(NeighbourEntry& neighbour) override;

 private:
  // gateway_links.cpp
  Listing run(const LinkAdd& command);
  Listing run(const LinkSet& command);
  Listing run(const LinkDel& command);
  void set_up(Link& link);
  void set_down(Link& link);
  void set_mtu(Link& link, std::uint32_t mtu);
  void set_mac(Link& link, const MacAddress& mac);
  void remove_link(Link& link);
  void publish_ports();
  void add_automatic_addresses(Link& link);

  // gateway_tunnels.cpp
  Listing run(const TunnelAdd& command);
  Listing run(const TunnelChange& command);
  Listing run(const TunnelDel& command);
  [[nodiscard]] TunnelParameters parameters_of(const TunnelSpec& spec) const;
  [[nodiscard]] std::uint32_t default_mtu(const TunnelParameters& parameters) const;
  [[nodiscard]] TunnelSpec spec_of(const Link& tunnel) const;
  [[nodiscard]] Link& tunnel_of(const TunnelSpec& spec, const char* verb);
  void terminations_changed(Ipv4Address local);
  void restart_keepalive(Link& tunnel);
  void set_line(Link& tunnel, bool up);

  // gateway_sit.cpp
  Listing run(const TunnelSixRd& command);
  Listing run(const TunnelPrl& command);
  [[nodiscard]] std::shared_ptr<const SitRules> sit_rules(const Link& link) const;
  void refresh_sit(Link& link);
  void refresh_customer_edges();

  // gateway_addresses.cpp
  Listing run(const AddressAdd& command);
  Listing run(const AddressDel& command);
  template <typename Address>
  void add_address(Link& link, const InterfaceAddress<Address>& address);
  template <typename Address>
  void remove_address(Link& link, const InterfaceAddress<Address>& address);
  template <typename Address>
  void own(const InterfaceAddress<Address>& address, unsigned change);
  void connect_all(Link& link);
  template <typename Address>
  void connect(Link& link, const Prefix<Address>& prefix);
  template <typename Address>
  void disconnect(Link& link, const Prefix<Address>& prefix);

  // gateway_routes.cpp
  Listing run(const RouteAdd& command);
  Listing run(const RouteReplace& command);
  Listing run(const RouteDel& command);
  Listing run(const RouteGet& command);
  Listing run(const RouteFlush& command);
  template <typename Address>
  void add_route(const Prefix<Address>& prefix, const RouteSpec& spec, bool replace);
  template <typename Address>
  void del_route(const Prefix<Address>& prefix, const RouteSpec& spec);
  template <typename Address>
  [[nodiscard]] Route<Address> checked_route(const RouteSpec& spec);
  template <typename Address>
  [[nodiscard]] int gateway_device(const Address& gateway, int dev, bool onlink);
  template <typename Address>
  void flush_routes(const Link& link);

  // gateway_neighbours.cpp
  Listing run(const NeighbourAdd& command);
  Listing run(const NeighbourDel& command);

  // show.cpp
  Listing run(const LinkShow& command);
  Listing run(const AddressShow& command);
  Listing run(const TunnelShow& command);
  Listing run(const RouteShow& command);
  Listing run(const NeighbourShow& command);
  Listing run(const DropsShow& command);

  [[nodiscard]] Link& link_named(const std::string& name);
  [[nodiscard]] Link& shown_link(const std::string& name);

  Engine& engine_;
  Options options_;
  CommandOptions command_options_;  ///< of the command being carried out
  Directory directory_;
  Links links_;
  Neighbours neighbours_;
  Resolver resolver_;
  std::set<int> sixrd_tunnels_;  ///< ifindices of those with a domain of their own
  SlowPath slow_path_;
  Time next_tick_{};
};

/// The sum over all writers.
struct TunnelTotals {
  std::uint64_t rx_packets = 0;
  std::uint64_t rx_bytes = 0;
  std::uint64_t rx_errors = 0;
  std::uint64_t rx_csum_errors = 0;
  std::uint64_t rx_out_of_seq = 0;
  std::uint64_t tx_packets = 0;
  std::uint64_t tx_bytes = 0;
  std::uint64_t tx_errors = 0;
  std::uint64_t tx_dead_loop = 0;
  std::uint64_t tx_no_route = 0;
};
[[nodiscard]] TunnelTotals tunnel_totals(const Engine& engine, std::uint32_t tunnel_index);

}  // namespace culvert
