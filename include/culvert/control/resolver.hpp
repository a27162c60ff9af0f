// SPDX-License-Identifier: BSD-3-Clause
// control: from what is configured to what workers look up. Routes, addresses, tunnels and
// neighbours come in; next hops, route tables and the tunnel table are kept in step with them, a
// change touching just what it covers.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "culvert/control/link.hpp"
#include "culvert/control/rib.hpp"
#include "culvert/fib/forwarding.hpp"
#include "culvert/slowpath/neighbours.hpp"
#include "culvert/slowpath/tunnel_quote.hpp"

namespace culvert {

/// What makes two routes share a next hop.
struct HopKey {
  int dev = 0;
  Family payload = Family::ipv4;
  std::optional<IpAddress> gateway;  ///< or, where `adjacent`, the destination itself
  bool adjacent = false;             ///< exists because the neighbour does, and does not keep it
  friend auto operator<=>(const HopKey&, const HopKey&) = default;
};

/// What outer packets show of the hop that makes them.
struct OuterEnd {
  Ipv4Address remote;  ///< or derived_remote
  TunnelMode mode{};
  std::optional<std::uint32_t> key;  ///< output, host byte order
  friend auto operator<=>(const OuterEnd&, const OuterEnd&) = default;
};

/// Stands for the remote endpoints that inner addresses name, packet by packet.
inline constexpr Ipv4Address derived_remote{};

/// A next hop and all that it was made from.
struct Hop {
  NextHopId id = no_next_hop;
  unsigned users = 0;                   ///< routes in the table, and other hops
  NeighbourEntry* neighbour = nullptr;  ///< held
  Hop* next = nullptr;                  ///< held: a tunnel that the outer packet enters
  std::optional<OuterEnd> end;          ///< its remote is resolved through the routes
  std::set<const HopKey*> inner;        ///< hops whose `next` this is
  const HopKey* key = nullptr;
};

/// Bytes that a tunnel adds to each packet.
[[nodiscard]] unsigned tunnel_overhead(const TunnelParameters& tunnel);

class Resolver {
 public:
  Resolver(Forwarding& forwarding, Links& links, Neighbours& neighbours);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  template <typename Address>
  [[nodiscard]] Rib<Address>& rib() noexcept {
    return family<Address>().rib;
  }

  /// The node of `prefix` has been changed: brings the table in step with it, and queues what is
  /// resolved through it. Throws std::system_error (ENOMEM) with the table unchanged.
  template <typename Address>
  void prefix_changed(const Prefix<Address>& prefix);

  /// MTU, endpoints, addresses or outer neighbours of a link have changed: renders its hops anew.
  void link_changed(const Link& link);

  /// The link's carrier has come or gone, and with it the routes by it, which stay configured:
  /// queues them, found in one pass over all routes, whatever number of links that is for.
  void line_changed(const Link& link);

  /// Everything that is resolved at all: for changes that no prefix describes.
  void all_changed();

  /// What packets into a tunnel meet where no route says more. Its neighbour is not held.
  [[nodiscard]] NextHop hop_of(const Link& tunnel, Family payload);

  /// The outer addresses that routes by this tunnel name as ::a.b.c.d, in order.
  [[nodiscard]] std::vector<Ipv4Address> relays(const Link& tunnel) const;

  /// The tunnel's record for decapsulation, as it should be now.
  [[nodiscard]] Tunnel termination(const Link& tunnel) const;

  void neighbour_added(int dev, const IpAddress& address);
  void neighbour_removed(int dev, const IpAddress& address);

  /// Goes on with what is queued, at most `budget` resolutions. True if there is more.
  bool work(unsigned budget);

  /// The route that packets to `address` take; null without one. `dev`: only routes by that link.
  template <typename Address>
  struct Found {
    const Prefix<Address>* prefix = nullptr;
    Ownership ownership = Ownership::none;
    const Route<Address>* route = nullptr;  ///< null if `ownership` says what it is
  };
  template <typename Address>
  [[nodiscard]] std::optional<Found<Address>> find_route(const Address& address, int dev = 0) const;

  /// The source address that a packet of ours to `destination` has by this route.
  template <typename Address>
  [[nodiscard]] std::optional<Address> source_address(const Route<Address>& route,
                                                      const Address& destination) const;
  /// Of ours, on that link or else anywhere; in the subnet of `near` if there is one.
  template <typename Address>
  [[nodiscard]] std::optional<Address> address_on(const Link* link, const Address& near) const;

  /// What was learned of the path to `remote` has changed: queues the hops that end there.
  void path_mtu_changed(Ipv4Address remote) { paths_changed(remote, remote); }
  /// The same for all remotes in this range.
  void paths_changed(Ipv4Address first, Ipv4Address last);

  /// The tunnel with a hop that makes such packets, as far as the quote shows. Looks at a bounded
  /// number of hops.
  [[nodiscard]] const Link* sender_of(const TunnelQuote& quote) const;

  /// MTU of the path that a tunnel's outer packets take, or empty: for the tunnel's own default.
  [[nodiscard]] std::optional<unsigned> outer_mtu(Ipv4Address remote, int dev) const;

 private:
  using OuterPlace = std::pair<OuterEnd, HopKey>;
  /// Addresses under a prefix that changed, from `next` on still to be looked at.
  template <typename Address>
  struct Range {
    Address next;
    Address last;
  };
  /// Remotes from `first` to `last`, of whose hops those up to `done` have been rendered again.
  struct RemoteRange {
    Ipv4Address first;
    Ipv4Address last;
    std::optional<OuterPlace> done;
  };
  template <typename Address>
  struct PerFamily {
    Rib<Address> rib;
    std::set<Address> neighbours;  ///< host prefixes with neighbours
    std::deque<Range<Address>> changed;
    std::set<int> lines;    ///< links whose routes are being looked for
    std::set<int> waiting;  ///< those that the next pass is for
    std::optional<Prefix<Address>> passed;
  };
  template <typename Address>
  [[nodiscard]] auto& family() noexcept {
    if constexpr (std::is_same_v<Address, Ipv4Address>) {
      return ipv4_;
    } else {
      return ipv6_;
    }
  }
  template <typename Address>
  [[nodiscard]] const auto& family() const noexcept {
    return const_cast<Resolver*>(this)->family<Address>();
  }
  template <typename Address>
  [[nodiscard]] auto& table() noexcept {
    if constexpr (std::is_same_v<Address, Ipv4Address>) {
      return forwarding_.ipv4;
    } else {
      return forwarding_.ipv6;
    }
  }

  struct Outer {
    NextHop::Kind kind = NextHop::Kind::no_outer_route;
    const Route<Ipv4Address>* route = nullptr;
    const Link* link = nullptr;
    Ipv4Address next{};  ///< gateway, or the remote endpoint itself
  };

  template <typename Address>
  void install(const Prefix<Address>& prefix);
  template <typename Address>
  void owned(const Prefix<Address>& prefix, NextHopId before, NextHopId now) noexcept;
  template <typename Address>
  [[nodiscard]] NextHopId wanted(const Prefix<Address>& prefix, const RibNode<Address>& node);
  template <typename Address>
  void entered(const Prefix<Address>& prefix, int dev, bool present);
  template <typename Address>
  void reinstall_neighbours(unsigned& budget);
  template <typename Address>
  void reinstall_lines(unsigned& budget);
  /// The first route that leads anywhere, by that link if one is given; null if none does.
  template <typename Address>
  [[nodiscard]] const Route<Address>* best_route(const RibNode<Address>& node,
                                                 int dev = 0) const noexcept;
  void resolve_remotes(unsigned& budget);

  [[nodiscard]] Hop& acquire(const HopKey& key);
  void release(Hop& hop);
  void render_again(Hop& hop);
  [[nodiscard]] NextHop render(Hop& hop);
  [[nodiscard]] NextHop render_port(Hop& hop, const Link& link);
  [[nodiscard]] NextHop render_tunnel(Hop& hop, const Link& link);
  [[nodiscard]] NextHop render_endpoint(Hop& hop, const Link& link);
  [[nodiscard]] Outer resolve_outer(Ipv4Address remote, int dev) const;
  [[nodiscard]] static std::optional<Ipv4Address> remote_of(const Link& link, const HopKey& key);
  void set_end(Hop& hop, const std::optional<OuterEnd>& end);
  [[nodiscard]] const Link* sender_to(Ipv4Address remote, const TunnelQuote& quote) const;
  [[nodiscard]] bool makes(const HopKey& key, const TunnelQuote& quote) const;
  [[nodiscard]] bool derives(const Link& link, const TunnelQuote& quote) const;
  void set_dependence(Hop& hop, NeighbourEntry* neighbour, Hop* next);

  Forwarding& forwarding_;
  Links& links_;
  Neighbours& neighbours_;
  PerFamily<Ipv4Address> ipv4_;
  PerFamily<Ipv6Address> ipv6_;
  std::map<HopKey, Hop> hops_;
  std::map<NextHopId, Hop*> by_id_;
  std::set<OuterPlace> by_end_;
  std::deque<RemoteRange> changed_remotes_;
  NextHopId local_ = no_next_hop;
  NextHopId broadcast_ = no_next_hop;
  NextHopId unreachable_ = no_next_hop;
  NextHopId prohibited_ = no_next_hop;
  NextHopId blackhole_ = no_next_hop;
};

}  // namespace culvert
