// SPDX-License-Identifier: BSD-3-Clause
#include "support/layout.hpp"

#include <algorithm>
#include <memory>

#include "culvert/dataplane/check.hpp"
#include "culvert/dataplane/packet.hpp"

namespace culvert::test {
namespace {

constexpr std::byte filler{0xa5};

struct HeapBuffer {
  rte_mbuf_ext_shared_info shared{};
  std::unique_ptr<std::byte[]> bytes;
};

void attach_heap(rte_mbuf* m, std::size_t size) {
  auto* const buffer = new HeapBuffer;
  buffer->bytes = std::make_unique<std::byte[]>(size);
  buffer->shared.free_cb = [](void*, void* self) { delete static_cast<HeapBuffer*>(self); };
  buffer->shared.fcb_opaque = buffer;
  rte_mbuf_ext_refcnt_set(&buffer->shared, 1);
  rte_pktmbuf_attach_extbuf(m, buffer->bytes.get(), RTE_BAD_IOVA, static_cast<std::uint16_t>(size),
                            &buffer->shared);
}

rte_mbuf* make_segment(rte_mempool* pool, std::span<const std::byte> data, std::uint16_t headroom,
                       Layout::Storage storage) {
  rte_mbuf* const m = check(rte_pktmbuf_alloc(pool), "mbuf");
  if (storage == Layout::Storage::heap) {
    attach_heap(m, headroom + data.size());
  }
  std::fill_n(static_cast<std::byte*>(m->buf_addr), m->buf_len, filler);
  m->data_off = headroom;
  m->data_len = static_cast<std::uint16_t>(data.size());
  m->pkt_len = m->data_len;
  std::copy(data.begin(), data.end(), data_of(m));
  return m;
}

}  // namespace

std::string to_string(const Layout& layout) {
  std::string text;
  switch (layout.storage) {
    case Layout::Storage::pool:
      text = "in the pool";
      break;
    case Layout::Storage::heap:
      text = "on the heap";
      break;
    case Layout::Storage::shared:
      text = "shared";
      break;
  }
  for (const std::size_t cut : layout.cuts) {
    text += ", cut at " + std::to_string(cut);
  }
  return text;
}

void for_each_layout(std::size_t size, const std::function<void(const Layout&)>& use) {
  use({.storage = Layout::Storage::pool});
  use({.storage = Layout::Storage::heap});
  use({.storage = Layout::Storage::shared});
  for (std::size_t cut = 0; cut < size; ++cut) {
    use({.storage = Layout::Storage::heap, .cuts = {cut}});
    use({.storage = Layout::Storage::heap, .cuts = {cut, cut + 1}});
    use({.storage = Layout::Storage::heap, .cuts = {cut, cut + (size - cut) / 2}});
  }
}

rte_mbuf* make_mbuf(rte_mempool* pool, const Bytes& frame, const Layout& layout) {
  const std::span all{frame};
  std::vector<std::size_t> ends = layout.cuts;
  ends.push_back(frame.size());
  rte_mbuf* head = nullptr;
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    const std::uint16_t headroom = head == nullptr ? layout.headroom : std::uint16_t{0};
    rte_mbuf* const segment =
        make_segment(pool, all.subspan(begin, end - begin), headroom, layout.storage);
    begin = end;
    if (head == nullptr) {
      head = segment;
    } else {
      check(rte_pktmbuf_chain(head, segment), "chain");
    }
  }
  return head;
}

Bytes contents(const rte_mbuf* m, std::size_t before) {
  Bytes bytes(data_of(m) - before, data_of(m));
  for (const rte_mbuf* segment = m; segment != nullptr; segment = segment->next) {
    bytes.insert(bytes.end(), data_of(segment), data_of(segment) + segment->data_len);
  }
  return bytes;
}

}  // namespace culvert::test
