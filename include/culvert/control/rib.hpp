// SPDX-License-Identifier: BSD-3-Clause
// control: all routes of one family, ordered as `ip` shows them, with the longest match for
// whatever the control thread has to resolve.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "culvert/control/command.hpp"
#include "culvert/control/prefix_map.hpp"
#include "culvert/fib/next_hop_id.hpp"
#include "culvert/net/address.hpp"

namespace culvert {

template <typename Address>
struct Route {
  RouteType type = RouteType::unicast;
  RouteProtocol protocol = RouteProtocol::boot;
  bool onlink = false;
  int dev = 0;  ///< ifindex; 0 for the types that have none
  std::uint32_t metric = 0;
  std::optional<Address> gateway;
  std::optional<Address> source;  ///< preferred source address
};

template <typename Address>
inline constexpr Family family_of =
    std::is_same_v<Address, Ipv4Address> ? Family::ipv4 : Family::ipv6;

/// What a prefix means to the host itself, which comes before any route (the table `local`).
enum class Ownership : std::uint8_t { none, local, broadcast };

template <typename Address>
struct RibNode {
  std::vector<Route<Address>> routes;  ///< by metric, equal ones in the order of their arrival
  unsigned local = 0;                  ///< addresses of ours that it is
  unsigned broadcast = 0;              ///< subnets of ours whose broadcast address it is
  std::vector<int> neighbours;  ///< host prefixes only: links that know a neighbour of this address
  NextHopId installed = no_next_hop;  ///< what the forwarding table says

  [[nodiscard]] Ownership ownership() const noexcept {
    if (local != 0) {
      return Ownership::local;
    }
    return broadcast != 0 ? Ownership::broadcast : Ownership::none;
  }
  [[nodiscard]] bool is_empty() const noexcept {
    return routes.empty() && ownership() == Ownership::none && neighbours.empty();
  }
};

template <typename Address>
class Rib {
 public:
  using Node = RibNode<Address>;
  using Map = PrefixMap<Address, Node>;
  using Entry = typename Map::Entry;

  [[nodiscard]] Node& at(const Prefix<Address>& prefix) {
    const auto [node, fresh] = nodes_.at(prefix);
    if (fresh) {
      ++lengths_[prefix.length];
    }
    return node;
  }
  [[nodiscard]] Node* find(const Prefix<Address>& prefix) noexcept { return nodes_.value(prefix); }
  void remove_if_empty(const Prefix<Address>& prefix) noexcept {
    if (const Node* const node = nodes_.value(prefix); node != nullptr && node->is_empty()) {
      nodes_.erase(prefix);
      --lengths_[prefix.length];
    }
  }

  /// The longest prefix of `address`, at most `longest` bits, whose node satisfies `accept`.
  template <typename Accept>
  [[nodiscard]] const Entry* match(const Address& address, unsigned longest,
                                   Accept&& accept) const {
    for (unsigned length = longest + 1; length-- > 0;) {
      if (lengths_[length] == 0) {
        continue;
      }
      const Entry* const entry = nodes_.find(Prefix<Address>::of(address, length));
      if (entry != nullptr && accept(entry->second)) {
        return entry;
      }
    }
    return nullptr;
  }

  [[nodiscard]] const Map& nodes() const noexcept { return nodes_; }

 private:
  Map nodes_;
  std::array<std::size_t, Address::bits + 1> lengths_{};  ///< nodes of each prefix length
};

}  // namespace culvert
