// SPDX-License-Identifier: BSD-3-Clause
// fib: how the control thread changes a RouteTable. Every entry that a reader can reach is at every
// moment what it was or what it shall be: a group is filled before it is linked, and is reused only
// after a grace period.
#include "culvert/fib/route_table.hpp"

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace culvert {
namespace {

constexpr std::size_t max_groups = std::size_t{1} << 24U;

/// The last bit of an address that a block (the root, a group) of this level decides on.
constexpr unsigned level_end(unsigned level) {
  return 24 + 8 * level;
}
/// The bits of an address that all entries of a block have in common.
constexpr unsigned level_begin(unsigned level) {
  return level == 0 ? 0 : level_end(level - 1);
}
constexpr unsigned level_of(unsigned length) {
  return length <= 24 ? 0 : (length - 24 + 7) / 8;
}

}  // namespace

template <typename Address>
RouteTable<Address>::RouteTable(Quiescence& quiescence, std::size_t group_capacity)
    : root_(std::size_t{1} << root_length, PageAdvice::huge),
      groups_(group_capacity * group_size, PageAdvice::huge),
      quiescence_(quiescence),
      specifics_(group_capacity),
      group_pool_(group_capacity) {
  if (group_capacity > max_groups) {
    throw std::system_error(EINVAL, std::generic_category(), "RouteTable: groups");
  }
}

template <typename Address>
RouteTable<Address>::~RouteTable() {
  quiescence_.synchronize();  // groups on their way back
}

template <typename Address>
std::uint32_t RouteTable<Address>::byte(const Address& key, unsigned level) noexcept {
  if constexpr (Address::bits == 32) {
    return key.host() & 0xffU;
  } else {
    return key.bytes[level + 2];
  }
}

template <typename Address>
void RouteTable<Address>::set(const Prefix<Address>& prefix, NextHopId id) {
  if (prefix.length > Address::bits || id == no_next_hop || id > max_next_hop_id) {
    throw std::invalid_argument("RouteTable::set");
  }
  const Lengths replaced{0, prefix.length};
  if (prefix.length <= wide_length) {
    set_wide(prefix, replaced, {prefix.length, id});
    return;
  }
  Path path{};
  const unsigned level = walk(prefix, path);
  const RouteEntry now = RouteEntry::route(prefix.length, id);
  if (level < level_of(prefix.length)) {
    graft(prefix, level, *path[level], now);
  } else {
    paint(level, {path[level], std::size_t{1} << (level_end(level) - prefix.length)}, replaced,
          now);
  }
}

template <typename Address>
void RouteTable<Address>::clear(const Prefix<Address>& prefix, std::optional<Cover> cover) {
  const Lengths replaced{prefix.length, prefix.length};
  if (prefix.length <= wide_length) {
    set_wide(prefix, replaced, cover.value_or(Cover{0, no_next_hop}));
    return;
  }
  Path path{};
  const unsigned level = walk(prefix, path);
  if (level < level_of(prefix.length)) {
    return;
  }
  const bool in_trie = cover && cover->length > wide_length;
  const RouteEntry now = in_trie ? RouteEntry::route(cover->length, cover->id) : RouteEntry{};
  paint(level, {path[level], std::size_t{1} << (level_end(level) - prefix.length)}, replaced, now);
  collapse(path, level);
}

template <typename Address>
void RouteTable<Address>::set_wide(const Prefix<Address>& prefix, Lengths replaced,
                                   Cover now) noexcept {
  const std::size_t first = first_word(prefix.address) >> 24U;
  const std::size_t count = std::size_t{1} << (wide_length - prefix.length);
  wide_changes_.store(wide_changes_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  for (std::size_t i = first; i < first + count; ++i) {
    if (wide_lengths_[i] >= replaced.shortest && wide_lengths_[i] <= replaced.longest) {
      wide_lengths_[i] = static_cast<std::uint8_t>(now.length);
      wide_[i].store(now.id, std::memory_order_release);
    }
  }
}

/// The prefix's first entry in each block on the way to it, as far as there are blocks. Returns the
/// last level reached.
template <typename Address>
unsigned RouteTable<Address>::walk(const Prefix<Address>& prefix, Path& path) noexcept {
  unsigned level = 0;
  path[0] = &root_[first_word(prefix.address) >> 8U];
  while (level < level_of(prefix.length)) {
    const RouteEntry entry = path[level]->load(std::memory_order_relaxed);
    if (!entry.is_group()) {
      break;
    }
    ++level;
    path[level] = &groups_[entry.next(byte(prefix.address, level))];
  }
  return level;
}

/// Writes `now` over the routes of these lengths, in the entries and in the groups below them.
template <typename Address>
void RouteTable<Address>::paint(unsigned level, std::span<Entry> entries, Lengths replaced,
                                RouteEntry now) noexcept {
  for (Entry& entry : entries) {
    const RouteEntry old = entry.load(std::memory_order_relaxed);
    if (old.is_group()) {
      paint(level + 1, entries_of(old.group()), replaced, now);
    } else if (old.length() >= replaced.shortest && old.length() <= replaced.longest) {
      put(level, entry, now);
    }
  }
}

/// A group exists for its entries that are groups or come from routes longer than what all its
/// addresses have in common: their number is kept here.
template <typename Address>
void RouteTable<Address>::put(unsigned level, Entry& entry, RouteEntry now) noexcept {
  if (level > 0) {
    const RouteEntry old = entry.load(std::memory_order_relaxed);
    auto& specifics = specifics_[group_of(entry)];
    specifics = static_cast<std::uint16_t>(specifics + (now.length() > level_begin(level)) -
                                           (old.length() > level_begin(level)));
  }
  entry.store(now, std::memory_order_release);
}

/// Hangs below `entry` the groups that the prefix needs, complete before the first is linked.
template <typename Address>
void RouteTable<Address>::graft(const Prefix<Address>& prefix, unsigned level, Entry& entry,
                                RouteEntry now) {
  const unsigned deepest = level_of(prefix.length);
  const auto enough = [&] { return group_pool_.available() >= deepest - level; };
  if (!enough()) {
    quiescence_.poll();
    if (!enough()) {
      throw std::system_error(ENOMEM, std::generic_category(), "RouteTable: no group left");
    }
  }
  const RouteEntry around = entry.load(std::memory_order_relaxed);
  std::size_t count = std::size_t{1} << (level_end(deepest) - prefix.length);
  for (unsigned at = deepest; at > level; --at) {
    const std::uint32_t group = group_pool_.take();
    const std::span<Entry> entries = entries_of(group);
    for (Entry& each : entries) {
      each.store(around, std::memory_order_relaxed);
    }
    for (Entry& each : entries.subspan(byte(prefix.address, at), count)) {
      put(at, each, now);
    }
    now = RouteEntry::group(group);
    count = 1;
  }
  put(level, entry, now);
}

/// Takes away, from the deepest, the groups of the path that nothing is left to exist for: all
/// their entries are the same by now.
template <typename Address>
void RouteTable<Address>::collapse(const Path& path, unsigned level) {
  for (; level > 0; --level) {
    const std::uint32_t group = group_of(*path[level]);
    if (specifics_[group] != 0) {
      return;
    }
    put(level - 1, *path[level - 1], path[level]->load(std::memory_order_relaxed));
    quiescence_.retire([this, group] { group_pool_.give(group); });
  }
}

template class RouteTable<Ipv4Address>;
template class RouteTable<Ipv6Address>;

}  // namespace culvert
