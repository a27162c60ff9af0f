// SPDX-License-Identifier: BSD-3-Clause
// slowpath: ARP (RFC 826) as a router does it: answers for itself and, where the port says so, for
// what lies behind it; learns as Linux does. Control thread only.
#pragma once

#include "culvert/dataplane/drop.hpp"
#include "culvert/slowpath/arp_frame.hpp"
#include "culvert/slowpath/surroundings.hpp"

namespace culvert {

class Arp {
 public:
  explicit Arp(const Surroundings& surroundings) noexcept : around_(surroundings) {}

  /// A whole frame, its facts with it. Takes it.
  void receive(rte_mbuf* frame, Time now);
  /// Asks for an entry's IPv4 address.
  void solicit(const NeighbourEntry& neighbour);

 private:
  // Each says what is to be counted: Drop::none where the frame was of use.
  Drop handle(const ArpFrame& frame, std::uint16_t port, const PortView& view, Time now);
  Drop answer(const ArpFrame& request, std::uint16_t port, const PortView& view);
  Drop learn(const ArpFrame& frame, std::uint16_t port, Time now);
  [[nodiscard]] bool is_host(Ipv4Address sender) const noexcept;
  [[nodiscard]] bool answers_for(Ipv4Address target, std::uint16_t port,
                                 const PortView& view) const noexcept;

  Surroundings around_;
};

}  // namespace culvert
