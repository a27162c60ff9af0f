// SPDX-License-Identifier: BSD-3-Clause
// dataplane: IPv4 packets cut into fragments (RFC 791 section 3.2). Who is cut, and to which size,
// is said in oversize.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <rte_mbuf.h>

#include "culvert/net/headers.hpp"

namespace culvert {

/// The fragments of one packet, in order, each in buffers of its own with the pool's headroom.
class Fragments {
 public:
  /// The least that can be cut off: every fragment but the last is a multiple of it.
  static constexpr unsigned unit = 8;

  /// `whole` is an IPv4 packet, its header contiguous; it stays the caller's. `mtu`: bytes of the
  /// longest fragment, enough for the header and one unit.
  Fragments(const rte_mbuf* whole, unsigned mtu) noexcept;

  [[nodiscard]] bool done() const noexcept { return sent_ == length_; }
  /// Null if there is no buffer for it.
  [[nodiscard]] rte_mbuf* next() noexcept;

 private:
  [[nodiscard]] Ipv4Header& header() noexcept { return header_at<Ipv4Header>(header_.data()); }

  const rte_mbuf* whole_;
  std::array<std::byte, 60> header_{};  ///< what all of them have in common
  unsigned header_length_;
  unsigned room_;      ///< bytes behind the header of each
  unsigned length_;    ///< bytes behind the header of `whole_`
  unsigned sent_ = 0;  ///< of these
};

}  // namespace culvert
