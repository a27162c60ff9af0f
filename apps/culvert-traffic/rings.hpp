// SPDX-License-Identifier: BSD-3-Clause
// culvert-traffic: the rings behind the net_ring ports of the process that this one is a secondary
// of.
#pragma once

#include <string>

#include <rte_ring.h>

namespace culvert::traffic {

/// The ring of the first queue of a net_ring device; null while there is none.
[[nodiscard]] rte_ring* find_ring(const std::string& device);

/// net_ring sends into the ring that it receives from, and would get back what it sent. After
/// these, the port's own process finds the ring full, or empty, for good: it only receives from it,
/// or only sends into it. The other end is for a Queue.
void let_port_receive_only(rte_ring& ring) noexcept;
void let_port_send_only(rte_ring& ring) noexcept;

}  // namespace culvert::traffic
