// SPDX-License-Identifier: BSD-3-Clause
// slowpath: ICMP of both families: echo on every address of ours, and errors, as many as the limits
// allow. Control thread only.
#pragma once

#include <cstdint>
#include <optional>

#include "culvert/slowpath/icmp_limiter.hpp"
#include "culvert/slowpath/icmp_message.hpp"
#include "culvert/slowpath/surroundings.hpp"
#include "culvert/slowpath/way_back.hpp"

namespace culvert {

class Icmp {
 public:
  Icmp(const Surroundings& surroundings, const IcmpLimits& limits) noexcept
      : around_(surroundings), limiter_(limits) {}

  /// An IP packet for one of our addresses: answered if it asks for an echo, refused if it is for a
  /// protocol that nobody serves here. Takes it.
  void receive(rte_mbuf* m, Time now);
  /// An IP packet dropped for `reason`, of which its sender is told if it is somebody else's and
  /// RFC 1122 and RFC 4443 allow it. Takes it.
  void report(rte_mbuf* m, Drop reason, Time now);
  /// The sender of somebody else's IP packet (or of its start) is told likewise that packets like
  /// it are dropped for `reason`; `mtu` in bytes, with Drop::too_big. The packet stays the
  /// caller's.
  void tell_sender(rte_mbuf* about, Drop reason, std::uint16_t mtu, Time now);

 private:
  void receive_ipv4(rte_mbuf* m, Time now);
  void receive_ipv6(rte_mbuf* m, Time now);
  void echo_ipv4(rte_mbuf* m);
  void echo_ipv6(rte_mbuf* m);
  void refuse(rte_mbuf* m, const IcmpError& error, Time now);

  // About a packet, for us or in transit, which stays the caller's.
  void tell(rte_mbuf* about, const IcmpError& error, bool for_us, Time now);
  void tell_ipv4(rte_mbuf* about, const IcmpError& error, bool for_us, Time now);
  void tell_ipv6(rte_mbuf* about, const IcmpError& error, bool for_us, Time now);

  template <typename Address>
  [[nodiscard]] bool is_other_host(const Address& sender) const noexcept;
  /// By the tables, unless `way` says where to.
  void send(rte_mbuf* m, std::uint8_t worker, const std::optional<WayBack>& way);

  Surroundings around_;
  IcmpLimiter limiter_;
  std::uint16_t next_id_ = 1;
};

}  // namespace culvert
