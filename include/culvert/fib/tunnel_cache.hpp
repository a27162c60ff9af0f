// SPDX-License-Identifier: BSD-3-Clause
// fib: one reader's last question to a TunnelTable, with the answer: packets of one tunnel come one
// behind the other. No DPDK here.
#pragma once

#include <cstdint>

#include "culvert/fib/tunnel_table.hpp"

namespace culvert {

class TunnelCache {
 public:
  /// As TunnelTable::lookup().
  [[nodiscard]] const Tunnel* lookup(const TunnelTable& table, const TunnelQuery& query) noexcept {
    const std::uint64_t addresses =
        query.local.value.raw() | std::uint64_t{query.remote.value.raw()} << 32U;
    const std::uint64_t rest = query.key.raw() | std::uint64_t{query.has_key} << 32U |
                               std::uint64_t{static_cast<std::uint8_t>(query.mode)} << 40U |
                               std::uint64_t{query.port} << 48U;
    // Read first: what the answer is remembered for must not be newer than the answer.
    const std::uint64_t version = table.version();
    if (addresses == addresses_ && rest == rest_ && version == version_) {
      return tunnel_;
    }
    addresses_ = addresses;
    rest_ = rest;
    version_ = version;
    tunnel_ = table.lookup(query);
    return tunnel_;
  }

 private:
  // At first, what an empty table says to a query that is all zero.
  std::uint64_t addresses_ = 0;
  std::uint64_t rest_ = 0;
  /// A table that has not changed since still has the tunnel: the reader's next report of
  /// quiescence comes after the change that would take it away.
  std::uint64_t version_ = 0;
  const Tunnel* tunnel_ = nullptr;
};

}  // namespace culvert
