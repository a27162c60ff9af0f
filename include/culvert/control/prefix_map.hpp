// SPDX-License-Identifier: BSD-3-Clause
// control: prefixes in the order in which `ip` shows routes, each with a value.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
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

/// A sorted row of sorted blocks: most of the time to load a full table would otherwise go into
/// walking down a tree, where each node is another miss of the caches. Values stay where they are
/// until they are erased.
template <typename Address, typename Value>
class PrefixMap {
 public:
  using Entry = std::pair<const Prefix<Address>, Value>;

 private:
  struct Slot {
    Prefix<Address> prefix;  ///< of the entry, to be compared without going there
    Entry* entry = nullptr;  ///< ours; plain, so that slots move as bytes do
  };
  /// What is from `begin` on, and before the next block. The first one is there always; no other
  /// one is empty.
  struct Block {
    Prefix<Address> begin;
    std::vector<Slot> slots;
  };
  using Blocks = std::vector<Block>;

 public:
  /// To read. Valid until an entry is made or erased.
  class Iterator {
   public:
    [[nodiscard]] const Entry& operator*() const noexcept { return *block_->slots[index_].entry; }
    [[nodiscard]] const Entry* operator->() const noexcept { return &**this; }
    Iterator& operator++() noexcept {
      ++index_;
      skip_end();
      return *this;
    }
    [[nodiscard]] bool operator==(const Iterator& other) const noexcept {
      return block_ == other.block_ && index_ == other.index_;
    }

   private:
    friend PrefixMap;
    using Inner = typename Blocks::const_iterator;
    Iterator(const Blocks& blocks, Inner block, std::size_t index) noexcept
        : last_(std::prev(blocks.end())), block_(block), index_(index) {
      skip_end();
    }
    void skip_end() noexcept {
      if (index_ == block_->slots.size() && block_ != last_) {
        ++block_;
        index_ = 0;
      }
    }

    Inner last_;
    Inner block_;
    std::size_t index_;
  };

  PrefixMap() = default;
  PrefixMap(const PrefixMap&) = delete;
  PrefixMap& operator=(const PrefixMap&) = delete;
  ~PrefixMap() {
    for (const Block& block : blocks_) {
      for (const Slot& slot : block.slots) {
        delete slot.entry;
      }
    }
  }

  /// The value of `prefix`, made if there was none; and whether it was.
  [[nodiscard]] std::pair<Value&, bool> at(const Prefix<Address>& prefix) {
    auto block = block_of(blocks_, prefix);
    if (block->slots.size() == block_size) {
      cut(block);
      block = block_of(blocks_, prefix);
    }
    const auto position = place(block->slots, prefix);
    if (position != block->slots.end() && position->prefix == prefix) {
      return {position->entry->second, false};
    }
    auto entry = std::make_unique<Entry>(prefix, Value{});
    block->slots.insert(position, Slot{prefix, entry.get()});
    return {entry.release()->second, true};
  }
  /// Null if there is none.
  [[nodiscard]] const Entry* find(const Prefix<Address>& prefix) const noexcept {
    return entry_of(prefix);
  }
  [[nodiscard]] Value* value(const Prefix<Address>& prefix) noexcept {
    Entry* const entry = entry_of(prefix);
    return entry == nullptr ? nullptr : &entry->second;
  }
  void erase(const Prefix<Address>& prefix) noexcept {
    const auto block = block_of(blocks_, prefix);
    const auto position = place(block->slots, prefix);
    if (position == block->slots.end() || position->prefix != prefix) {
      return;
    }
    delete position->entry;
    block->slots.erase(position);
    if (block->slots.empty() && block != blocks_.begin()) {
      blocks_.erase(block);
    }
  }

  [[nodiscard]] Iterator begin() const noexcept { return {blocks_, blocks_.begin(), 0}; }
  [[nodiscard]] Iterator end() const noexcept {
    return {blocks_, std::prev(blocks_.end()), blocks_.back().slots.size()};
  }
  [[nodiscard]] Iterator lower_bound(const Prefix<Address>& prefix) const noexcept {
    const auto block = block_of(blocks_, prefix);
    const auto position = place(block->slots, prefix);
    return {blocks_, block, static_cast<std::size_t>(position - block->slots.begin())};
  }
  [[nodiscard]] Iterator upper_bound(const Prefix<Address>& prefix) const noexcept {
    Iterator behind = lower_bound(prefix);
    if (behind != end() && behind->first == prefix) {
      ++behind;
    }
    return behind;
  }

 private:
  static constexpr std::size_t block_size = 256;  // at most; of as many, moving half is cheap

  /// The least of all prefixes begins the first block.
  [[nodiscard]] static Blocks one_block() {
    Blocks blocks(1);
    blocks.front().begin = Prefix<Address>::host({});
    return blocks;
  }
  /// The block that has `prefix`, or that it belongs to.
  [[nodiscard]] static auto block_of(auto& blocks, const Prefix<Address>& prefix) noexcept {
    return std::prev(
        std::ranges::upper_bound(blocks, prefix, RouteOrder<Address>{}, &Block::begin));
  }
  /// Where `prefix` is, or belongs.
  [[nodiscard]] static auto place(auto& slots, const Prefix<Address>& prefix) noexcept {
    return std::ranges::lower_bound(slots, prefix, RouteOrder<Address>{}, &Slot::prefix);
  }
  /// Moves the second half of the block into one of its own.
  void cut(typename Blocks::iterator block) {
    const auto middle = block->slots.begin() + block_size / 2;
    Block second{middle->prefix, {}};
    second.slots.reserve(block_size);
    second.slots.assign(middle, block->slots.end());
    const auto first = blocks_.insert(std::next(block), std::move(second)) - 1;
    first->slots.resize(block_size / 2);
  }
  [[nodiscard]] Entry* entry_of(const Prefix<Address>& prefix) const noexcept {
    const auto& slots = block_of(blocks_, prefix)->slots;
    const auto position = place(slots, prefix);
    return position != slots.end() && position->prefix == prefix ? position->entry : nullptr;
  }

  Blocks blocks_ = one_block();
};

}  // namespace culvert
