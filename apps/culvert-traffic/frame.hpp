// SPDX-License-Identifier: BSD-3-Clause
// culvert-traffic: a frame made ready but for its sequence number and its time. No DPDK here.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "culvert/net/checksum.hpp"

#include "signature.hpp"
#include "traffic.hpp"

namespace culvert::traffic {

/// Two cache lines. All bytes up to the end of the signature; those behind it are `filler`.
struct alignas(64) Frame {
  static constexpr std::size_t capacity = 112;
  std::array<std::byte, capacity> bytes{};
  std::uint32_t stream = 0;
  std::uint16_t length = 0;        ///< of the whole frame, without FCS
  std::uint16_t checksum_sum = 0;  ///< raw sum of what the checksum covers, sequence and time zero
  std::uint8_t head = 0;           ///< of `bytes`; the signature is their end
  /// Of the one checksum that covers sequence and time, if there is any: UDP's over IPv6, else
  /// GRE's. (GRE's over IPv6 does not change, since UDP's makes up for what does.)
  std::uint8_t checksum = 0;
  bool zero_means_none = false;  ///< this checksum is sent as 0xffff instead (RFC 8200 section 8.1)
};
static_assert(sizeof(Frame) == 128);

/// What every payload has behind its signature.
inline constexpr auto filler = [] {
  std::array<std::byte, maximum_size> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(i * 7 + 1);
  }
  return bytes;
}();

/// `to` has room for the frame, and for Frame::capacity.
inline void write_frame(const Frame& frame, std::uint32_t sequence, std::uint64_t time,
                        std::byte* to) noexcept {
  std::memcpy(to, frame.bytes.data(), Frame::capacity);
  std::memcpy(to + frame.head, filler.data(), static_cast<std::size_t>(frame.length - frame.head));
  auto& signature = header_at<Signature>(to + frame.head - sizeof(Signature));
  signature.sequence = be32{sequence};
  signature.set_time(time);
  if (frame.checksum != 0) {
    constexpr std::size_t patched = 10;  // sequence and time
    const be16 sum = to_checksum(raw_sum({to + frame.head - patched, patched}, frame.checksum_sum));
    header_at<be16>(to + frame.checksum) =
        frame.zero_means_none && sum.raw() == 0 ? be16{0xffff} : sum;
  }
}

}  // namespace culvert::traffic
