// SPDX-License-Identifier: BSD-3-Clause
// slowpath: neighbour discovery (RFC 4861) as a router does it: answers solicitations for our
// addresses, learns from them and from advertisements. Control thread only.
#pragma once

#include "culvert/dataplane/drop.hpp"
#include "culvert/slowpath/discovery_frame.hpp"
#include "culvert/slowpath/surroundings.hpp"

namespace culvert {

class Discovery {
 public:
  explicit Discovery(const Surroundings& surroundings) noexcept : around_(surroundings) {}

  /// An IPv6 packet with its link header still before it. Takes it.
  void receive(rte_mbuf* m, Time now);
  /// The same that a tunnel brought: a probe is answered (RFC 4213 section 3.8). Takes it.
  void receive_by_tunnel(rte_mbuf* m);
  /// Asks for an entry's IPv6 address.
  void solicit(const NeighbourEntry& neighbour);

 private:
  // Each says what is to be counted: Drop::none where the packet was of use.
  Drop handle(const DiscoveryMessage& message, const MacAddress& from, std::uint16_t port,
              Time now);
  Drop answer(const DiscoveryMessage& solicitation, const MacAddress& from, std::uint16_t port,
              const PortView& view, Time now);
  Drop learn(const DiscoveryMessage& advertisement, std::uint16_t port, Time now);

  Surroundings around_;
};

}  // namespace culvert
