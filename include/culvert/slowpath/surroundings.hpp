// SPDX-License-Identifier: BSD-3-Clause
// slowpath: what each protocol of this room works with. Control thread only.
#pragma once

#include "culvert/dataplane/drop.hpp"
#include "culvert/fib/forwarding.hpp"
#include "culvert/slowpath/host.hpp"
#include "culvert/slowpath/neighbours.hpp"
#include "culvert/slowpath/outbox.hpp"

namespace culvert {

struct Surroundings {
  const Forwarding& forwarding;
  Neighbours& neighbours;
  Host& host;
  Outbox& outbox;

  [[nodiscard]] const NextHop& route(Ipv4Address destination) const noexcept {
    return forwarding.next_hops[forwarding.ipv4.lookup(destination)];
  }
  [[nodiscard]] const NextHop& route(const Ipv6Address& destination) const noexcept {
    return forwarding.next_hops[forwarding.ipv6.lookup(destination)];
  }
  /// "Ours" is what the tables deliver here.
  template <typename Address>
  [[nodiscard]] bool is_ours(const Address& address) const noexcept {
    return route(address).kind == NextHop::Kind::local;
  }
};

}  // namespace culvert
