// SPDX-License-Identifier: BSD-3-Clause
// bench: the Internet checksum, whole and incremental, for a burst of headers.
#include <array>
#include <vector>

#include <rte_ip.h>

#include "culvert/net/checksum.hpp"

#include "support/packets.hpp"

namespace culvert::bench {
namespace {

std::array<Ipv4Header, burst> make_headers() {
  std::array<Ipv4Header, burst> headers{};
  for (std::size_t i = 0; i < burst; ++i) {
    Ipv4Header& header = headers[i];
    header.version_ihl = 0x45;
    header.total_length = be16{84};
    header.id = be16{static_cast<std::uint16_t>(i)};
    header.ttl = 255;
    header.protocol = ip_protocol::udp;
    header.source = Ipv4Address::from_host(0x0a000001);
    header.destination = Ipv4Address::from_host(0x0a000002);
    header.checksum = ipv4_checksum(reinterpret_cast<const std::byte*>(&header), sizeof header);
  }
  return headers;
}

void verify(benchmark::State& state) {
  const auto headers = make_headers();
  Packets packets(state);
  for (auto _ : state) {
    for (const Ipv4Header& header : headers) {
      benchmark::DoNotOptimize(
          ipv4_checksum_ok(reinterpret_cast<const std::byte*>(&header), header.header_length()));
    }
  }
  packets.done(burst);
}

void ttl(benchmark::State& state) {
  auto headers = make_headers();
  Packets packets(state);
  for (auto _ : state) {
    for (Ipv4Header& header : headers) {
      decrement_ttl(header);
      benchmark::DoNotOptimize(header);
    }
  }
  packets.done(burst);
}

void adjust(benchmark::State& state) {
  auto headers = make_headers();
  Packets packets(state);
  for (auto _ : state) {
    for (Ipv4Header& header : headers) {
      header.checksum = adjust_checksum(header.checksum, header.tos, header.tos ^ 1U);
      header.tos ^= 1U;
      benchmark::DoNotOptimize(header);
    }
  }
  packets.done(burst);
}

template <typename Sum>
void whole(benchmark::State& state, const Sum& sum) {
  const std::vector<std::byte> bytes(static_cast<std::size_t>(state.range(0)), std::byte{0x5a});
  Packets packets(state);
  for (auto _ : state) {
    benchmark::DoNotOptimize(sum(bytes));
  }
  packets.done(1);
}

void ours(benchmark::State& state) {
  whole(state, [](const auto& bytes) { return fold(raw_sum(bytes)); });
}
void dpdk(benchmark::State& state) {
  whole(state, [](const auto& bytes) { return rte_raw_cksum(bytes.data(), bytes.size()); });
}

BENCHMARK(verify);
BENCHMARK(ttl);
BENCHMARK(adjust);
BENCHMARK(ours)->Arg(20)->Arg(64)->Arg(1500);
BENCHMARK(dpdk)->Arg(20)->Arg(64)->Arg(1500);

}  // namespace
}  // namespace culvert::bench
