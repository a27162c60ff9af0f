// SPDX-License-Identifier: BSD-3-Clause
// culvert-traffic: what stands at the start of each UDP payload, and finding it again. No DPDK
// here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "culvert/net/endian.hpp"

namespace culvert::traffic {

/// Sixteen bytes, so that they fit into the smallest frame. What differs from one sending of a
/// frame to the next, sequence and time, lies together at the end.
struct Signature {
  static constexpr std::uint16_t magic = 0xc1e7;
  be16 mark;       ///< magic
  be32 stream;     ///< packets with the same flow, destination and tunnel, which keep their order
  be32 sequence;   ///< in the stream, from 0
  be16 time_high;  ///< time-stamp counter when it was sent, its low 48 bits
  be32 time_low;

  [[nodiscard]] constexpr std::uint64_t time() const noexcept {
    return (std::uint64_t{time_high.host()} << 32U) | time_low.host();
  }
  constexpr void set_time(std::uint64_t cycles) noexcept {
    time_high = be16{static_cast<std::uint16_t>(cycles >> 32U)};
    time_low = be32{static_cast<std::uint32_t>(cycles)};
  }
};
static_assert(sizeof(Signature) == 16 && alignof(Signature) == 1);

inline constexpr std::uint64_t time_mask = (std::uint64_t{1} << 48U) - 1;
/// All packets go to this port: "discard" (RFC 863), so that who gets one by mistake is silent.
inline constexpr std::uint16_t udp_port = 9;

/// The signature in a frame, behind any number of IPv4, IPv6 and GRE headers; null if there is none
/// among `bytes`, the contiguous start of the frame. Lengths are checked, checksums are not.
[[nodiscard]] const Signature* find_signature(std::span<const std::byte> bytes) noexcept;

}  // namespace culvert::traffic
