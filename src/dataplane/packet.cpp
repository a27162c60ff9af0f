// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/dataplane/packet.hpp"

#include <algorithm>

namespace culvert {
namespace {

bool is_writable(const rte_mbuf* m) noexcept {
  if (rte_mbuf_refcnt_read(m) != 1 || (m->ol_flags & RTE_MBUF_F_INDIRECT) != 0) {
    return false;
  }
  return !RTE_MBUF_HAS_EXTBUF(m) || rte_mbuf_ext_refcnt_read(m->shinfo) == 1;
}

/// Cuts `count` bytes off the front, freeing the segments that this empties. `count` < pkt_len.
rte_mbuf* strip_segments(rte_mbuf* m, std::uint32_t count) noexcept {
  while (count >= m->data_len) {
    rte_mbuf* const next = m->next;
    count -= m->data_len;
    next->pkt_len = m->pkt_len - m->data_len;
    next->nb_segs = static_cast<std::uint16_t>(m->nb_segs - 1);
    m->next = nullptr;
    m->nb_segs = 1;
    rte_pktmbuf_free_seg(m);
    m = next;
  }
  strip(m, count);
  return m;
}

}  // namespace

rte_mbuf* make_contiguous(rte_mbuf* m, std::uint32_t count) noexcept {
  bool writable = true;
  for (const rte_mbuf* segment = m; segment != nullptr; segment = segment->next) {
    writable = writable && is_writable(segment);
  }
  if (!writable) {
    rte_mbuf* const copy = rte_pktmbuf_copy(m, m->pool, 0, UINT32_MAX);
    rte_pktmbuf_free(m);
    if (copy == nullptr) {
      return nullptr;
    }
    m = copy;
  }
  const std::uint32_t wanted = std::min(m->pkt_len, count);
  if (m->data_len >= wanted) {
    return m;
  }
  rte_mbuf* const head = rte_pktmbuf_alloc(m->pool);
  if (head == nullptr || rte_pktmbuf_tailroom(head) < wanted) {
    rte_pktmbuf_free(head);
    rte_pktmbuf_free(m);
    return nullptr;
  }
  std::byte* const to = data_of(head);
  const void* const from = rte_pktmbuf_read(m, 0, wanted, to);
  if (from != to) {
    std::copy_n(static_cast<const std::byte*>(from), wanted, to);
  }
  head->data_len = static_cast<std::uint16_t>(wanted);
  head->pkt_len = m->pkt_len;
  head->port = m->port;
  if (m->pkt_len == wanted) {
    rte_pktmbuf_free(m);
  } else {
    head->next = strip_segments(m, wanted);
    head->nb_segs = static_cast<std::uint16_t>(head->next->nb_segs + 1);
  }
  return head;
}

void trim_segments(rte_mbuf* m, std::uint32_t length) noexcept {
  std::uint16_t kept = 1;
  std::uint32_t left = length;
  rte_mbuf* segment = m;
  while (segment->data_len < left) {
    left -= segment->data_len;
    segment = segment->next;
    ++kept;
  }
  segment->data_len = static_cast<std::uint16_t>(left);
  rte_pktmbuf_free(segment->next);
  segment->next = nullptr;
  m->nb_segs = kept;
  m->pkt_len = length;
}

std::uint16_t sum_behind(const rte_mbuf* m, std::uint32_t offset, std::uint64_t sum) noexcept {
  PieceSum total(sum);
  for (; m != nullptr; m = m->next) {
    const std::uint32_t skipped = std::min<std::uint32_t>(offset, m->data_len);
    offset -= skipped;
    total.add({data_of(m) + skipped, m->data_len - skipped});
  }
  return total.folded();
}

}  // namespace culvert
