// SPDX-License-Identifier: BSD-3-Clause
// culvert-traffic: frames to a queue.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <rte_mbuf.h>

#include "frame_builder.hpp"
#include "queue.hpp"

namespace culvert::traffic {

inline constexpr unsigned burst = 32;

class Sender {
 public:
  /// With `retry`, frames that the queue does not take are offered again; else they are let go.
  Sender(const FrameSet& set, Queue queue, rte_mempool* pool, bool retry);
  ~Sender();
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  /// Offers up to `count` (at most `burst`) frames; those left over come first. How many
  /// the queue has taken.
  unsigned send(unsigned count);
  /// Counts from now on; frames left over are given up.
  void restart() noexcept;

  [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }
  /// How often the queue did not take a frame.
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }

 private:
  [[nodiscard]] bool make(unsigned count);

  const std::vector<Frame>& frames_;
  std::size_t next_frame_ = 0;
  std::vector<std::uint32_t> sequences_;  ///< of each stream, the next number
  std::array<rte_mbuf*, burst> ready_{};
  unsigned first_ = 0;
  unsigned last_ = 0;
  Queue queue_;
  rte_mempool* pool_;
  bool retry_;
  std::uint64_t sent_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace culvert::traffic
