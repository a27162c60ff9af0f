// SPDX-License-Identifier: BSD-3-Clause
// fib: what a TunnelTable finds its tunnels by. No DPDK here.
#pragma once

#include <array>
#include <cstdint>

#include <nmmintrin.h>

#include "culvert/fib/tunnel.hpp"

namespace culvert {

/// Which of its addresses a tunnel names, in the order of precedence. A multicast remote stands for
/// a local address, since packets have it as their destination (but not in sit).
enum class TunnelClass : std::uint8_t { both, remote, local, any };
inline constexpr unsigned tunnel_classes = 4;

/// Made from a tunnel, or from a packet for each class that its tunnel may be of: equal if the one
/// belongs to the other. Tunnels that differ in the bound port only have the same.
class TunnelKey {
 public:
  [[nodiscard]] static TunnelKey of(const TunnelQuery& query, TunnelClass which) noexcept {
    return {query.local, query.remote, query.key, query.has_key, query.mode, which};
  }
  [[nodiscard]] static TunnelKey of(const Tunnel& tunnel) noexcept {
    const TunnelClass which = class_of(tunnel);
    const bool group = which == TunnelClass::local && !tunnel.remote.is_any();
    return {group ? tunnel.remote : tunnel.local,
            tunnel.remote,
            tunnel.key,
            tunnel.keyed,
            tunnel.mode,
            which};
  }
  [[nodiscard]] static TunnelClass class_of(const Tunnel& tunnel) noexcept {
    if (tunnel.remote.is_multicast() && tunnel.mode != TunnelMode::sit) {
      return TunnelClass::local;
    }
    if (tunnel.remote.is_any()) {
      return tunnel.local.is_any() ? TunnelClass::any : TunnelClass::local;
    }
    return tunnel.local.is_any() ? TunnelClass::remote : TunnelClass::both;
  }

  /// CRC-32C, which spreads neighbouring addresses evenly. DPDK demands SSE 4.2 in any case.
  [[nodiscard]] std::uint32_t hash() const noexcept {
    return static_cast<std::uint32_t>(_mm_crc32_u64(_mm_crc32_u64(0, addresses_), rest_));
  }
  [[nodiscard]] bool operator==(const TunnelKey&) const noexcept = default;

 private:
  /// Masks what does not count in the class: addresses, and for `any` whether there is a key at
  /// all, since Linux compares there the value alone.
  TunnelKey(Ipv4Address local, Ipv4Address remote, be32 key, bool keyed, TunnelMode mode,
            TunnelClass which) noexcept {
    const auto at = static_cast<unsigned>(which);
    addresses_ = (local.value.raw() | std::uint64_t{remote.value.raw()} << 32U) & addresses_of[at];
    rest_ = (key.raw() | std::uint64_t{keyed} << 32U) & rest_of[at];
    rest_ |= static_cast<std::uint64_t>(mode) << 40U | static_cast<std::uint64_t>(which) << 48U;
  }
  static constexpr std::array<std::uint64_t, tunnel_classes> addresses_of{~0ULL, ~0ULL << 32U,
                                                                          ~0ULL >> 32U, 0};
  static constexpr std::array<std::uint64_t, tunnel_classes> rest_of{~0ULL, ~0ULL, ~0ULL,
                                                                     ~0ULL >> 32U};

  std::uint64_t addresses_;  // the low half is local
  std::uint64_t rest_;
};

}  // namespace culvert
