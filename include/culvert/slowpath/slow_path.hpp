// SPDX-License-Identifier: BSD-3-Clause
// slowpath: what workers leave to the control thread, each packet to whom it concerns: neighbours
// that are not resolved yet, ARP and neighbour discovery, ICMP and answers to keepalives for us,
// errors about others' packets. Control thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <rte_mempool.h>

#include "culvert/dataplane/exchange.hpp"
#include "culvert/slowpath/arp.hpp"
#include "culvert/slowpath/discovery.hpp"
#include "culvert/slowpath/icmp.hpp"
#include "culvert/slowpath/keepalive.hpp"
#include "culvert/slowpath/outer_errors.hpp"

namespace culvert {

class SlowPath final : private NeighbourOutput {
 public:
  static constexpr unsigned punts_per_poll = 256;

  /// `counters` are the control thread's own; `pool` makes mbufs with a private area of facts_size;
  /// `exchanges` are those of all workers, by number. All of them outlive this.
  SlowPath(Forwarding& forwarding, Neighbours& neighbours, Host& host, Counters& counters,
           rte_mempool* pool, std::span<Exchange* const> exchanges, const IcmpLimits& limits = {});
  /// Frees what the neighbours hold.
  ~SlowPath() override;
  SlowPath(const SlowPath&) = delete;
  SlowPath& operator=(const SlowPath&) = delete;

  /// Takes up to `punts_per_poll` packets, from all workers in turn. Returns how many.
  std::size_t poll(Time now);
  /// Drives the timers: neighbours', keepalives', those of what was learned; each call bounded.
  void tick(Time now);

  [[nodiscard]] OuterErrors& outer_errors() noexcept { return outer_errors_; }
  [[nodiscard]] Keepalives& keepalives() noexcept { return keepalives_; }

 private:
  void handle(rte_mbuf* m);
  void resolve(rte_mbuf* m);
  void receive(rte_mbuf* m);
  [[nodiscard]] NextHop route_of(rte_mbuf* m) const noexcept;
  void hold(NeighbourEntry& neighbour, rte_mbuf* m);

  void solicit(const NeighbourEntry& neighbour) override;
  void resume(rte_mbuf* m) override;
  void discard(rte_mbuf* m, Drop reason) override;

  std::span<Exchange* const> exchanges_;
  Outbox outbox_;
  Surroundings around_;
  Arp arp_;
  Discovery discovery_;
  Icmp icmp_;
  OuterErrors outer_errors_;
  Keepalives keepalives_;
  Time now_{};                   // of the poll or tick that is running, or was the last
  std::size_t next_worker_ = 0;  // with whose punts the next poll begins
};

}  // namespace culvert
