// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/dataplane/fragment.hpp"

#include <algorithm>

#include "culvert/dataplane/packet.hpp"
#include "culvert/net/checksum.hpp"
#include "culvert/net/ip_options.hpp"

namespace culvert {

Fragments::Fragments(const rte_mbuf* whole, unsigned mtu) noexcept : whole_(whole) {
  header_length_ = header_at<Ipv4Header>(data_of(whole)).header_length();
  std::copy_n(data_of(whole), header_length_, header_.begin());
  room_ = mtu - header_length_;
  length_ = whole->pkt_len - header_length_;
}

rte_mbuf* Fragments::next() noexcept {
  const unsigned left = length_ - sent_;
  const unsigned size = left <= room_ ? left : room_ / unit * unit;
  // The header is then written over what stands before this part of the packet.
  rte_mbuf* const m = rte_pktmbuf_copy(whole_, whole_->pool, sent_, header_length_ + size);
  if (m == nullptr) {
    return nullptr;
  }
  std::copy_n(header_.begin(), header_length_, data_of(m));
  const std::uint16_t before = header().fragment.host();  // a fragment may be cut again
  const unsigned offset = (before & Ipv4Header::offset_mask) + sent_ / unit;
  const unsigned more =
      size < left ? Ipv4Header::more_fragments : before & Ipv4Header::more_fragments;
  auto& ip = header_at<Ipv4Header>(data_of(m));
  ip.total_length = be16{static_cast<std::uint16_t>(header_length_ + size)};
  ip.fragment = be16{static_cast<std::uint16_t>(more | (offset & Ipv4Header::offset_mask))};
  ip.checksum = be16{};
  ip.checksum = ipv4_checksum(data_of(m), header_length_);
  if (sent_ == 0) {
    clear_uncopied_options(std::span{header_}.first(header_length_).subspan(sizeof(Ipv4Header)));
  }
  sent_ += size;
  return m;
}

}  // namespace culvert
