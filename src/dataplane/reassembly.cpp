// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/dataplane/reassembly.hpp"

#include <bit>

#include <rte_cycles.h>
#include <rte_jhash.h>
#include <rte_random.h>

#include "culvert/dataplane/hand_over.hpp"

namespace culvert {
namespace {

constexpr unsigned expired_at_once = 4;

/// In as few buffers as possible: some drivers send no segments (net_af_xdp), many but a few. Null,
/// with `m` freed, if there are none.
rte_mbuf* packed(rte_mbuf* m) noexcept {
  rte_mbuf* const copy = rte_pktmbuf_copy(m, m->pool, 0, UINT32_MAX);
  rte_pktmbuf_free(m);
  return copy;
}

}  // namespace

std::uint32_t FragmentKey::hash(std::uint32_t seed) const noexcept {
  return rte_jhash_3words(std::bit_cast<std::uint32_t>(source),
                          std::bit_cast<std::uint32_t>(destination),
                          (std::uint32_t{id.raw()} << 8U) | protocol, seed);
}

Reassembly::Reassembly(const Capacity& capacity, std::uint64_t ticks_per_second)
    : entries_(capacity.packets),
      buckets_(capacity.packets, none),
      capacity_(capacity.buffers),
      ticks_(lifetime * ticks_per_second),
      seed_(static_cast<std::uint32_t>(rte_rand())) {
  for (std::uint16_t i = 1; i < capacity.packets; ++i) {
    entries_[i - 1U].next = i;
  }
}

Reassembly::~Reassembly() {
  for (Entry& entry : entries_) {
    entry.fragments.drain([](rte_mbuf* m, const HeldFragment&) { rte_pktmbuf_free(m); });
  }
}

Verdict Reassembly::add(Lane& lane, Packet& packet, std::uint64_t now) noexcept {
  const unsigned segments = packet.mbuf->nb_segs;
  while (buffers_ + segments > capacity_ && oldest_ != none) {
    discard(lane, entries_[oldest_], Drop::fragment_displaced);
  }
  const FragmentKey key = FragmentKey::of(packet.ipv4());
  Entry* entry = find(key);
  if (entry == nullptr) {
    if (free_ == none) {
      discard(lane, entries_[oldest_], Drop::fragment_displaced);
    }
    entry = &create(key, now + ticks_);
  }
  switch (const Drop refused = entry->fragments.insert(packet)) {
    case Drop::none:
      ++held_;
      buffers_ += segments;
      return entry->fragments.is_whole() ? join(lane, packet, *entry) : Verdict::taken();
    case Drop::fragment_duplicate:
    case Drop::fragment_length:
    case Drop::fragment_size:
      if (entry->fragments.count() == 0) {
        remove(*entry);
      }
      return refused;
    default:
      discard(lane, *entry, refused);
      return refused;
  }
}

Verdict Reassembly::join(Lane& lane, Packet& packet, Entry& entry) noexcept {
  FragmentList& fragments = entry.fragments;
  if (const Drop refused = fragments.refusal(); refused != Drop::none) {
    discard(lane, entry, refused);
    return Verdict::taken();
  }
  lane.counters.joined.add(fragments.count());
  lane.counters.reassembled.add(1);
  held_ -= fragments.count();
  buffers_ -= fragments.buffers();
  packet.l2 = 0;  // a link header stands before a fragment only
  packet.l2_group = fragments.l2_group();
  packet.take(packed(fragments.join()));
  remove(entry);
  return packet.mbuf == nullptr ? Verdict{Drop::no_mbuf} : Verdict::go();
}

void Reassembly::expire(Lane& lane, std::uint64_t now) noexcept {
  for (unsigned i = 0; i < expired_at_once && oldest_ != none; ++i) {
    Entry& entry = entries_[oldest_];
    if (now < entry.deadline) {
      return;
    }
    discard(lane, entry, Drop::fragment_timeout);
  }
}

/// RFC 792: the sender is told that time ran out, if there is a first fragment to quote.
void Reassembly::discard(Lane& lane, Entry& entry, Drop reason) noexcept {
  held_ -= entry.fragments.count();
  buffers_ -= entry.fragments.buffers();
  entry.fragments.drain([&](rte_mbuf* m, const HeldFragment& part) {
    if (reason == Drop::fragment_timeout && part.begin == 0) {
      lane.punt(m, {.punt = Punt::error, .drop = reason, .port = part.port, .l2 = part.l2});
    } else {
      lane.drop(m, reason);
    }
  });
  remove(entry);
}

Reassembly::Entry* Reassembly::find(const FragmentKey& key) noexcept {
  for (std::uint16_t i = bucket(key); i != none; i = entries_[i].next) {
    if (entries_[i].key == key) {
      return &entries_[i];
    }
  }
  return nullptr;
}

/// There is a free one.
Reassembly::Entry& Reassembly::create(const FragmentKey& key, std::uint64_t deadline) noexcept {
  const std::uint16_t index = free_;
  Entry& entry = entries_[index];
  free_ = entry.next;
  entry.key = key;
  entry.deadline = deadline;
  entry.next = std::exchange(bucket(key), index);
  entry.newer = none;
  entry.older = std::exchange(newest_, index);
  (entry.older == none ? oldest_ : entries_[entry.older].newer) = index;
  return entry;
}

void Reassembly::remove(Entry& entry) noexcept {
  const auto index = static_cast<std::uint16_t>(&entry - entries_.data());
  std::uint16_t* link = &bucket(entry.key);
  while (*link != index) {
    link = &entries_[*link].next;
  }
  *link = std::exchange(entry.next, free_);
  free_ = index;
  (entry.older == none ? oldest_ : entries_[entry.older].newer) = entry.newer;
  (entry.newer == none ? newest_ : entries_[entry.newer].older) = entry.older;
}

Verdict reassemble(Lane& lane, Packet& packet) noexcept {
  const Ipv4Header& ip = packet.ipv4();
  if (!lane.forwarding.is_own(ip.destination)) {
    return Verdict::go();
  }
  constexpr std::uint32_t seed_of_all = 0;
  const std::uint32_t owner = FragmentKey::of(ip).hash(seed_of_all) % lane.workers();
  if (owner != lane.worker()) {
    return hand_over(lane, packet, static_cast<std::uint16_t>(owner), Entry::receive);
  }
  return lane.reassembly.add(lane, packet, rte_rdtsc());
}

}  // namespace culvert
