// SPDX-License-Identifier: BSD-3-Clause
// fib: the root of all that workers look up. One control thread writes; workers only read.
#pragma once

#include <cstddef>

#include "culvert/fib/next_hop.hpp"
#include "culvert/fib/own_addresses.hpp"
#include "culvert/fib/path_mtu_table.hpp"
#include "culvert/fib/pending_errors.hpp"
#include "culvert/fib/quiescence.hpp"
#include "culvert/fib/route_table.hpp"
#include "culvert/fib/tunnel_table.hpp"

namespace culvert {

struct Forwarding {
  struct Capacity {
    unsigned workers = 1;
    std::size_t next_hops = std::size_t{1} << 20U;
    std::size_t ipv4_groups = std::size_t{1} << 20U;  ///< /25 to /32 below this many /24
    std::size_t ipv6_groups = std::size_t{1} << 22U;
    std::size_t tunnels = std::size_t{1} << 20U;
    std::size_t path_mtus = std::size_t{1} << 17U;
  };

  explicit Forwarding(const Capacity& capacity)
      : quiescence(capacity.workers),
        next_hops(quiescence, capacity.next_hops),
        ipv4(quiescence, capacity.ipv4_groups),
        ipv6(quiescence, capacity.ipv6_groups),
        tunnels(quiescence, capacity.tunnels),
        path_mtus(capacity.path_mtus),
        pending_errors(capacity.tunnels) {}
  /// No worker runs any more.
  ~Forwarding() { quiescence.synchronize(); }
  Forwarding(const Forwarding&) = delete;
  Forwarding& operator=(const Forwarding&) = delete;

  /// What becomes of packets to `address`.
  [[nodiscard]] const NextHop& route(Ipv4Address address) const noexcept {
    return next_hops[ipv4.lookup(address)];
  }
  [[nodiscard]] const NextHop& route(const Ipv6Address& address) const noexcept {
    return next_hops[ipv6.lookup(address)];
  }
  /// Whether packets to `address` are for this gateway.
  template <typename Address>
  [[nodiscard]] bool is_own(const Address& address) const noexcept {
    return route(address).kind == NextHop::Kind::local;
  }

  Quiescence quiescence;
  NextHopTable next_hops;
  RouteTable<Ipv4Address> ipv4;
  RouteTable<Ipv6Address> ipv6;
  TunnelTable tunnels;
  PathMtuTable path_mtus;  ///< where next hops are not made with them: derived remotes
  PendingErrors pending_errors;
  OwnAddresses own;  ///< what `ipv4` and `ipv6` deliver here
};

}  // namespace culvert
