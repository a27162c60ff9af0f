// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/keepalive.hpp"

#include <algorithm>

#include "culvert/codec/modes.hpp"

namespace culvert {
namespace {

constexpr std::uint8_t network_control = 0xc0;  // DSCP CS6, as for routers' own protocols
constexpr std::uint16_t no_payload = 0;         // GRE's protocol type

/// The header of what the far end is to send back: from it to us, with nothing behind.
RenderedHeader answer_header(const Ipv4Header& outer, const std::optional<be32>& key) {
  return Mode<TunnelMode::gre>::Stack::render({.local = outer.destination,
                                               .remote = outer.source,
                                               .ttl = 255,
                                               .tos = network_control,
                                               .pmtudisc = false,
                                               .key = key,
                                               .payload = no_payload});
}

}  // namespace

void Keepalives::start(std::uint32_t tunnel, const Terms& terms) {
  stop(tunnel);
  const Line line{.terms = terms, .status = {}};
  due_.emplace(line.due, tunnel);
  lines_.emplace(tunnel, line);
}

void Keepalives::stop(std::uint32_t tunnel) {
  if (const auto found = lines_.find(tunnel); found != lines_.end()) {
    due_.erase({found->second.due, tunnel});
    lines_.erase(found);
  }
}

std::optional<Keepalives::Status> Keepalives::find(std::uint32_t tunnel) const {
  const auto found = lines_.find(tunnel);
  return found == lines_.end() ? std::nullopt : std::optional{found->second.status};
}

void Keepalives::receive(rte_mbuf* m) {
  const std::uint32_t tunnel = ingress_tunnel(m);
  const auto found = lines_.find(tunnel);
  if (found == lines_.end()) {
    around_.outbox.drop(m, Drop::gre_protocol);  // stopped meanwhile
    return;
  }
  around_.outbox.conclude(m, Drop::none);
  Line& line = found->second;
  ++line.status.answered;
  line.unanswered = 0;
  if (!std::exchange(line.status.up, true)) {
    around_.host.line_changed(tunnel, true);
  }
}

void Keepalives::tick(Time now) {
  for (unsigned i = 0; i < sent_per_tick && !due_.empty() && due_.begin()->first <= now; ++i) {
    const std::uint32_t tunnel = due_.begin()->second;
    Line& line = lines_.at(tunnel);
    due_.erase(due_.begin());
    line.due = now + line.terms.interval;
    due_.emplace(line.due, tunnel);
    if (line.unanswered >= line.terms.retries && std::exchange(line.status.up, false)) {
      around_.host.line_changed(tunnel, false);
    }
    ++line.unanswered;  // whether or not it can be sent: nothing that cannot comes back
    send(tunnel, line);
  }
}

void Keepalives::send(std::uint32_t tunnel, Line& line) {
  const auto next_hop = around_.host.tunnel_hop(tunnel, ether_type::ipv4);
  if (!next_hop || next_hop->kind != NextHop::Kind::tunnel) {
    return;
  }
  const auto& outer = header_at<Ipv4Header>(next_hop->outer.begin());
  const RenderedHeader answer = answer_header(outer, line.terms.key);
  rte_mbuf* const m = around_.outbox.make(answer.length);
  if (m == nullptr) {
    return;
  }
  std::copy_n(answer.begin(), answer.length, data_of(m));
  Mode<TunnelMode::gre>::Stack::fixup(data_of(m), answer, {}, next_id_++);
  ++line.status.sent;
  around_.outbox.send_through(m, *next_hop, 0);
}

}  // namespace culvert
