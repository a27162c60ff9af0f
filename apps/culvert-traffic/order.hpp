// SPDX-License-Identifier: BSD-3-Clause
// culvert-traffic: which packets of a stream come too late or twice. No DPDK here.
#pragma once

#include <cstdint>
#include <vector>

namespace culvert::traffic {

/// Each packet has a number in its stream. One that comes after a packet with a higher number is
/// reordered (RFC 4737 section 3.3: its number is below the next expected one); unless it has come
/// before, then it is duplicated. That is remembered for the last 64 numbers of a stream; what is
/// older counts as reordered. What is lost is neither.
class Order {
 public:
  enum class Arrival { in_order, reordered, duplicated };

  explicit Order(std::uint32_t streams) : streams_(streams) {}

  [[nodiscard]] std::uint32_t streams() const noexcept {
    return static_cast<std::uint32_t>(streams_.size());
  }
  /// `stream` < streams(). Numbers may wrap.
  [[nodiscard]] Arrival arrive(std::uint32_t stream, std::uint32_t number) noexcept {
    Stream& s = streams_[stream];
    const auto ahead = static_cast<std::int32_t>(number - s.next);
    if (ahead >= 0) {
      s.seen = ahead >= 63 ? 0 : s.seen << (static_cast<unsigned>(ahead) + 1);
      s.seen |= 1;
      s.next = number + 1;
      return Arrival::in_order;
    }
    const auto behind = static_cast<std::uint32_t>(s.next - 1 - number);
    if (behind >= 64) {
      return Arrival::reordered;
    }
    const std::uint64_t bit = std::uint64_t{1} << behind;
    const bool twice = (s.seen & bit) != 0;
    s.seen |= bit;
    return twice ? Arrival::duplicated : Arrival::reordered;
  }

 private:
  struct Stream {
    std::uint64_t seen = 0;  ///< bit i: the number next - 1 - i has come
    std::uint32_t next = 0;
  };
  std::vector<Stream> streams_;
};

}  // namespace culvert::traffic
