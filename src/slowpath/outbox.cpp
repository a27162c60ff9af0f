// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/outbox.hpp"

#include <algorithm>

#include "culvert/dataplane/encapsulate.hpp"

namespace culvert {

rte_mbuf* Outbox::make(std::size_t size) noexcept {
  rte_mbuf* const m = rte_pktmbuf_alloc(pool_);
  if (m == nullptr || rte_pktmbuf_tailroom(m) < size) {
    rte_pktmbuf_free(m);
    return nullptr;
  }
  m->data_len = static_cast<std::uint16_t>(size);
  m->pkt_len = static_cast<std::uint32_t>(size);
  return m;
}

void Outbox::send(rte_mbuf* m, std::uint8_t worker) noexcept {
  facts_of(m) = {.entry = Entry::output, .worker = worker};
  counters_.originated.add(1);
  inject(m, worker);
}

void Outbox::send_through(rte_mbuf* m, const NextHop& tunnel, std::uint8_t worker) noexcept {
  const bool ipv4 = header_at<Ipv4Header>(data_of(m)).version() == 4;
  Packet packet(m, ipv4 ? ether_type::ipv4 : ether_type::ipv6, 0);
  TunnelCounters& counters = counters_.tunnels[tunnel.tunnel];
  if (m->pkt_len > tunnel.whole_mtu()) {
    counters.tx_errors.add(1);
    drop(m, Drop::too_big);
    return;
  }
  if (const Verdict verdict =
          add_outer_header(counters, packet, tunnel, inner_facts(packet), next_outer_id_++);
      !verdict.continues()) {
    drop(m, verdict.drop());
    return;
  }
  if ((tunnel.outer.fields & gre_field::sequence) == 0) {
    send(m, worker);
    return;
  }
  const auto workers = static_cast<std::uint16_t>(exchanges_.size());
  const auto owner = static_cast<std::uint8_t>(owner_of(tunnel.tunnel, workers));
  set_ingress_tunnel(m, tunnel.tunnel);
  facts_of(m) = {.entry = Entry::numbered, .worker = owner};
  counters_.originated.add(1);
  inject(m, owner);
}

void Outbox::transmit(rte_mbuf* m, std::uint16_t port, std::uint8_t worker) noexcept {
  facts_of(m) = {.entry = Entry::transmit, .worker = worker, .port = port};
  counters_.originated.add(1);
  inject(m, worker);
}

bool Outbox::transmit(std::span<const std::byte> frame, std::uint16_t port) noexcept {
  rte_mbuf* const m = make(frame.size());
  if (m == nullptr) {
    return false;
  }
  std::copy(frame.begin(), frame.end(), data_of(m));
  transmit(m, port, static_cast<std::uint8_t>(port % exchanges_.size()));
  return true;
}

void Outbox::resume(rte_mbuf* m) noexcept {
  inject(m, facts_of(m).worker);
}

void Outbox::drop(rte_mbuf* m, Drop reason) noexcept {
  counters_.drop(reason);
  rte_pktmbuf_free(m);
}

void Outbox::conclude(rte_mbuf* m, Drop reason) noexcept {
  if (reason != Drop::none) {
    drop(m, reason);
    return;
  }
  count_delivered();
  rte_pktmbuf_free(m);
}

void Outbox::inject(rte_mbuf* m, std::uint8_t worker) noexcept {
  if (!exchanges_[worker]->inject(m)) {
    drop(m, Drop::tx_full);
  }
}

}  // namespace culvert
