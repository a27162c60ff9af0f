// SPDX-License-Identifier: BSD-3-Clause
// dataplane: one number for all packets of a flow, by which they keep together.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <nmmintrin.h>

#include "culvert/dataplane/parse.hpp"

namespace culvert {

/// Protocols whose first four bytes tell one flow from another: ports, or the SPI of ESP.
inline constexpr std::array<bool, 256> names_flows = [] {
  std::array<bool, 256> protocols{};
  constexpr unsigned dccp = 33;
  constexpr unsigned esp = 50;
  constexpr unsigned sctp = 132;
  constexpr unsigned udp_lite = 136;
  for (const unsigned protocol :
       {unsigned{ip_protocol::tcp}, unsigned{ip_protocol::udp}, dccp, esp, sctp, udp_lite}) {
    protocols[protocol] = true;
  }
  return protocols;
}();

/// The four bytes behind a header of this length, if they are what names_flows says.
[[nodiscard]] inline std::uint32_t ports_behind(const Packet& packet, unsigned header,
                                                std::uint8_t protocol) noexcept {
  std::uint32_t ports = 0;
  if (names_flows[protocol] && packet.mbuf->data_len >= header + sizeof ports) [[likely]] {
    std::memcpy(&ports, packet.start + header, sizeof ports);
  }
  return ports;
}

/// CRC-32C of what is the same in every packet of the flow. Fragments have their addresses and
/// protocol only, the first one too, so that those of one packet keep together. Where IPv6 has
/// another header before the ports, the flow label stands for them (RFC 6437 section 2).
[[nodiscard]] inline std::uint32_t flow_hash(const Packet& packet) noexcept {
  std::uint64_t hash = 0;
  std::uint32_t ports = 0;
  std::uint8_t protocol = 0;
  if (packet.is_ipv4()) {
    const Ipv4Header& ip = packet.ipv4();
    protocol = ip.protocol;
    hash = _mm_crc32_u64(hash,
                         ip.source.value.raw() | std::uint64_t{ip.destination.value.raw()} << 32U);
    ports = ip.is_fragment() ? 0 : ports_behind(packet, ip.header_length(), protocol);
  } else {
    const Ipv6Header& ip = packet.ipv6();
    protocol = ip.next_header;
    for (const Ipv6Address* address : {&ip.source, &ip.destination}) {
      for (const be64 half : address->halves()) {
        hash = _mm_crc32_u64(hash, half.raw());
      }
    }
    ports = names_flows[protocol] ? ports_behind(packet, sizeof(Ipv6Header), protocol)
                                  : ip.flow_label();
  }
  return static_cast<std::uint32_t>(_mm_crc32_u64(hash, ports | std::uint64_t{protocol} << 32U));
}

}  // namespace culvert
