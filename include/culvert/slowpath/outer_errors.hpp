// SPDX-License-Identifier: BSD-3-Clause
// slowpath: what routers on the outer path say of packets that we encapsulated: path MTUs are
// learned, failures passed on to the senders of the inner packets. Control thread only.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "culvert/slowpath/icmp.hpp"
#include "culvert/slowpath/path_mtus.hpp"
#include "culvert/slowpath/tunnel_quote.hpp"

namespace culvert {

/// Whether the packet, for one of our addresses, is an ICMP error that may concern a tunnel.
[[nodiscard]] bool is_outer_error(const rte_mbuf* m) noexcept;

class OuterErrors {
 public:
  /// How long an error is worth telling: Linux's IPTUNNEL_ERR_TIMEO.
  static constexpr std::chrono::seconds memory{30};
  static constexpr std::size_t expirations_per_tick = 256;

  /// What becomes of outer packets, in the words for what becomes of ours.
  struct Failure {
    Drop reason;        ///< too_big, else neighbour_failed
    std::uint16_t mtu;  ///< bytes, with too_big
  };

  OuterErrors(Forwarding& forwarding, const Surroundings& surroundings, Icmp& icmp) noexcept
      : around_(surroundings),
        icmp_(icmp),
        pending_(forwarding.pending_errors),
        path_mtus_(forwarding.path_mtus, surroundings.host) {}

  /// Takes a packet that is_outer_error().
  void receive(rte_mbuf* m, Time now);
  /// A copy of a packet that a worker sent on although others before it had failed: its sender is
  /// told of them. Takes it.
  void tell_pending(rte_mbuf* copy, Time now);

  void tick(Time now);
  [[nodiscard]] PathMtus& path_mtus() noexcept { return path_mtus_; }
  /// The tunnel is gone; another one may get its index.
  void forget(std::uint32_t tunnel);

 private:
  void consider(rte_mbuf* m, const IcmpHeader& error, Time now);
  void pass_on(rte_mbuf* m, Failure failure, Time now);
  void remember(std::uint32_t tunnel, Time now);

  Surroundings around_;
  Icmp& icmp_;
  PendingErrors& pending_;
  PathMtus path_mtus_;
  std::map<std::uint32_t, Time> due_by_tunnel_;   ///< when what is pending is forgotten
  std::set<std::pair<Time, std::uint32_t>> due_;  ///< the same, by time
};

}  // namespace culvert
