// SPDX-License-Identifier: BSD-3-Clause
// dataplane: IPv4 packets of which fragments are missing yet (RFC 791 section 3.2, RFC 1122 section
// 3.3.2), one table for each worker. All that it holds is bounded; the oldest packet goes first.
#pragma once

#include <cstdint>
#include <vector>

#include "culvert/dataplane/fragment_list.hpp"
#include "culvert/dataplane/verdict.hpp"
#include "culvert/net/address.hpp"
#include "culvert/net/endian.hpp"

namespace culvert {

class Lane;

/// RFC 791 section 2.3: what the fragments of one packet have in common.
struct FragmentKey {
  Ipv4Address source;
  Ipv4Address destination;
  be16 id;
  std::uint8_t protocol = 0;

  [[nodiscard]] static FragmentKey of(const Ipv4Header& ip) noexcept {
    return {ip.source, ip.destination, ip.id, ip.protocol};
  }
  [[nodiscard]] std::uint32_t hash(std::uint32_t seed) const noexcept;
  friend bool operator==(const FragmentKey&, const FragmentKey&) = default;
};

class Reassembly {
 public:
  struct Capacity {
    std::uint16_t packets = 1024;  ///< a power of two, at most 32768
    unsigned buffers = 2048;       ///< mbufs, each segment one
  };
  /// RFC 1122 section 3.3.2 asks for 60 seconds at least. Linux has 30, since identifications come
  /// around sooner at today's speeds (RFC 6864 section 3.1).
  static constexpr std::uint64_t lifetime = 30;

  /// `ticks_per_second` of the clock that gives `now` below.
  Reassembly(const Capacity& capacity, std::uint64_t ticks_per_second);
  /// Frees what is held.
  ~Reassembly();
  Reassembly(const Reassembly&) = delete;
  Reassembly& operator=(const Reassembly&) = delete;

  /// A valid IPv4 fragment for this gateway. Goes on when it was the last one missing: `packet` is
  /// then the whole, in as few buffers as hold it. What is dropped besides this fragment is dropped
  /// on `lane`.
  [[nodiscard]] Verdict add(Lane& lane, Packet& packet, std::uint64_t now) noexcept;

  /// Gives up a few packets that have waited too long.
  void expire(Lane& lane, std::uint64_t now) noexcept;

  /// Fragments that wait, and the mbufs that they lie in.
  [[nodiscard]] unsigned held() const noexcept { return held_; }
  [[nodiscard]] unsigned buffers() const noexcept { return buffers_; }

 private:
  static constexpr std::uint16_t none = 0xffff;

  struct Entry {
    FragmentKey key;
    std::uint64_t deadline = 0;
    FragmentList fragments;
    std::uint16_t next = none;  ///< in the same bucket, or the next free one
    std::uint16_t older = none;
    std::uint16_t newer = none;
  };

  [[nodiscard]] std::uint16_t& bucket(const FragmentKey& key) noexcept {
    return buckets_[key.hash(seed_) & (buckets_.size() - 1)];
  }
  [[nodiscard]] Entry* find(const FragmentKey& key) noexcept;
  [[nodiscard]] Entry& create(const FragmentKey& key, std::uint64_t deadline) noexcept;
  void remove(Entry& entry) noexcept;
  void discard(Lane& lane, Entry& entry, Drop reason) noexcept;
  [[nodiscard]] Verdict join(Lane& lane, Packet& packet, Entry& entry) noexcept;

  std::vector<Entry> entries_;
  std::vector<std::uint16_t> buckets_;
  unsigned capacity_;  ///< in buffers
  std::uint64_t ticks_;
  std::uint32_t seed_;  ///< so that nobody can choose who shares a bucket
  std::uint16_t free_ = 0;
  std::uint16_t oldest_ = none;
  std::uint16_t newest_ = none;
  unsigned held_ = 0;
  unsigned buffers_ = 0;
};

/// Between stages 1 and 2: an IPv4 fragment. In transit it goes on as it is; else as the whole
/// packet, when it completes that. With several workers, the fragments of one packet meet on one.
[[nodiscard, gnu::cold]] Verdict reassemble(Lane& lane, Packet& packet) noexcept;

}  // namespace culvert
