// SPDX-License-Identifier: BSD-3-Clause
// dataplane: the fragments of one IPv4 packet, those that came so far, in order of their offsets.
// What a fragment is stands in its mbuf's private area, where facts are kept only of packets that
// leave a worker.
#pragma once

#include <cstdint>
#include <utility>

#include <rte_mbuf.h>

#include "culvert/dataplane/packet.hpp"
#include "culvert/net/headers.hpp"

namespace culvert {

struct Packet;

struct HeldFragment {
  rte_mbuf* next = nullptr;
  std::uint16_t begin = 0;  ///< bytes into what stands behind the whole packet's header
  std::uint16_t end = 0;    ///< behind its last byte
  std::uint16_t port = 0;   ///< that it came by
  std::uint8_t l2 = 0;      ///< bytes of link header that still stand before it
};
static_assert(sizeof(HeldFragment) <= facts_size);

class FragmentList {
 public:
  static constexpr unsigned max_fragments = 64;

  /// Takes a valid IPv4 fragment. Or it stays the caller's: Drop::fragment_duplicate,
  /// fragment_length and fragment_size are about it alone, any other reason about its whole packet.
  [[nodiscard]] Drop insert(const Packet& packet) noexcept;

  [[nodiscard]] bool is_whole() const noexcept { return total_ != 0 && received_ == total_; }
  /// Why the whole packet may not be had, or none.
  [[nodiscard]] Drop refusal() const noexcept;
  /// The whole packet, as a chain of segments; the list is empty then.
  [[nodiscard]] rte_mbuf* join() noexcept;

  /// Gives `take(mbuf, const HeldFragment&)` each fragment for good; the list is empty then.
  template <typename Take>
  void drain(Take take) noexcept {
    for (rte_mbuf* m = std::exchange(first_, nullptr); m != nullptr;) {
      const HeldFragment part = held(m);  // `take` may write there
      take(m, part);
      m = part.next;
    }
    *this = {};
  }

  [[nodiscard]] unsigned count() const noexcept { return count_; }
  [[nodiscard]] unsigned buffers() const noexcept { return buffers_; }
  /// One of the fragments came in a broadcast or multicast frame.
  [[nodiscard]] bool l2_group() const noexcept { return l2_group_; }

 private:
  struct Place {
    rte_mbuf* before = nullptr;  ///< null: at the head
    Drop drop = Drop::none;
  };
  [[nodiscard]] static HeldFragment& held(rte_mbuf* m) noexcept {
    return *static_cast<HeldFragment*>(rte_mbuf_to_priv(m));
  }
  [[nodiscard]] bool contradicts_end(const HeldFragment& part, bool more) const noexcept;
  [[nodiscard]] Place find_place(const HeldFragment& part) const noexcept;
  void link(rte_mbuf* m, const HeldFragment& part, rte_mbuf* before) noexcept;

  rte_mbuf* first_ = nullptr;
  rte_mbuf* last_ = nullptr;
  std::uint32_t received_ = 0;  ///< bytes behind the headers
  std::uint32_t total_ = 0;     ///< of these in the whole packet; 0: not known yet
  std::uint32_t buffers_ = 0;   ///< mbufs, each segment one
  std::uint8_t count_ = 0;
  std::uint8_t ecn_ = 0;  ///< a bit for each codepoint seen
  bool l2_group_ = false;
};

}  // namespace culvert
