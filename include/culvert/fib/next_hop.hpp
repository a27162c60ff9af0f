// SPDX-License-Identifier: BSD-3-Clause
// fib: what a route points at, complete, and the table that gives each one its number.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "culvert/codec/layer.hpp"
#include "culvert/codec/mode.hpp"
#include "culvert/fib/lazy_array.hpp"
#include "culvert/fib/neighbour.hpp"
#include "culvert/fib/next_hop_id.hpp"
#include "culvert/fib/quiescence.hpp"
#include "culvert/net/headers.hpp"

namespace culvert {

struct SitRules;

/// Immutable once published.
struct alignas(64) NextHop {
  enum class Kind : std::uint8_t {
    forward,    ///< to `neighbour`
    tunnel,     ///< behind `outer`, then to `neighbour`, or into `next` if there is none
    none,       ///< no route; this and all below do not send a packet on
    connected,  ///< on link at `port`: the destination itself is the neighbour to find
    local,      ///< for this gateway
    broadcast,  ///< of a connected subnet
    unreachable,
    prohibited,
    blackhole,
    no_outer_route,  ///< tunnel whose remote endpoint has no route
    dead_loop,       ///< tunnel whose remote endpoint is routed into itself
    no_remote,       ///< tunnel without a remote endpoint that anything names
    derived,         ///< tunnel whose remote endpoint may stand in the inner destination
  };

  RenderedHeader outer{};          ///< `tunnel` only; its bytes fill the first cache line
  Neighbour* neighbour = nullptr;  ///< mutable: see Reachability::idle
  std::uint32_t tunnel = 0;        ///< index of its counters; the kinds of tunnels only
  NextHopId next = 0;              ///< the outer header's own next hop where that is a tunnel
  std::uint16_t mtu = 0;           ///< bytes of IP that fit as they are, before encapsulation
  std::uint16_t device_mtu = 0;    ///< `tunnel`: the same if its outer packet may be fragmented
  std::uint16_t path_mtu = 0;      ///< `tunnel`: bytes of a fragment of such an outer packet
  std::uint16_t tcp_mss = 0;       ///< `tunnel`: the most that a TCP SYN may announce; 0: any
  std::uint16_t port = 0;          ///< index; `forward` and `connected`
  Ipv4Address own{};               ///< of ours on the link that it sends by: for IP options, and as
                                   ///< the source behind derived endpoints without `local`
  Kind kind = Kind::none;
  TunnelMode mode{};
  /// `derived`: what it is for a destination in which no endpoint stands; `derived` again if that
  /// may be ::a.b.c.d.
  Kind otherwise = Kind::none;
  bool usual = false;             ///< is_usual(), as the table of next hops notes
  std::uint16_t tunnel_mtu = 0;   ///< `derived`: the tunnel's own
  const SitRules* sit = nullptr;  ///< `derived` only

  /// Bytes of IP that are sent on whole, in one outer packet: what is bigger is fragmented before
  /// (IPv4 without DF) or refused. Beyond `mtu` only where the outer header leaves DF clear.
  [[nodiscard]] std::uint16_t whole_mtu() const noexcept {
    const bool fixed = (outer.fragment & Ipv4Header::dont_fragment) != 0;
    return fixed || device_mtu < mtu ? mtu : device_mtu;
  }
};
static_assert(sizeof(NextHop) == 128);

/// What nearly all packets meet: they are sent on, straight to a neighbour, and nothing about them
/// but the outer IPv4 header and a checksum of GRE differs from one to the next.
[[nodiscard]] inline bool is_usual(const NextHop& next_hop) noexcept {
  return next_hop.kind < NextHop::Kind::none && next_hop.neighbour != nullptr &&
         (next_hop.outer.fields & ~gre_field::checksum) == 0 && next_hop.tcp_mss == 0;
}

/// What fits a tunnel whose header is rendered, and what becomes of the rest; `path_mtu` is that of
/// its outer packets, all in bytes. IPv6 needs 1280 of every link (RFC 8200 section 5): where these
/// do not fit, the outer header leaves DF clear (RFC 4213 section 3.2.2, for GRE too).
void set_limits(NextHop& tunnel, unsigned device_mtu, unsigned path_mtu, bool ipv6) noexcept;

/// Numbers that routes hold, each a next hop that can be replaced without touching the routes.
/// Workers read; everything else is for the control thread.
class NextHopTable {
 public:
  NextHopTable(Quiescence& quiescence, std::size_t capacity);
  ~NextHopTable();
  NextHopTable(const NextHopTable&) = delete;
  NextHopTable& operator=(const NextHopTable&) = delete;

  /// Of a number that a route table gave, 0 included: that one is `none`.
  [[nodiscard]] const NextHop& operator[](NextHopId id) const noexcept {
    return *slots_[id].load(std::memory_order_acquire);
  }

  /// Throws std::system_error (ENOMEM) when all numbers are taken.
  [[nodiscard]] NextHopId create(const NextHop& next_hop);
  void replace(NextHopId id, const NextHop& next_hop);
  /// No route holds `id` any more; workers may still for a moment.
  void destroy(NextHopId id);
  [[nodiscard]] std::size_t size() const noexcept { return next_unused_ - free_.size() - waiting_; }

 private:
  LazyArray<std::atomic<const NextHop*>> slots_;  // read by workers

  // The control thread's own.
  alignas(64) Quiescence& quiescence_;
  std::size_t capacity_;
  std::vector<NextHopId> free_;
  NextHopId next_unused_ = 1;
  std::size_t waiting_ = 1;  // for their grace period, and number 0
};

}  // namespace culvert
