// SPDX-License-Identifier: BSD-3-Clause
// fib: longest prefix match for workers, one multibit trie for both families. This room uses DPDK's
// RCU (through Quiescence) and nothing else of DPDK.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "culvert/fib/index_pool.hpp"
#include "culvert/fib/lazy_array.hpp"
#include "culvert/fib/next_hop_id.hpp"
#include "culvert/fib/quiescence.hpp"
#include "culvert/fib/route_entry.hpp"
#include "culvert/net/address.hpp"

namespace culvert {

/// The route that takes over where another is removed: the longest one that covers it.
struct Cover {
  unsigned length;  ///< shorter than that of the route removed
  NextHopId id;
};

/// Address to next hop. Any number of threads look up, without locks, while one thread changes the
/// table; it keeps no copy of the routes: who changes it knows them.
///
/// Routes of 9 bits and more stand in the trie: a root indexed by 24 bits, then groups indexed by 8
/// bits each. Where it has none, a small array indexed by the first byte has what the routes of 0
/// to 8 bits say: so a change of the default route is cheap, and none writes more than 2^15
/// entries.
template <typename Address>
class RouteTable {
 public:
  /// At most 2^24 groups. A group (1 KiB, taken when needed) holds the routes of /25 to /32 below
  /// one /24, or those of 8 further bits of an IPv6 address. Throws std::system_error.
  RouteTable(Quiescence& quiescence, std::size_t group_capacity);
  /// No reader may look anything up any more.
  ~RouteTable();
  RouteTable(const RouteTable&) = delete;
  RouteTable& operator=(const RouteTable&) = delete;

  /// The next hop of the longest prefix that holds `key`, or no_next_hop.
  [[nodiscard]] NextHopId lookup(const Address& key) const noexcept;
  /// The same for many: out[i] is for keys[i].
  void lookup(std::span<const Address> keys, NextHopId* out) const noexcept;

  /// One look at the table, for any number of keys: see look_up(). What it finds counts if
  /// is_whole() says so afterwards; else what was looked for may have moved meanwhile.
  class Look {
   public:
    [[nodiscard]] NextHopId find(const Address& key) const noexcept;
    [[nodiscard]] bool is_whole() const noexcept {
      return table_.wide_changes_.load(std::memory_order_relaxed) == before_;
    }

   private:
    friend class RouteTable;
    explicit Look(const RouteTable& table) noexcept
        : table_(table),
          root_(table.root_.data()),
          groups_(table.groups_.data()),
          before_(table.wide_changes_.load(std::memory_order_acquire)) {}
    const RouteTable& table_;
    // For registers: the compiler may not keep members across an acquire.
    const std::atomic<RouteEntry>* root_;
    const std::atomic<RouteEntry>* groups_;
    std::uint32_t before_;
  };
  [[nodiscard]] Look look() const noexcept { return Look(*this); }

  /// Adds the route, or changes its next hop (1 … max_next_hop_id). Readers see the old or the new.
  /// Throws std::system_error(ENOMEM), with nothing changed, when no group is left; before that it
  /// polls the Quiescence.
  void set(const Prefix<Address>& prefix, NextHopId id);
  /// Removes the route; readers fall back on `cover`, empty where no route covers the prefix.
  /// Without effect when there is no such route.
  void clear(const Prefix<Address>& prefix, std::optional<Cover> cover);

  /// Groups that are linked or wait for their grace period.
  [[nodiscard]] std::size_t groups_in_use() const noexcept { return group_pool_.in_use(); }

 private:
  using Entry = std::atomic<RouteEntry>;
  static constexpr unsigned wide_length = 8;
  static constexpr unsigned root_length = 24;
  static constexpr std::size_t group_size = 256;
  /// The root is level 0; a group of level n decides on the 8 bits that end at bit level_end(n).
  static constexpr unsigned last_level = (Address::bits - root_length) / 8;
  struct Lengths {
    unsigned shortest;
    unsigned longest;
  };
  using Path = std::array<Entry*, last_level + 1>;
  [[nodiscard]] static std::uint32_t first_word(const Address& key) noexcept;
  [[nodiscard]] static std::uint32_t byte(const Address& key, unsigned level) noexcept;

  void set_wide(const Prefix<Address>& prefix, Lengths replaced, Cover now) noexcept;
  unsigned walk(const Prefix<Address>& prefix, Path& path) noexcept;
  void paint(unsigned level, std::span<Entry> entries, Lengths replaced, RouteEntry now) noexcept;
  void put(unsigned level, Entry& entry, RouteEntry now) noexcept;
  void graft(const Prefix<Address>& prefix, unsigned level, Entry& entry, RouteEntry now);
  void collapse(const Path& path, unsigned level);
  [[nodiscard]] std::uint32_t group_of(const Entry& entry) const noexcept {
    return static_cast<std::uint32_t>(static_cast<std::size_t>(&entry - groups_.data()) /
                                      group_size);
  }
  [[nodiscard]] std::span<Entry> entries_of(std::uint32_t group) noexcept {
    return {&groups_[group * group_size], group_size};
  }

  // Read by workers.
  LazyArray<Entry> root_;
  LazyArray<Entry> groups_;
  std::array<std::atomic<NextHopId>, 256> wide_{};
  /// Rises before wide_ changes. Without it a reader could look into the trie before a route is set
  /// there and into wide_ after the one above is cleared, and miss both: then it starts again.
  std::atomic<std::uint32_t> wide_changes_{0};

  // The control thread's own.
  alignas(64) Quiescence& quiescence_;
  std::array<std::uint8_t, 256> wide_lengths_{};
  LazyArray<std::uint16_t> specifics_;  // by group: entries that the group exists for
  IndexPool group_pool_;
};

template <typename Address>
inline std::uint32_t RouteTable<Address>::first_word(const Address& key) noexcept {
  if constexpr (Address::bits == 32) {
    return key.host();
  } else {
    be32 word;
    std::memcpy(&word, key.bytes.data(), sizeof word);
    return word.host();
  }
}

template <typename Address>
inline NextHopId RouteTable<Address>::Look::find(const Address& key) const noexcept {
  const std::uint32_t word = first_word(key);
  RouteEntry entry = root_[word >> 8U].load(std::memory_order_acquire);
  if constexpr (Address::bits == 32) {
    if (entry.is_group()) {
      entry = groups_[entry.next(word & 0xffU)].load(std::memory_order_acquire);
    }
  } else {
    for (unsigned at = 3; entry.is_group(); ++at) {
      entry = groups_[entry.next(key.bytes[at])].load(std::memory_order_acquire);
    }
  }
  if (entry.id() != no_next_hop) [[likely]] {
    return entry.id();
  }
  return table_.wide_[word >> 24U].load(std::memory_order_acquire);
}

/// Calls `find` with a look at each of the tables, again if something has moved meanwhile: what it
/// finds last counts.
template <typename Find, typename... Addresses>
inline void look_up(Find find, const RouteTable<Addresses>&... tables) noexcept {
  const auto finds_all = [&find](const auto&... looks) {
    find(looks...);
    return (looks.is_whole() && ...);
  };
  while (!finds_all(tables.look()...)) {
  }
}

template <typename Address>
inline void RouteTable<Address>::lookup(std::span<const Address> keys,
                                        NextHopId* out) const noexcept {
  look_up(
      [keys, out](const Look& look) {
        for (std::size_t i = 0; i < keys.size(); ++i) {
          out[i] = look.find(keys[i]);
        }
      },
      *this);
}

template <typename Address>
inline NextHopId RouteTable<Address>::lookup(const Address& key) const noexcept {
  NextHopId result = no_next_hop;
  lookup({&key, 1}, &result);
  return result;
}

extern template class RouteTable<Ipv4Address>;
extern template class RouteTable<Ipv6Address>;

}  // namespace culvert
