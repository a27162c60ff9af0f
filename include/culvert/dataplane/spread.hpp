// SPDX-License-Identifier: BSD-3-Clause
// dataplane: which worker goes on with a packet that came out of a tunnel. A port sees nothing but
// the outer header, so all that one peer sends lands in one queue; the inner flows need not stay
// with the worker of that queue. Each worker has a Spread of its own, for what it decapsulates.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "culvert/dataplane/exchange.hpp"

namespace culvert {

enum class SpreadMode : std::uint8_t {
  automatic,  ///< while this worker is busy and another one is not
  on,         ///< evenly, always
  off,
};

/// Flows fall into buckets by their hash, and a bucket has one worker, so the packets of a flow
/// stay in order. A bucket changes its worker only when the one that had it has let go of its last
/// packet: see docs/design.md.
class Spread {
 public:
  static constexpr unsigned buckets = 256;
  /// What worker_for() says instead of a worker: the packet is one too many.
  static constexpr std::uint16_t nobody = 0xffff;

  struct Options {
    SpreadMode mode = SpreadMode::automatic;
    std::uint32_t window = 2'000;  ///< microseconds between two looks at who is busy
  };

  Spread(std::uint16_t worker, std::uint16_t workers, const Options& options,
         std::uint64_t ticks_per_second);

  /// Whether packets may have to go to another worker. The usual packet pays for no more than this.
  [[nodiscard]] bool active() const noexcept { return active_; }
  /// The worker of this flow, or nobody; this packet goes there now.
  [[nodiscard]] std::uint16_t worker_for(std::uint32_t hash) noexcept {
    Bucket& bucket = buckets_[hash % buckets];
    if (bucket.wanted != bucket.worker) [[unlikely]] {
      move(bucket);
      if (bucket.wanted != bucket.worker && others_[bucket.worker].refuses) {
        return nobody;  // it would be refused there; without it, the bucket can move sooner
      }
    }
    bucket.last = turn_;
    ++bucket.packets;
    return bucket.worker;
  }
  /// Packets have been handed to `worker`; its ring refused some or none.
  void handed(std::uint16_t worker, bool refused) noexcept {
    others_[worker].last = turn_;
    others_[worker].refuses = refused;
    if (refused) [[unlikely]] {
      others_[worker].resting = rest;
    }
  }
  /// A packet that this worker kept went into another one's ring all the same: it has no transmit
  /// queue of its own there, or does not own the numbers of the packet's tunnel.
  void passed_on() noexcept { passed_on_ = turn_; }

  // For the worker's loop, if watches().

  [[nodiscard]] bool watches() const noexcept { return watches_; }
  /// A turn of the loop begins: nothing of the one before, which `worked` or found nothing to do,
  /// is on this worker any more. `now` in ticks; `exchanges` of all workers, by number.
  void begin_turn(std::span<Exchange* const> exchanges, bool worked, std::uint64_t now) noexcept;

  /// From now on this bucket is to be that worker's, as soon as may be.
  void want(unsigned bucket, std::uint16_t worker) noexcept;
  [[nodiscard]] std::uint16_t worker_of(unsigned bucket) const noexcept {
    return buckets_[bucket].worker;
  }

 private:
  /// Rings that a packet may pass before it is out: of the worker that it is handed to, of the
  /// owner of the numbers of each tunnel that it enters (four at most), of the owner of a transmit
  /// queue.
  static constexpr unsigned rings = 6;
  /// Looks for which a worker whose ring had no room is given no more: a second.
  static constexpr std::uint16_t rest = 500;

  struct Bucket {
    std::uint64_t last = 0;     ///< turn in which it last had a packet
    std::uint16_t worker = 0;   ///< that its packets go to
    std::uint16_t wanted = 0;   ///< that they are to go to
    std::uint32_t packets = 0;  ///< since the last look
  };
  /// What is known of a worker.
  struct Other {
    std::uint64_t last = 0;     ///< turn in which it was last handed anything
    std::uint64_t idle = 0;     ///< ticks, as it last said
    std::uint32_t load = 0;     ///< since the last look: ticks in which it was not idle
    std::uint32_t mark = 0;     ///< where its ring ended when the phase began
    bool refuses = false;       ///< its ring had no room
    std::uint16_t resting = 0;  ///< looks to come at which it counts as busy
  };

  void follow(std::span<Exchange* const> exchanges) noexcept;
  [[nodiscard]] bool phase_is_over(std::span<Exchange* const> exchanges) const noexcept;
  void start() noexcept;
  void move(Bucket& bucket) noexcept;
  void look(std::span<Exchange* const> exchanges, std::uint32_t passed) noexcept;
  /// Whether this worker has more to do than another one, and too much.
  [[nodiscard]] bool balance(std::uint32_t passed) noexcept;
  void shift(std::uint16_t from, std::uint16_t to, std::uint64_t share,
             std::uint64_t whole) noexcept;

  std::uint16_t worker_;
  bool active_ = false;
  bool watches_ = false;
  unsigned moving_ = 0;  ///< buckets whose worker is not the one that is wanted
  std::uint64_t turn_ = 1;
  std::uint64_t settled_ = 1;  ///< what was handed over before this turn is out
  std::uint64_t passed_on_ = 0;
  std::array<std::uint64_t, rings> phases_{};  ///< turns in which the latest ones began
  std::uint64_t window_;                       ///< ticks
  std::uint64_t began_ = 0;                    ///< this turn
  std::uint64_t looked_ = 0;
  std::uint64_t idle_ = 0;
  std::vector<Other> others_;  ///< by worker, this one included
  std::array<Bucket, buckets> buckets_{};
};

}  // namespace culvert
