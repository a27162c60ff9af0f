// SPDX-License-Identifier: BSD-3-Clause
// tests/support: the network of the captures, see golden/captures/TOPOLOGY.txt.
//   host h1 --- (inside) a (outside) ------- (outside) b (inside) --- host h2
#pragma once

#include <cstdint>
#include <string_view>

namespace culvert::test {

inline constexpr std::uint16_t inside = 0;  // indices of ports
inline constexpr std::uint16_t outside = 1;

/// A gateway and the host behind it.
struct Node {
  std::string_view inside_mac, outside_mac, host_mac;
  std::string_view inside4, inside6, outside4;
  std::string_view host4, host6;
  std::string_view inside_net4, inside_net6;
};

inline constexpr Node node_a{
    .inside_mac = "02:00:00:00:01:01",
    .outside_mac = "02:00:00:00:00:0a",
    .host_mac = "02:00:00:00:01:02",
    .inside4 = "192.168.1.1",
    .inside6 = "2001:db8:1::1",
    .outside4 = "10.0.0.1",
    .host4 = "192.168.1.2",
    .host6 = "2001:db8:1::2",
    .inside_net4 = "192.168.1.0/24",
    .inside_net6 = "2001:db8:1::/64",
};

inline constexpr Node node_b{
    .inside_mac = "02:00:00:00:02:01",
    .outside_mac = "02:00:00:00:00:0b",
    .host_mac = "02:00:00:00:02:02",
    .inside4 = "192.168.2.1",
    .inside6 = "2001:db8:2::1",
    .outside4 = "10.0.0.2",
    .host4 = "192.168.2.2",
    .host6 = "2001:db8:2::2",
    .inside_net4 = "192.168.2.0/24",
    .inside_net6 = "2001:db8:2::/64",
};

/// The third node of the topology net3; only its outer side matters.
inline constexpr std::string_view outside4_of_c = "10.0.0.3";
inline constexpr std::string_view outside_mac_of_c = "02:00:00:00:00:0c";

}  // namespace culvert::test
