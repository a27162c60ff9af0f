// SPDX-License-Identifier: BSD-3-Clause
// slowpath: the ICMP errors that we send, and the way back of all that we send.
#include <algorithm>
#include <array>

#include "culvert/slowpath/icmp.hpp"

namespace culvert {
namespace {

/// The first bytes of a packet, in one piece: its own or those of `copy`.
template <std::size_t size>
std::span<const std::byte> first_bytes(rte_mbuf* m, std::array<std::byte, size>& copy) noexcept {
  const auto length = std::min<std::uint32_t>(m->pkt_len, size);
  return {static_cast<const std::byte*>(rte_pktmbuf_read(m, 0, length, copy.data())), length};
}

/// RFC 1122 section 3.2.2: "a datagram sent as a link-layer broadcast".
bool came_to_group(rte_mbuf* m) noexcept {
  const std::uint8_t l2 = facts_of(m).l2;
  return l2 != 0 && header_at<EthernetHeader>(data_of(m) - l2).destination.is_group();
}

void shorten(rte_mbuf* m, std::size_t length) noexcept {
  trim(m, static_cast<std::uint32_t>(length));
}

}  // namespace

void Icmp::report(rte_mbuf* m, Drop reason, Time now) {
  const PacketFacts facts = facts_of(m);
  if (facts.entry == Entry::forward) {
    tell_sender(m, reason, facts.mtu, now);
  }
  around_.outbox.drop(m, reason);
}

void Icmp::tell_sender(rte_mbuf* about, Drop reason, std::uint16_t mtu, Time now) {
  const bool ipv4 = header_at<Ipv4Header>(data_of(about)).version() == 4;
  if (const auto error = ipv4 ? icmp_error_for(reason, mtu) : icmpv6_error_for(reason, mtu)) {
    tell(about, *error, reason == Drop::no_tunnel, now);
  }
}

void Icmp::tell(rte_mbuf* about, const IcmpError& error, bool for_us, Time now) {
  if (came_to_group(about) || !may_be_reported({data_of(about), about->data_len})) {
    return;
  }
  if (header_at<Ipv4Header>(data_of(about)).version() == 4) {
    tell_ipv4(about, error, for_us, now);
  } else {
    tell_ipv6(about, error, for_us, now);
  }
}

void Icmp::tell_ipv4(rte_mbuf* about, const IcmpError& error, bool for_us, Time now) {
  const Ipv4Header ip = header_at<Ipv4Header>(data_of(about));
  const auto source =
      for_us ? std::optional{ip.destination} : around_.host.source_towards(ip.source);
  if (!source || !is_other_host(ip.source) ||
      !limiter_.allow(std::as_bytes(std::span{&ip.source, 1}), error.is_ipv4_too_big(), now)) {
    return;
  }
  rte_mbuf* const m = around_.outbox.make(icmp_error_size);
  if (m == nullptr) {
    return;
  }
  std::array<std::byte, icmp_error_size> copy;
  shorten(m, write_icmp_error({data_of(m), icmp_error_size}, error, *source, next_id_++,
                              first_bytes(about, copy)));
  send(m, facts_of(about).worker, std::nullopt);
}

void Icmp::tell_ipv6(rte_mbuf* about, const IcmpError& error, bool for_us, Time now) {
  const Ipv6Header ip = header_at<Ipv6Header>(data_of(about));
  std::optional<Ipv6Address> source = ip.destination;
  std::optional<WayBack> way;
  if (ip.source.is_link_local() || ip.destination.is_link_local()) {
    way = way_back(around_, about);
    if (!way) {
      return;
    }
  }
  if (!for_us) {
    source = way ? way->own : around_.host.source_towards(ip.source);
  }
  if (!source || !is_other_host(ip.source) ||
      !limiter_.allow(std::as_bytes(std::span{&ip.source, 1}), error.is_ipv6_too_big(), now)) {
    return;
  }
  rte_mbuf* const m = around_.outbox.make(icmpv6_error_size);
  if (m == nullptr) {
    return;
  }
  std::array<std::byte, icmpv6_error_size> copy;
  shorten(m, write_icmpv6_error({data_of(m), icmpv6_error_size}, error, *source,
                                first_bytes(about, copy)));
  send(m, facts_of(about).worker, way);
}

/// Nothing is answered to ourselves, nor to a subnet.
template <typename Address>
bool Icmp::is_other_host(const Address& sender) const noexcept {
  const NextHop::Kind kind = around_.forwarding.route(sender).kind;
  return kind != NextHop::Kind::local && kind != NextHop::Kind::broadcast;
}
template bool Icmp::is_other_host(const Ipv4Address&) const noexcept;
template bool Icmp::is_other_host(const Ipv6Address&) const noexcept;

void Icmp::send(rte_mbuf* m, std::uint8_t worker, const std::optional<WayBack>& way) {
  if (way) {
    send_back(around_, m, worker, *way);
  } else {
    around_.outbox.send(m, worker);
  }
}

}  // namespace culvert
