// SPDX-License-Identifier: BSD-3-Clause
// culvert-traffic: what traffic is wanted, as options say it. No DPDK here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "culvert/codec/mode.hpp"
#include "culvert/net/address.hpp"

namespace culvert::traffic {

/// `count` prefixes of the length `length`, one after the other from `first` on.
template <typename Address>
struct Destinations {
  Address first;
  std::uint64_t count = 1;
  unsigned length = 0;
};
using AnyDestinations = std::variant<Destinations<Ipv4Address>, Destinations<Ipv6Address>>;

/// PREFIX,COUNT[,LENGTH]; without LENGTH, prefixes are as long as is usual: 24 or 64. Throws
/// std::runtime_error with a sentence, also where the prefixes do not fit into PREFIX.
[[nodiscard]] AnyDestinations parse_destinations(const std::string& text);
/// The address of host 1 in the prefix `index`, or the only one where it has no host bits.
[[nodiscard]] Ipv4Address host_in(const Destinations<Ipv4Address>& destinations,
                                  std::uint64_t index) noexcept;
[[nodiscard]] Ipv6Address host_in(const Destinations<Ipv6Address>& destinations,
                                  std::uint64_t index) noexcept;

struct Traffic {
  static constexpr std::uint32_t most_flows = 1U << 20U;
  static constexpr std::uint32_t most_tunnels = 1U << 20U;

  bool ipv6 = false;                 ///< inner packets
  std::optional<TunnelMode> tunnel;  ///< of frames that are encapsulated already
  std::optional<std::uint32_t> key;  ///< GRE
  bool checksum = false;             ///< GRE
  std::uint16_t size = 64;           ///< of frames, with FCS and without the tunnel's header
  bool imix = false;                 ///< sizes of imix_sizes instead
  std::uint32_t flows = 256;
  AnyDestinations destinations;
  std::uint32_t tunnels = 1;                                      ///< remote endpoints
  Ipv4Address outer_local = Ipv4Address::from_host(0x0a000001);   ///< 10.0.0.1
  Ipv4Address outer_remote = Ipv4Address::from_host(0x0a800001);  ///< 10.128.0.1
  MacAddress source_mac{{2, 0, 0, 0, 0, 2}};
  MacAddress destination_mac{{2, 0, 0, 0, 0, 1}};
  std::uint8_t ttl = 64;
  std::uint64_t seed = 1;
};

/// Bytes of the frame check sequence, which is in sizes but not in buffers and files.
inline constexpr std::uint16_t fcs = 4;
/// The smallest size that has room for the signature.
[[nodiscard]] std::uint16_t minimum_size(bool ipv6) noexcept;
inline constexpr std::uint16_t maximum_size = 9018;

}  // namespace culvert::traffic
