// SPDX-License-Identifier: BSD-3-Clause
// slowpath: path MTU discovery for outer packets (RFC 1191): what is learned of each remote
// endpoint, and for how long. Control thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "culvert/fib/path_mtu_table.hpp"
#include "culvert/slowpath/host.hpp"
#include "culvert/slowpath/neighbours.hpp"

namespace culvert {

/// RFC 1191 section 7.1: the size to try next where a router did not say which one it takes: below
/// `length`, the size of the packet that it refused. 68 at least.
[[nodiscard]] std::uint16_t plateau_below(std::uint16_t length) noexcept;

/// What was learned stands in the table, where workers read it; `host` is told of each change.
class PathMtus {
 public:
  // Linux's ip_rt_min_pmtu and ip_rt_mtu_expires.
  static constexpr std::uint16_t least = 552;
  static constexpr std::chrono::seconds lifetime{600};
  /// In each tick(), a part of the table, so that all of it is seen within a second.
  static constexpr std::size_t ticks_a_round = 16;

  PathMtus(PathMtuTable& table, Host& host) noexcept : table_(table), host_(host) {}

  /// A router towards `remote` refused a packet of `length` bytes and says that it takes `reported`
  /// (0: it does not say); so far the path took `first_link` bytes, or what is in the table.
  /// Returns what is to be believed of the path, in bytes; empty if nothing is known of it.
  std::optional<std::uint16_t> learn(Ipv4Address remote, std::uint16_t reported,
                                     std::uint16_t length, std::uint16_t first_link, Time now);

  /// Forgets what is too old.
  void tick(Time now);
  /// Forgets everything, and leaves it to the caller to tell.
  void clear() noexcept { table_.clear(); }

  struct Learned {
    std::uint16_t mtu;          ///< bytes of an outer packet
    std::chrono::seconds left;  ///< until it is forgotten, rounded down
  };
  [[nodiscard]] std::optional<Learned> find(Ipv4Address remote, Time now) const noexcept;

 private:
  PathMtuTable& table_;
  Host& host_;
  std::size_t next_bucket_ = 0;
};

}  // namespace culvert
