// SPDX-License-Identifier: BSD-3-Clause
// culvert-traffic: frames drawn by the seed, one after the other. No DPDK here.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <unordered_map>
#include <vector>

#include "frame.hpp"
#include "traffic.hpp"

namespace culvert::traffic {

/// Sizes of what the Internet carries, as is usual in tests: 7 to 4 to 1. In each twelve frames
/// the counts are exact.
inline constexpr std::array<std::uint16_t, 12> imix_sizes{64, 64,  64,  64,  64,  64,
                                                          64, 576, 576, 576, 576, 1518};

class FrameBuilder {
 public:
  /// `traffic` is valid, as the options' parser leaves it.
  explicit FrameBuilder(const Traffic& traffic);

  [[nodiscard]] Frame next();
  /// Streams are numbered from 0 as they appear.
  [[nodiscard]] std::uint32_t streams() const noexcept { return next_stream_; }

 private:
  struct Choice {
    std::uint32_t flow;
    std::uint64_t destination;
    std::uint32_t tunnel;
    friend bool operator==(const Choice&, const Choice&) = default;
  };
  struct Hash {
    std::size_t operator()(const Choice& choice) const noexcept;
  };

  [[nodiscard]] std::uint64_t below(std::uint64_t limit);
  [[nodiscard]] std::uint16_t next_size();
  [[nodiscard]] std::uint32_t stream_of(const Choice& choice);

  Traffic traffic_;
  std::mt19937_64 random_;
  std::array<std::uint16_t, imix_sizes.size()> deck_ = imix_sizes;
  std::size_t dealt_ = imix_sizes.size();
  std::unordered_map<Choice, std::uint32_t, Hash> streams_;
  std::uint32_t next_stream_ = 0;
};

/// What a sender goes through again and again: enough frames that most flows, destinations and
/// tunnels are among them.
struct FrameSet {
  std::vector<Frame> frames;
  std::uint32_t streams = 0;
};
[[nodiscard]] FrameSet build_frames(const Traffic& traffic);

/// The longest frame that is sent, in bytes without FCS.
[[nodiscard]] std::uint16_t longest_frame(const Traffic& traffic);
/// The mean of all frames sent, in bytes without FCS.
[[nodiscard]] double mean_frame(const FrameSet& set);

}  // namespace culvert::traffic
