// SPDX-License-Identifier: BSD-3-Clause
// slowpath: the link that a packet came by, for answers that no table can route because link-local
// addresses say nothing of the link (RFC 4291 section 2.5.6). Control thread only.
#pragma once

#include <optional>
#include <variant>

#include "culvert/net/headers.hpp"
#include "culvert/slowpath/surroundings.hpp"

namespace culvert {

struct WayBack {
  /// Out of the port again, to the same neighbour.
  struct ByPort {
    std::uint16_t port;
    EthernetHeader header;
  };
  std::variant<ByPort, NextHop> by;  ///< or through the tunnel, behind this outer header
  std::optional<Ipv6Address> own;    ///< our link-local address there
};

/// Our link-local address on the link that an IPv6 packet came by.
[[nodiscard]] std::optional<Ipv6Address> link_local_towards(const Surroundings& around,
                                                            rte_mbuf* m);

/// To where the IPv6 packet `m` came from. Empty if its link is gone, or leads nowhere.
[[nodiscard]] std::optional<WayBack> way_back(const Surroundings& around, rte_mbuf* m);

/// An IPv6 packet of ours; takes it.
void send_back(const Surroundings& around, rte_mbuf* m, std::uint8_t worker, const WayBack& way);

}  // namespace culvert
