// SPDX-License-Identifier: BSD-3-Clause
#include "mbuf_sum.hpp"

#include <algorithm>
#include <span>

#include "culvert/dataplane/packet.hpp"
#include "culvert/net/checksum.hpp"

namespace culvert {

std::uint16_t sum_behind(const rte_mbuf* m, std::uint32_t offset, std::uint64_t sum) noexcept {
  bool odd = false;
  for (; m != nullptr; m = m->next) {
    const std::uint32_t skipped = std::min<std::uint32_t>(offset, m->data_len);
    offset -= skipped;
    const std::span bytes{data_of(m) + skipped, m->data_len - skipped};
    const std::uint16_t part = fold(raw_sum(bytes));
    sum += odd ? byte_swap(part) : part;  // RFC 1071 section 2B
    odd = odd != (bytes.size() % 2 != 0);
  }
  return fold(sum);
}

}  // namespace culvert
