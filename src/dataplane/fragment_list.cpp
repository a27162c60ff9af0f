// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/dataplane/fragment_list.hpp"

#include "culvert/dataplane/parse.hpp"
#include "culvert/net/ecn.hpp"

namespace culvert {
namespace {

constexpr unsigned longest_packet = 65535;

constexpr std::uint8_t ecn_bit(std::uint8_t tos) noexcept {
  return static_cast<std::uint8_t>(1U << (tos & ecn::mask));
}

}  // namespace

Drop FragmentList::insert(const Packet& packet) noexcept {
  const Ipv4Header& ip = packet.ipv4();
  const unsigned length = packet.length - ip.header_length();
  const unsigned begin = (ip.fragment.host() & Ipv4Header::offset_mask) * 8U;
  const bool more = (ip.fragment.host() & Ipv4Header::more_fragments) != 0;
  if (length == 0 || (more && length % 8 != 0)) {
    return Drop::fragment_length;
  }
  if (ip.header_length() + begin + length > longest_packet) {
    return Drop::fragment_size;
  }
  const HeldFragment part{.begin = static_cast<std::uint16_t>(begin),
                          .end = static_cast<std::uint16_t>(begin + length),
                          .port = packet.port,
                          .l2 = packet.l2};
  if (contradicts_end(part, more)) {
    return Drop::fragment_end;
  }
  const Place place = find_place(part);
  if (place.drop != Drop::none) {
    return place.drop;
  }
  if (count_ == max_fragments) {
    return Drop::fragment_count;
  }
  if (!more) {
    total_ = part.end;
  }
  ecn_ |= ecn_bit(ip.tos);
  l2_group_ = l2_group_ || packet.l2_group;
  link(packet.mbuf, part, place.before);
  return Drop::none;
}

/// One fragment only is the last, and nothing lies behind it.
bool FragmentList::contradicts_end(const HeldFragment& part, bool more) const noexcept {
  if (more) {
    return total_ != 0 && part.end >= total_;
  }
  return (total_ != 0 && part.end != total_) || (last_ != nullptr && held(last_).end > part.end);
}

/// An exact copy may be left out (RFC 8200 section 4.5, where RFC 5722 was too strict); any other
/// overlap is a fault or an attack (RFC 1858, RFC 3128).
FragmentList::Place FragmentList::find_place(const HeldFragment& part) const noexcept {
  if (last_ != nullptr && held(last_).end <= part.begin) {
    return {.before = last_};  // in order, the usual case
  }
  Place place;
  for (rte_mbuf* m = first_; m != nullptr && held(m).begin < part.end; m = held(m).next) {
    const HeldFragment& other = held(m);
    if (part.begin < other.end) {
      const bool same = part.begin == other.begin && part.end == other.end;
      return {.drop = same ? Drop::fragment_duplicate : Drop::fragment_overlap};
    }
    place.before = m;
  }
  return place;
}

void FragmentList::link(rte_mbuf* m, const HeldFragment& part, rte_mbuf* before) noexcept {
  HeldFragment& own = held(m);
  own = part;
  own.next = std::exchange(before == nullptr ? first_ : held(before).next, m);
  if (own.next == nullptr) {
    last_ = m;
  }
  received_ += static_cast<std::uint32_t>(part.end - part.begin);
  buffers_ += m->nb_segs;
  ++count_;
}

/// RFC 3168 section 5.3 forbids to lose a mark, and to set one on a packet any fragment of which is
/// Not-ECT. It leaves open what Not-ECT together with ECT is: as Linux, no packet.
Drop FragmentList::refusal() const noexcept {
  if (header_at<Ipv4Header>(data_of(first_)).header_length() + total_ > longest_packet) {
    return Drop::fragment_size;
  }
  const std::uint8_t unmarked = ecn_bit(ecn::not_ect);
  return (ecn_ & unmarked) != 0 && ecn_ != unmarked ? Drop::fragment_ecn : Drop::none;
}

rte_mbuf* FragmentList::join() noexcept {
  rte_mbuf* const whole = first_;
  rte_mbuf* tail = nullptr;
  const bool marked = (ecn_ & ecn_bit(ecn::ce)) != 0;
  drain([&](rte_mbuf* m, const HeldFragment&) {
    if (m != whole) {
      strip(m, header_at<Ipv4Header>(data_of(m)).header_length());
      tail->next = m;
      whole->pkt_len += m->pkt_len;
      whole->nb_segs = static_cast<std::uint16_t>(whole->nb_segs + m->nb_segs);
    }
    tail = rte_pktmbuf_lastseg(m);
  });
  auto& ip = header_at<Ipv4Header>(data_of(whole));
  ip.total_length = be16{static_cast<std::uint16_t>(whole->pkt_len)};
  ip.fragment = be16{};
  ip.tos = static_cast<std::uint8_t>(ip.tos | (marked ? ecn::ce : 0U));
  ip.checksum = be16{};
  ip.checksum = ipv4_checksum(data_of(whole), ip.header_length());
  return whole;
}

}  // namespace culvert
