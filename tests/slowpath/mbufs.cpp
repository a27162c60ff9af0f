// SPDX-License-Identifier: BSD-3-Clause
#include "slowpath/mbufs.hpp"

#include <algorithm>

#include "culvert/dataplane/check.hpp"
#include "culvert/dataplane/packet.hpp"

namespace culvert::test {
namespace {

struct Buffer {
  rte_mbuf_ext_shared_info shared{};
  std::unique_ptr<std::byte[]> bytes;
};

void free_buffer(void*, void* buffer) {
  delete static_cast<Buffer*>(buffer);
}

}  // namespace

Mbufs::Mbufs()
    : pool_(check(rte_pktmbuf_pool_create("test", count, 0, facts_size, RTE_MBUF_DEFAULT_BUF_SIZE,
                                          SOCKET_ID_ANY),
                  "pool")) {}

rte_mbuf* Mbufs::make(const Bytes& data, const Bytes& before, std::size_t split) {
  const std::span all{data};
  if (split == 0) {
    return make_segment(all, before, RTE_PKTMBUF_HEADROOM);
  }
  rte_mbuf* const m = make_segment(all.first(split), before, RTE_PKTMBUF_HEADROOM);
  check(rte_pktmbuf_chain(m, make_segment(all.subspan(split), {}, 0)), "chain");
  return m;
}

rte_mbuf* Mbufs::make_segment(std::span<const std::byte> data, std::span<const std::byte> before,
                              std::size_t headroom) {
  rte_mbuf* const m = check(rte_pktmbuf_alloc(pool_.get()), "mbuf");
  auto* const buffer = new Buffer;
  const std::size_t size = headroom + data.size();
  buffer->bytes = std::make_unique<std::byte[]>(size);
  std::fill_n(buffer->bytes.get(), headroom, std::byte{0xa5});
  std::copy(before.begin(), before.end(), buffer->bytes.get() + headroom - before.size());
  std::copy(data.begin(), data.end(), buffer->bytes.get() + headroom);
  buffer->shared.free_cb = free_buffer;
  buffer->shared.fcb_opaque = buffer;
  rte_mbuf_ext_refcnt_set(&buffer->shared, 1);
  rte_pktmbuf_attach_extbuf(m, buffer->bytes.get(), RTE_BAD_IOVA, static_cast<std::uint16_t>(size),
                            &buffer->shared);
  m->data_off = static_cast<std::uint16_t>(headroom);
  m->data_len = static_cast<std::uint16_t>(data.size());
  m->pkt_len = static_cast<std::uint32_t>(data.size());
  return m;
}

Bytes content_of(const rte_mbuf* m) {
  Bytes bytes;
  for (const rte_mbuf* segment = m; segment != nullptr; segment = segment->next) {
    const std::span data{data_of(segment), segment->data_len};
    bytes.insert(bytes.end(), data.begin(), data.end());
  }
  return bytes;
}

}  // namespace culvert::test
