// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/dataplane/spread.hpp"

#include <algorithm>

namespace culvert {

Spread::Spread(std::uint16_t worker, std::uint16_t workers, const Options& options,
               std::uint64_t ticks_per_second)
    : worker_(worker),
      active_(options.mode == SpreadMode::on && workers > 1),
      watches_(options.mode == SpreadMode::automatic && workers > 1),
      window_(ticks_per_second / 1'000'000 * options.window),
      others_(workers) {
  phases_.fill(settled_);
  for (unsigned i = 0; i < buckets; ++i) {
    buckets_[i].worker = active_ ? static_cast<std::uint16_t>(i % workers) : worker;
    buckets_[i].wanted = buckets_[i].worker;
  }
}

void Spread::begin_turn(std::span<Exchange* const> exchanges, bool worked,
                        std::uint64_t now) noexcept {
  if (!worked) {
    idle_ += now - began_;
    exchanges[worker_]->set_idle(idle_);
  }
  began_ = now;
  ++turn_;
  if (const std::uint64_t passed = now - looked_; passed >= window_) [[unlikely]] {
    looked_ = now;
    // A worker that slept, or was kept from its core, looks back no further than that.
    constexpr std::uint64_t longest = 16;
    look(exchanges, static_cast<std::uint32_t>(std::min(passed, window_ * longest)));
  } else if (moving_ != 0) [[unlikely]] {
    follow(exchanges);
  }
}

/// In phases: one is over when every worker has finished what was in its ring as the phase began.
/// Whatever was in a ring then has passed it, so after as many phases as there are rings on its way
/// it is out.
void Spread::follow(std::span<Exchange* const> exchanges) noexcept {
  for (unsigned i = 0; i <= rings && phase_is_over(exchanges); ++i) {
    settled_ = phases_.back();
    std::shift_right(phases_.begin(), phases_.end(), 1);
    phases_.front() = turn_;
    for (std::size_t j = 0; j < others_.size(); ++j) {
      others_[j].mark = exchanges[j]->end();
    }
  }
  for (Other& other : others_) {
    other.refuses = other.refuses && other.last >= settled_;
  }
}

bool Spread::phase_is_over(std::span<Exchange* const> exchanges) const noexcept {
  for (std::size_t i = 0; i < others_.size(); ++i) {
    if (!exchanges[i]->is_finished(others_[i].mark)) {
      return false;
    }
  }
  return true;
}

void Spread::want(unsigned bucket, std::uint16_t worker) noexcept {
  const bool moved = buckets_[bucket].wanted != buckets_[bucket].worker;
  buckets_[bucket].wanted = worker;
  const bool moves = buckets_[bucket].wanted != buckets_[bucket].worker;
  moving_ += static_cast<unsigned>(moves) - static_cast<unsigned>(moved);
  if (!active_) {
    start();
  }
}

/// Until now nobody has noted which bucket had a packet.
void Spread::start() noexcept {
  active_ = true;
  for (Bucket& bucket : buckets_) {
    bucket.last = turn_;
  }
}

/// From here a bucket may go at once, as long as what this worker keeps goes to ports directly:
/// that leaves before what is handed over (see Lane).
void Spread::move(Bucket& bucket) noexcept {
  const bool direct = bucket.worker == worker_ && passed_on_ < settled_;
  if (direct || bucket.last < settled_) {
    bucket.worker = bucket.wanted;
    --moving_;
  }
}

void Spread::look(std::span<Exchange* const> exchanges, std::uint32_t passed) noexcept {
  for (std::size_t i = 0; i < others_.size(); ++i) {
    Other& other = others_[i];
    const std::uint64_t idle = exchanges[i]->idle();
    const auto spare = std::min<std::uint64_t>(idle - other.idle, passed);
    other.load = other.resting != 0 ? passed : passed - static_cast<std::uint32_t>(spare);
    other.idle = idle;
  }
  const bool lopsided = balance(passed);
  for (Other& other : others_) {
    if (other.resting != 0) {
      --other.resting;
    }
  }
  if (moving_ != 0) {
    follow(exchanges);
  }
  for (Bucket& bucket : buckets_) {
    if (bucket.wanted != bucket.worker) {
      move(bucket);
    }
  }
  const bool away = std::ranges::any_of(buckets_, [this](const Bucket& bucket) {
    return bucket.worker != worker_ || bucket.wanted != worker_;
  });
  active_ = away || lopsided;
  for (Bucket& bucket : buckets_) {
    bucket.packets = 0;
  }
}

/// Each look moves a quarter of what would make two workers even, so that those who look at the
/// same one do not overdo it, and nothing at all below an eighth of the time: it is to settle.
bool Spread::balance(std::uint32_t passed) noexcept {
  for (std::uint16_t i = 0; i < others_.size(); ++i) {
    if (others_[i].resting == rest) {
      shift(i, worker_, 2, 1);  // half of what it has, since packets are lost
    }
  }
  const std::uint32_t mine = others_[worker_].load;
  const std::uint32_t margin = passed / 8;
  const auto least = std::ranges::min_element(others_, {}, &Other::load);
  const bool lopsided = mine > passed / 2 && mine > least->load + margin;
  if (lopsided) {
    if (active_) {
      shift(worker_, static_cast<std::uint16_t>(least - others_.begin()), mine - least->load, mine);
    } else {
      start();  // and count what there is in each bucket
    }
  } else if (active_) {
    for (std::uint16_t i = 0; i < others_.size(); ++i) {
      const std::uint32_t load = others_[i].load;
      if (load > mine + margin) {
        shift(i, worker_, load - mine, load);
      } else if (i != worker_ && mine < passed / 4) {
        shift(i, worker_, 2, 1);  // half of all that is left
      }
    }
  }
  return lopsided;
}

/// Gives `to` buckets of `from` with a quarter of `share`/`whole` of the packets that all of those
/// had; if each has more than that, the smallest one, provided that this is no step too far.
/// Buckets without packets come home, but are not sent away.
void Spread::shift(std::uint16_t from, std::uint16_t to, std::uint64_t share,
                   std::uint64_t whole) noexcept {
  std::uint64_t all = 0;
  unsigned smallest = buckets;
  for (unsigned i = 0; i < buckets; ++i) {
    const Bucket& bucket = buckets_[i];
    if (bucket.wanted != from || bucket.packets == 0) {
      continue;
    }
    all += bucket.packets;
    if (smallest == buckets || bucket.packets < buckets_[smallest].packets) {
      smallest = i;
    }
  }
  if (smallest != buckets && buckets_[smallest].packets * whole < all * share) {
    all -= buckets_[smallest].packets;
    want(smallest, to);
  }
  std::uint64_t left = all * share / whole / 4;
  for (unsigned i = 0; i < buckets; ++i) {
    const Bucket& bucket = buckets_[i];
    const bool counts = bucket.packets != 0 || to == worker_;
    if (bucket.wanted == from && counts && bucket.packets <= left) {
      left -= bucket.packets;
      want(i, to);
    }
  }
}

}  // namespace culvert
