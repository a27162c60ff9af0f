// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/dataplane/prefetch.hpp"

#include <array>
#include <optional>

#include "culvert/codec/modes.hpp"

namespace culvert {
namespace {

/// The query that decapsulate() will make, if the frame is what it looks like.
std::optional<TunnelQuery> guess(const rte_mbuf* m) noexcept {
  constexpr std::size_t headers = sizeof(EthernetHeader) + sizeof(Ipv4Header);
  if (m->data_len < headers) {
    return std::nullopt;
  }
  const std::byte* const data = data_of(m);
  const auto& ip = header_at<Ipv4Header>(data + sizeof(EthernetHeader));
  const ProtocolUse& use = protocol_uses[ip.protocol];
  if (ip.version_ihl != 0x45 || !use.tunnel) {
    return std::nullopt;
  }
  const std::span behind{data + headers, m->data_len - headers};
  const Match match = visit_mode(
      use.mode, [&](auto mode) { return decltype(mode)::Stack::match(behind, use.payload); });
  return TunnelQuery{.local = ip.destination,
                     .remote = ip.source,
                     .key = match.key,
                     .mode = use.mode,
                     .has_key = match.has_key,
                     .port = 0};
}

}  // namespace

void prefetch_tunnels(const Lane& lane, std::span<rte_mbuf* const> frames) noexcept {
  const TunnelTable& tunnels = lane.forwarding.tunnels;
  std::array<std::uint32_t, max_burst> hashes;
  unsigned count = 0;
  for (const rte_mbuf* m : frames) {
    if (const auto query = guess(m)) {
      hashes[count] = TunnelTable::hash(*query);
      tunnels.prefetch_slot(hashes[count]);
      ++count;
    }
  }
  // Each of these waits for what was asked for a round before.
  std::array<const Tunnel*, max_burst> found;
  for (unsigned i = 0; i < count; ++i) {
    found[i] = &tunnels.first(hashes[i]);
    rte_prefetch0(found[i]);
  }
  for (unsigned i = 0; i < count; ++i) {
    rte_prefetch0(&lane.counters.tunnels[found[i]->index]);
  }
}

void prefetch_resumed(std::span<rte_mbuf* const> packets) noexcept {
  for (rte_mbuf* const m : packets) {
    rte_prefetch0(m);
    rte_prefetch0(&facts_of(m));
  }
  for (const rte_mbuf* const m : packets) {
    rte_prefetch0(data_of(m));
  }
}

}  // namespace culvert
