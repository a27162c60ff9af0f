// SPDX-License-Identifier: BSD-3-Clause
// bench: outer headers, without the pipeline around them: the template copied and fixed up, and
// what stands behind the outer IPv4 header recognised.
#include <array>
#include <cstring>

#include "culvert/codec/modes.hpp"

#include "support/packets.hpp"

namespace culvert::bench {
namespace {

OuterParameters parameters(std::uint16_t payload, bool keyed) {
  OuterParameters result;
  result.local = Ipv4Address::from_host(0x0a000001);
  result.remote = Ipv4Address::from_host(0x0a000002);
  result.inherit_tos = true;
  result.payload = payload;
  if (keyed) {
    result.key = be32{1234};
  }
  return result;
}

/// Room before each packet, as an mbuf has it.
using Headroom = std::array<std::byte, 192>;

template <TunnelMode mode>
void encapsulate_as(benchmark::State& state, std::uint16_t payload, bool keyed) {
  using Stack = typename Mode<mode>::Stack;
  const RenderedHeader rendered = Stack::render(parameters(payload, keyed));
  std::array<Headroom, burst> packets_before{};
  InnerFacts inner{.length = 46, .fragment = 0x4000, .tos = 0, .ttl = 64};
  std::uint16_t id = 0;
  Packets packets(state);
  for (auto _ : state) {
    for (Headroom& before : packets_before) {
      std::byte* const end = before.data() + before.size();
      benchmark::DoNotOptimize(inner);
      std::memcpy(end - RenderedHeader::capacity, rendered.bytes.data(), RenderedHeader::capacity);
      Stack::fixup(end - rendered.length, rendered, inner, id++);
      benchmark::DoNotOptimize(before);
    }
  }
  packets.done(burst);
}

template <TunnelMode mode>
void match_as(benchmark::State& state, std::uint16_t payload, bool keyed) {
  using Stack = typename Mode<mode>::Stack;
  const RenderedHeader rendered = Stack::render(parameters(payload, keyed));
  std::array<std::array<std::byte, RenderedHeader::capacity>, burst> headers{};
  headers.fill(rendered.bytes);
  const std::size_t behind = rendered.length - sizeof(Ipv4Header);
  Packets packets(state);
  for (auto _ : state) {
    for (const auto& header : headers) {
      benchmark::DoNotOptimize(header);
      const std::span all{header};
      const Match found = Stack::match(all.last(behind), payload);
      unsigned seen = static_cast<unsigned>(found.malformed) + found.length + found.payload;
      benchmark::DoNotOptimize(seen);
    }
  }
  packets.done(burst);
}

void encapsulate(benchmark::State& state, TunnelMode mode, std::uint16_t payload, bool keyed) {
  const auto run = [&]<TunnelMode m>(Mode<m>) { encapsulate_as<m>(state, payload, keyed); };
  visit_mode(mode, run);
}
void match(benchmark::State& state, TunnelMode mode, std::uint16_t payload, bool keyed) {
  const auto run = [&]<TunnelMode m>(Mode<m>) { match_as<m>(state, payload, keyed); };
  visit_mode(mode, run);
}

BENCHMARK_CAPTURE(encapsulate, ipip, TunnelMode::ipip, ether_type::ipv4, false);
BENCHMARK_CAPTURE(encapsulate, gre, TunnelMode::gre, ether_type::ipv4, false);
BENCHMARK_CAPTURE(encapsulate, gre_key, TunnelMode::gre, ether_type::ipv4, true);
BENCHMARK_CAPTURE(encapsulate, sit, TunnelMode::sit, ether_type::ipv6, false);
BENCHMARK_CAPTURE(match, ipip, TunnelMode::ipip, ether_type::ipv4, false);
BENCHMARK_CAPTURE(match, gre, TunnelMode::gre, ether_type::ipv4, false);
BENCHMARK_CAPTURE(match, gre_key, TunnelMode::gre, ether_type::ipv4, true);
BENCHMARK_CAPTURE(match, sit, TunnelMode::sit, ether_type::ipv6, false);

}  // namespace
}  // namespace culvert::bench
