// SPDX-License-Identifier: BSD-3-Clause
#include "rings.hpp"

#include <limits>

namespace culvert::traffic {
namespace {

// The ring itself says how rte_ring_enqueue_burst() and rte_ring_dequeue_burst(), which the driver
// calls, are to go about it. Told a way that there is not, they move nothing. Queue names its way.
constexpr std::uint32_t no_way = std::numeric_limits<std::uint32_t>::max();

}  // namespace

rte_ring* find_ring(const std::string& device) {
  return rte_ring_lookup(("ETH_RXTX0_" + device).c_str());
}

void let_port_receive_only(rte_ring& ring) noexcept {
  ring.prod.single = no_way;
}

void let_port_send_only(rte_ring& ring) noexcept {
  ring.cons.single = no_way;
}

}  // namespace culvert::traffic
