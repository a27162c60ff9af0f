// SPDX-License-Identifier: BSD-3-Clause
// tests/fib: Linux's choice of a tunnel as one would write it down: a list, searched once for each
// class. The reference for TunnelTable.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include "culvert/fib/tunnel.hpp"

namespace culvert::test {

class LinearTunnels {
 public:
  using Test = std::function<bool(const Tunnel&)>;

  void insert(const Tunnel& tunnel) { list_.insert(list_.begin(), tunnel); }
  void erase(const Tunnel& tunnel) { list_.erase(at(tunnel)); }
  /// One that stays what it is identified by keeps its place, else it is the newest.
  void replace(const Tunnel& old, const Tunnel& now) {
    if (same(old, now)) {
      *at(old) = now;
    } else {
      erase(old);
      insert(now);
    }
  }
  [[nodiscard]] bool contains(const Tunnel& tunnel) const {
    return std::any_of(list_.begin(), list_.end(),
                       [&](const Tunnel& other) { return same(other, tunnel); });
  }
  [[nodiscard]] const std::vector<Tunnel>& list() const { return list_; }

  [[nodiscard]] std::optional<Tunnel> lookup(const TunnelQuery& packet) const {
    const auto key_matches = [&](const Tunnel& t) {
      return t.keyed == packet.has_key && t.key == packet.key;
    };
    const Test both = [&](const Tunnel& t) {
      return t.local == packet.local && t.remote == packet.remote && key_matches(t);
    };
    const Test remote = [&](const Tunnel& t) {
      return t.local.is_any() && t.remote == packet.remote && key_matches(t);
    };
    const Test local = [&](const Tunnel& t) {
      return t.local == packet.local && t.remote.is_any() && key_matches(t);
    };
    const Test local_or_group = [&](const Tunnel& t) {
      return local(t) ||
             (t.remote == packet.local && packet.local.is_multicast() && key_matches(t));
    };
    const Test any = [&](const Tunnel& t) {
      return t.local.is_any() && t.remote.is_any() && t.key == packet.key;
    };
    return packet.mode == TunnelMode::sit
               ? strict(packet, {both, remote, local, any})
               : bound_first(packet, {both, remote, local_or_group, any});
  }

 private:
  [[nodiscard]] static bool same(const Tunnel& a, const Tunnel& b) {
    return a.local == b.local && a.remote == b.remote && a.key == b.key && a.mode == b.mode &&
           a.keyed == b.keyed && a.bound_port == b.bound_port;
  }
  [[nodiscard]] std::vector<Tunnel>::iterator at(const Tunnel& tunnel) {
    return std::find_if(list_.begin(), list_.end(),
                        [&](const Tunnel& other) { return same(other, tunnel); });
  }

  /// ipip and gre: ip_tunnel_lookup().
  [[nodiscard]] std::optional<Tunnel> bound_first(const TunnelQuery& packet,
                                                  const std::vector<Test>& classes) const {
    std::optional<Tunnel> candidate;
    for (std::size_t i = 0; i < classes.size(); ++i) {
      for (const Tunnel& tunnel : list_) {
        if (tunnel.mode != packet.mode || !tunnel.up || !classes[i](tunnel)) {
          continue;
        }
        if (tunnel.bound_port == packet.port) {
          return tunnel;
        }
        if (i == 0 || !candidate) {  // the last one of the first class, the first one of the others
          candidate = tunnel;
        }
      }
    }
    return candidate;
  }
  /// sit: ipip6_tunnel_lookup().
  [[nodiscard]] std::optional<Tunnel> strict(const TunnelQuery& packet,
                                             const std::vector<Test>& classes) const {
    for (const Test& matches : classes) {
      for (const Tunnel& tunnel : list_) {
        const bool here = tunnel.bound_port == any_port || tunnel.bound_port == packet.port;
        if (tunnel.mode == packet.mode && tunnel.up && here && matches(tunnel)) {
          return tunnel;
        }
      }
    }
    return std::nullopt;
  }

  std::vector<Tunnel> list_;  // the newest first
};

}  // namespace culvert::test
