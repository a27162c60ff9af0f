// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/outer_errors.hpp"

#include <algorithm>

#include "culvert/dataplane/decapsulate.hpp"

namespace culvert {
namespace {

// More than any ICMP error should have (RFC 1812 section 4.3.2.3: 576), of which all is looked at.
constexpr std::uint32_t longest_error = 1500;
constexpr std::uint8_t code_source_route = 5;

std::span<const std::byte> bytes_of(const rte_mbuf* m) noexcept {
  return {data_of(m), m->data_len};
}

bool is_about_size(const IcmpHeader& error) noexcept {
  return error.type == icmp::unreachable && error.code == icmp::code_fragmentation_needed;
}

/// That packets of this tunnel do not reach the other end, as Linux sees it.
bool is_failure(const IcmpHeader& error, const QuotedTunnel& tunnel) noexcept {
  if (error.type == icmp::time_exceeded) {
    return error.code == 0 && !tunnel.inherits_ttl;
  }
  return error.code != code_source_route &&
         (error.code != icmp::code_port || tunnel.mode != TunnelMode::gre);
}

/// One piece, which may be written to, with the facts that the old one had. Null: no buffer.
rte_mbuf* in_one_piece(rte_mbuf* m) noexcept {
  const PacketFacts facts = facts_of(m);
  m = make_contiguous(m, longest_error);
  if (m != nullptr) {
    facts_of(m) = facts;
  }
  return m;
}

/// What failed keeps packets like this one from arriving, too.
bool concerns(const rte_mbuf* inner, const OuterErrors::Failure& failure) noexcept {
  if (failure.reason != Drop::too_big) {
    return true;
  }
  const auto& ip = header_at<Ipv4Header>(data_of(inner));
  if (ip.version() == 4) {
    return ip.has_dont_fragment() && ip.total_length.host() > failure.mtu;
  }
  const auto& ip6 = header_at<Ipv6Header>(data_of(inner));
  return sizeof(Ipv6Header) + ip6.payload_length.host() >
         std::max<unsigned>(failure.mtu, Ipv6Header::minimum_mtu);
}

/// What we made in the name of the far end (see Keepalives): it has nothing to be told. `inner` has
/// been quoted far enough.
bool is_keepalive(const rte_mbuf* inner, const TunnelQuote& quote) noexcept {
  if (quote.payload != ether_type::ipv4) {
    return false;
  }
  const auto& ip = header_at<Ipv4Header>(data_of(inner));
  return ip.source == quote.remote && ip.destination == quote.local;
}

}  // namespace

bool is_outer_error(const rte_mbuf* m) noexcept {
  const auto& ip = header_at<Ipv4Header>(data_of(m));
  const unsigned offset = ip.header_length();
  if (ip.version() != 4 || ip.protocol != ip_protocol::icmp || ip.is_fragment() ||
      m->data_len < offset + sizeof(IcmpHeader)) {
    return false;
  }
  const std::uint8_t type = header_at<IcmpHeader>(data_of(m) + offset).type;
  return type == icmp::unreachable || type == icmp::time_exceeded;
}

void OuterErrors::receive(rte_mbuf* m, Time now) {
  m = in_one_piece(m);
  if (m == nullptr) {
    around_.outbox.drop(m, Drop::no_mbuf);
    return;
  }
  const unsigned offset = header_at<Ipv4Header>(data_of(m)).header_length();
  if (sum_behind(m, offset, 0) != 0xffffU) {
    around_.outbox.drop(m, Drop::not_handled);
    return;
  }
  const IcmpHeader error = header_at<IcmpHeader>(data_of(m) + offset);
  strip(m, offset + std::uint32_t{sizeof(IcmpHeader)});
  facts_of(m).l2 = 0;
  trim(m, static_cast<std::uint32_t>(quote_of(bytes_of(m), error.rest.host()).size()));
  consider(m, error, now);
}

void OuterErrors::consider(rte_mbuf* m, const IcmpHeader& error, Time now) {
  const auto quote = read_tunnel_quote(bytes_of(m));
  const auto tunnel = quote ? around_.host.sender_of(*quote) : std::nullopt;
  if (!tunnel) {
    around_.outbox.drop(m, Drop::foreign_quote);
    return;
  }
  if (is_about_size(error)) {
    const auto reported = static_cast<std::uint16_t>(error.rest.host());
    if (const auto mtu =
            path_mtus_.learn(quote->remote, reported, quote->length, tunnel->mtu, now)) {
      pass_on(m, {Drop::too_big, *mtu}, now);
    }
  } else if (is_failure(error, *tunnel)) {
    pass_on(m, {Drop::neighbour_failed, 0}, now);
  }
  around_.outbox.conclude(m, Drop::none);
}

/// Where the inner packet is again one of ours, of a tunnel inside the tunnel, it is read in its
/// turn, until the sender is somebody else.
void OuterErrors::pass_on(rte_mbuf* m, Failure failure, Time now) {
  for (unsigned depth = 0; depth < max_nesting; ++depth) {
    const auto quote = read_tunnel_quote(bytes_of(m));
    const auto tunnel = quote ? around_.host.sender_of(*quote) : std::nullopt;
    if (!tunnel) {
      return;
    }
    const auto all = bytes_of(m);
    const auto inner = all.subspan(std::min<std::size_t>(quote->inner, all.size()));
    if (!is_quoted_enough(inner, quote->payload)) {
      if (failure.reason != Drop::too_big && !tunnel->one_to_many) {
        remember(tunnel->index, now);
      }
      return;
    }
    strip(m, quote->inner);
    failure.mtu = static_cast<std::uint16_t>(failure.mtu - std::min(quote->inner, failure.mtu));
    if (is_keepalive(m, *quote)) {
      return;
    }
    if (quote->payload != ether_type::ipv4 ||
        !around_.forwarding.is_own(header_at<Ipv4Header>(data_of(m)).source)) {
      if (concerns(m, failure)) {
        icmp_.tell_sender(m, failure.reason, failure.mtu, now);
      }
      return;
    }
  }
}

void OuterErrors::tell_pending(rte_mbuf* copy, Time now) {
  icmp_.tell_sender(copy, Drop::neighbour_failed, 0, now);
  rte_pktmbuf_free(copy);
}

void OuterErrors::tick(Time now) {
  path_mtus_.tick(now);
  for (std::size_t i = 0; i < expirations_per_tick && !due_.empty(); ++i) {
    if (due_.begin()->first > now) {
      break;
    }
    forget(due_.begin()->second);
  }
}

void OuterErrors::forget(std::uint32_t tunnel) {
  const auto found = due_by_tunnel_.find(tunnel);
  if (found == due_by_tunnel_.end()) {
    return;
  }
  due_.erase({found->second, tunnel});
  due_by_tunnel_.erase(found);
  pending_.clear(tunnel);
  pending_.set_any(!due_.empty());
}

void OuterErrors::remember(std::uint32_t tunnel, Time now) {
  const auto [place, fresh] = due_by_tunnel_.try_emplace(tunnel, now + memory);
  if (!fresh) {
    due_.erase({place->second, tunnel});
    place->second = now + memory;
  }
  due_.emplace(place->second, tunnel);
  pending_.add(tunnel);
  pending_.set_any(true);
}

}  // namespace culvert
