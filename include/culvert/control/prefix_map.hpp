// SPDX-License-Identifier: BSD-3-Clause
// control: prefixes in the order in which `ip` shows routes, each with a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <type_traits>
#include <utility>
#include <vector>

#include "culvert/net/address.hpp"

namespace culvert {

/// IPv4 as fib_trie walks: by address, longer prefixes first. IPv6 as fib6_walk: more specific
/// routes before those that cover them, the default route last.
template <typename Address>
struct RouteOrder {
  /// Compared first.
  [[nodiscard]] static Address key(const Prefix<Address>& prefix) noexcept {
    if constexpr (std::is_same_v<Address, Ipv4Address>) {
      return prefix.address;
    } else {
      return prefix.last();
    }
  }
  [[nodiscard]] bool operator()(const Prefix<Address>& a, const Prefix<Address>& b) const noexcept {
    const Address key_a = key(a);
    const Address key_b = key(b);
    return key_a != key_b ? key_a < key_b : a.length > b.length;
  }
};

/// A map for each value of the first 16 bits: one tree of a million prefixes is so deep that most
/// of the time to load a full table would go into walking down, one miss of the caches after
/// another. Values stay where they are until they are erased.
template <typename Address, typename Value>
class PrefixMap {
  using Map = std::map<Prefix<Address>, Value, RouteOrder<Address>>;

 public:
  using Entry = typename Map::value_type;

  /// To read. Valid as long as the entry is there.
  class Iterator {
   public:
    [[nodiscard]] const Entry& operator*() const noexcept { return *at_; }
    [[nodiscard]] const Entry* operator->() const noexcept { return &*at_; }
    Iterator& operator++() noexcept {
      ++at_;
      skip_ends();
      return *this;
    }
    [[nodiscard]] bool operator==(const Iterator& other) const noexcept {
      return map_ == other.map_ && at_ == other.at_;
    }

   private:
    friend PrefixMap;
    using Inner = typename Map::const_iterator;
    Iterator(const std::vector<Map>& maps, std::size_t map, Inner at) noexcept
        : maps_(&maps), map_(map), at_(at) {
      skip_ends();
    }
    void skip_ends() noexcept {
      while (at_ == (*maps_)[map_].end() && map_ + 1 < maps_->size()) {
        at_ = (*maps_)[++map_].begin();
      }
    }

    const std::vector<Map>* maps_;
    std::size_t map_;
    Inner at_;
  };

  /// The value of `prefix`, made if there was none; and whether it was.
  [[nodiscard]] std::pair<Value&, bool> at(const Prefix<Address>& prefix) {
    const auto [position, fresh] = maps_[map_of(prefix)].try_emplace(prefix);
    return {position->second, fresh};
  }
  /// Null if there is none.
  [[nodiscard]] const Entry* find(const Prefix<Address>& prefix) const noexcept {
    const Map& map = maps_[map_of(prefix)];
    const auto position = map.find(prefix);
    return position == map.end() ? nullptr : &*position;
  }
  [[nodiscard]] Value* value(const Prefix<Address>& prefix) noexcept {
    Map& map = maps_[map_of(prefix)];
    const auto position = map.find(prefix);
    return position == map.end() ? nullptr : &position->second;
  }
  void erase(const Prefix<Address>& prefix) noexcept { maps_[map_of(prefix)].erase(prefix); }

  [[nodiscard]] Iterator begin() const noexcept { return {maps_, 0, maps_.front().begin()}; }
  [[nodiscard]] Iterator end() const noexcept {
    return {maps_, maps_.size() - 1, maps_.back().end()};
  }
  [[nodiscard]] Iterator lower_bound(const Prefix<Address>& prefix) const noexcept {
    const std::size_t map = map_of(prefix);
    return {maps_, map, maps_[map].lower_bound(prefix)};
  }
  [[nodiscard]] Iterator upper_bound(const Prefix<Address>& prefix) const noexcept {
    const std::size_t map = map_of(prefix);
    return {maps_, map, maps_[map].upper_bound(prefix)};
  }

 private:
  [[nodiscard]] static std::size_t map_of(const Prefix<Address>& prefix) noexcept {
    const Address key = RouteOrder<Address>::key(prefix);
    if constexpr (std::is_same_v<Address, Ipv4Address>) {
      return key.host() >> 16U;
    } else {
      return static_cast<std::size_t>(key.bytes[0]) << 8U | key.bytes[1];
    }
  }

  std::vector<Map> maps_ = std::vector<Map>(std::size_t{1} << 16U);
};

}  // namespace culvert
