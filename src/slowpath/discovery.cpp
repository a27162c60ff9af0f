// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/discovery.hpp"

#include <algorithm>
#include <array>

#include "culvert/slowpath/way_back.hpp"

namespace culvert {
namespace {

// What we take part in is far shorter; RFC 8200 promises no longer packet either.
constexpr std::size_t longest = Ipv6Header::minimum_mtu;

}  // namespace

void Discovery::receive(rte_mbuf* m, Time now) {
  const auto& ethernet = header_at<EthernetHeader>(data_of(m) - sizeof(EthernetHeader));
  if (m->pkt_len > longest || ethernet.source.is_group()) {
    around_.outbox.drop(m, Drop::not_handled);
    return;
  }
  std::array<std::byte, longest> copy;
  const auto* const bytes =
      static_cast<const std::byte*>(rte_pktmbuf_read(m, 0, m->pkt_len, copy.data()));
  const auto message = parse_discovery({bytes, m->pkt_len});
  around_.outbox.conclude(
      m, message ? handle(*message, ethernet.source, facts_of(m).port, now) : Drop::not_handled);
}

void Discovery::receive_by_tunnel(rte_mbuf* m) {
  std::array<std::byte, longest> copy;
  const std::uint32_t length = std::min<std::uint32_t>(m->pkt_len, longest);
  const auto* const bytes =
      static_cast<const std::byte*>(rte_pktmbuf_read(m, 0, length, copy.data()));
  const auto message = parse_discovery({bytes, length});
  const bool asks_us = message && message->is_solicitation && !message->source.is_any() &&
                       (around_.forwarding.is_own(message->target) ||
                        message->target == link_local_towards(around_, m)) &&
                       !around_.forwarding.is_own(message->source);
  const auto way = asks_us ? way_back(around_, m) : std::nullopt;
  rte_mbuf* const reply = way ? around_.outbox.make(sizeof(TunnelAdvertisement)) : nullptr;
  if (reply != nullptr) {
    header_at<TunnelAdvertisement>(data_of(reply)) = make_tunnel_advertisement(*message);
    send_back(around_, reply, facts_of(m).worker, *way);
  }
  around_.outbox.conclude(m, reply != nullptr ? Drop::none : Drop::not_handled);
}

Drop Discovery::handle(const DiscoveryMessage& message, const MacAddress& from, std::uint16_t port,
                       Time now) {
  const auto view = around_.host.port(port);
  if (!view) {
    return Drop::port_down;
  }
  if (from == view->mac || message.mac == view->mac) {
    return Drop::not_handled;  // our own, looped back
  }
  const bool ours = message.target == view->link_local || around_.forwarding.is_own(message.target);
  if (message.is_solicitation) {
    return ours ? answer(message, from, port, *view, now) : Drop::not_handled;
  }
  // RFC 4862 section 5.4.4: somebody else has an address of ours; there is nothing to learn.
  return ours ? Drop::not_handled : learn(message, port, now);
}

Drop Discovery::answer(const DiscoveryMessage& solicitation, const MacAddress& from,
                       std::uint16_t port, const PortView& view, Time now) {
  if (solicitation.source == view.link_local || around_.forwarding.is_own(solicitation.source)) {
    return Drop::not_handled;
  }
  if (solicitation.mac) {  // RFC 4861 section 7.2.3: who asks will be sent to
    NeighbourEntry* const neighbour =
        around_.neighbours.find_or_learn(port, solicitation.source, now);
    if (neighbour != nullptr) {
      around_.neighbours.update(*neighbour, {.mac = solicitation.mac}, now);
    }
  }
  const DiscoveryFrame reply =
      make_advertisement(solicitation, view.mac, solicitation.mac.value_or(from));
  return around_.outbox.transmit(std::as_bytes(std::span{&reply, 1}), port) ? Drop::none
                                                                            : Drop::no_mbuf;
}

/// RFC 4861 section 7.2.5: an advertisement changes only what is there already.
Drop Discovery::learn(const DiscoveryMessage& advertisement, std::uint16_t port, Time now) {
  NeighbourEntry* const neighbour = around_.neighbours.find(port, advertisement.target);
  if (neighbour == nullptr) {
    return Drop::not_handled;
  }
  around_.neighbours.update(*neighbour,
                            {.mac = advertisement.mac,
                             .reachable = advertisement.solicited,
                             .replace = advertisement.replace,
                             .doubt = true,
                             .router = advertisement.router},
                            now);
  return Drop::none;
}

void Discovery::solicit(const NeighbourEntry& neighbour) {
  const auto& target = std::get<Ipv6Address>(neighbour.address);
  const auto view = around_.host.port(neighbour.port);
  const auto source = around_.host.source_on(neighbour.port, target);
  if (!view || !source) {
    return;  // the entry fails in its time
  }
  const auto to = neighbour.has_mac() ? std::optional{neighbour.mac} : std::nullopt;
  const DiscoveryFrame request = make_solicitation(view->mac, *source, target, to);
  (void)around_.outbox.transmit(std::as_bytes(std::span{&request, 1}), neighbour.port);
}

}  // namespace culvert
