// SPDX-License-Identifier: BSD-3-Clause
// dataplane: a packet, and its mbuf, as the stages see it. Between `parse` and `transmit` its data
// is exactly one IP packet, from its first header byte to the last that the header's length
// announces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include <rte_mbuf.h>

#include "culvert/dataplane/drop.hpp"
#include "culvert/net/checksum.hpp"
#include "culvert/net/headers.hpp"

namespace culvert {

/// Where a packet enters the row of stages.
enum class Entry : std::uint8_t {
  receive,   ///< before decapsulation, parsed
  forward,   ///< at the lookup, as a packet in transit (its TTL is still as received)
  output,    ///< at the lookup, as a packet that the gateway itself sends
  numbered,  ///< the same, GRE that its tunnel's owner has to put a sequence number into
  transmit,  ///< a whole frame for `port`
};

/// Why a packet went to the slow path.
enum class Punt : std::uint8_t {
  arp,            ///< a whole ARP frame
  local,          ///< an IP packet for the gateway itself
  resolve,        ///< an IP packet whose next hop has no MAC yet
  error,          ///< an IP packet whose sender is to be told of `drop`
  pending_error,  ///< a copy of an IP packet's start; its sender is told what happened to others
};

/// What is known of a packet that leaves the burst: facts, no index into the tables; whoever takes
/// it up again resolves it again. Lives in the mbuf's private area.
struct PacketFacts {
  Punt punt = Punt::local;
  Drop drop = Drop::none;
  Entry entry = Entry::forward;
  std::uint8_t worker = 0;  ///< to which it goes back
  std::uint16_t port = 0;   ///< index: that it came by or, at Entry::transmit, leaves by
  std::uint16_t mtu = 0;    ///< bytes, with Drop::too_big; which byte, with Drop::ip_options
  std::uint8_t l2 = 0;      ///< bytes of link header that still stand before the data, or 0
  bool l2_group = false;    ///< came in a broadcast or multicast frame; at Entry::receive
};
inline constexpr std::uint16_t facts_size = 16;
static_assert(sizeof(PacketFacts) <= facts_size);

[[nodiscard]] inline PacketFacts& facts_of(rte_mbuf* m) noexcept {
  return *static_cast<PacketFacts*>(rte_mbuf_to_priv(m));
}

[[nodiscard]] inline std::byte* data_of(rte_mbuf* m) noexcept {
  return rte_pktmbuf_mtod(m, std::byte*);
}
[[nodiscard]] inline const std::byte* data_of(const rte_mbuf* m) noexcept {
  return rte_pktmbuf_mtod(m, const std::byte*);
}

/// The tunnel that a packet was last taken out of, by the index of its counters: for the slow path.
/// Set by decapsulation, and meaningless in a packet whose link header still stands before it, but
/// for an answer to a keepalive. At Entry::numbered, the tunnel that the packet was put into.
inline void set_ingress_tunnel(rte_mbuf* m, std::uint32_t index) noexcept {
  m->hash.usr = index;
}
[[nodiscard]] inline std::uint32_t ingress_tunnel(const rte_mbuf* m) noexcept {
  return m->hash.usr;
}

/// Headers of one packet stand in the first segment up to this many bytes: the longest IPv4 header,
/// GRE with every option, and the next header behind it.
inline constexpr std::uint32_t contiguous_headers = 128;

/// One segment that nobody shares: the case that the fast path is made for.
[[nodiscard]] inline bool is_plain(const rte_mbuf* m) noexcept {
  static_assert(offsetof(rte_mbuf, nb_segs) == offsetof(rte_mbuf, refcnt) + 2);
  constexpr std::uint32_t one_of_each = 0x00010001;
  std::uint32_t references_and_segments = 0;
  std::memcpy(&references_and_segments,
              reinterpret_cast<const std::byte*>(m) + offsetof(rte_mbuf, refcnt),
              sizeof references_and_segments);
  return references_and_segments == one_of_each &&
         (m->ol_flags & (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL)) == 0;
}

/// A packet of which the first `count` bytes (or all) stand in a first segment that may be written
/// to. Takes `m`, which is not empty; null, with `m` freed, if there is no buffer for that.
[[nodiscard, gnu::cold]] rte_mbuf* make_contiguous(rte_mbuf* m, std::uint32_t count) noexcept;

/// Cuts `count` bytes off the front; they stand in the first segment.
inline void strip(rte_mbuf* m, std::uint32_t count) noexcept {
  m->data_off = static_cast<std::uint16_t>(m->data_off + count);
  m->data_len = static_cast<std::uint16_t>(m->data_len - count);
  m->pkt_len -= count;
}

/// Cuts what stands behind `length` bytes, whole segments too.
[[gnu::cold]] void trim_segments(rte_mbuf* m, std::uint32_t length) noexcept;

inline void trim(rte_mbuf* m, std::uint32_t length) noexcept {
  if (m->nb_segs == 1) [[likely]] {
    m->data_len = static_cast<std::uint16_t>(length);
    m->pkt_len = length;
  } else if (m->pkt_len > length) {
    trim_segments(m, length);
  }
}

/// One's complement sum, as raw_sum() has it, of what stands behind the first `offset` bytes of the
/// packet, in all its segments, and of `sum`. (rte_raw_cksum_mbuf of DPDK 22.11 is wrong behind a
/// segment of odd length.)
[[nodiscard]] std::uint16_t sum_behind(const rte_mbuf* m, std::uint32_t offset,
                                       std::uint64_t sum = 0) noexcept;

/// Extends the packet at its front, where there is room for that.
inline void prepend(rte_mbuf* m, std::uint32_t count) noexcept {
  m->data_off = static_cast<std::uint16_t>(m->data_off - count);
  m->data_len = static_cast<std::uint16_t>(m->data_len + count);
  m->pkt_len += count;
}

/// One packet between stages. Without initial values: a burst of them is not to be cleared first.
/// What is not on every packet's way gets it by value, so that the stages can keep it in registers.
struct Packet {
  Packet() = default;
  Packet(rte_mbuf* m, std::uint16_t packet_type, std::uint16_t ingress,
         std::uint8_t link_header = 0, bool to_group = false) noexcept
      : mbuf(m),
        start(data_of(m)),
        length(m->pkt_len),
        type(packet_type),
        port(ingress),
        l2(link_header),
        l2_group(to_group) {}
  // Field by field, as it would not be by default: a copy by greater pieces goes through memory.
  Packet(const Packet& other) noexcept
      : mbuf(other.mbuf),
        start(other.start),
        length(other.length),
        type(other.type),
        port(other.port),
        l2(other.l2),
        l2_group(other.l2_group) {}
  Packet& operator=(const Packet& other) noexcept {
    mbuf = other.mbuf;
    start = other.start;
    length = other.length;
    type = other.type;
    port = other.port;
    l2 = other.l2;
    l2_group = other.l2_group;
    return *this;
  }
  ~Packet() = default;

  rte_mbuf* mbuf;
  std::byte* start;  ///< its first byte and its length, as `mbuf` has them
  std::uint32_t length;
  std::uint16_t type;  ///< EtherType: IPv4 or IPv6
  std::uint16_t port;  ///< index: that it came by
  std::uint8_t l2;     ///< bytes of the link header, while it still stands before the packet
  bool l2_group;       ///< came in a broadcast or multicast frame

  [[nodiscard]] bool is_ipv4() const noexcept { return type == ether_type::ipv4; }
  [[nodiscard]] Ipv4Header& ipv4() const noexcept { return header_at<Ipv4Header>(start); }
  [[nodiscard]] Ipv6Header& ipv6() const noexcept { return header_at<Ipv6Header>(start); }
  /// As far as it is in the first segment.
  [[nodiscard]] std::span<std::byte> contiguous() const noexcept { return {start, mbuf->data_len}; }

  /// One's complement sum, as raw_sum() has it, of what stands behind the first `offset` bytes. The
  /// lengths in `mbuf` are right.
  [[nodiscard]] std::uint64_t sum_behind(std::uint32_t offset) const noexcept {
    if (mbuf->nb_segs == 1) [[likely]] {
      return raw_sum_long({start + offset, length - offset});
    }
    return culvert::sum_behind(mbuf, offset);
  }

  /// Another buffer in place of the one before, or null.
  void take(rte_mbuf* m) noexcept {
    mbuf = m;
    if (m != nullptr) [[likely]] {
      start = data_of(m);
      length = m->pkt_len;
    }
  }
  /// Leaves the lengths in `mbuf` to trim() or sync(), one of which has to follow.
  void strip(std::uint32_t count) noexcept {
    mbuf->data_off = static_cast<std::uint16_t>(mbuf->data_off + count);
    start += count;
    length -= count;
  }
  void trim(std::uint32_t to) noexcept {
    if (mbuf->nb_segs != 1) [[unlikely]] {
      sync();
    }
    culvert::trim(mbuf, to);
    length = to;
  }
  void sync() const noexcept {
    const std::uint32_t stripped = mbuf->pkt_len - length;
    mbuf->data_len = static_cast<std::uint16_t>(mbuf->data_len - stripped);
    mbuf->pkt_len = length;
  }
  /// There is room for `count` bytes.
  void prepend(std::uint32_t count) noexcept {
    culvert::prepend(mbuf, count);
    start -= count;
    length += count;
  }
};

/// Of the header that a packet has just been taken out of.
struct OuterFacts {
  Ipv4Address source;
  Ipv4Address destination;
  std::uint8_t protocol;
  std::uint8_t tos;
};

[[nodiscard]] inline OuterFacts outer_facts(const Ipv4Header& outer) noexcept {
  return {outer.source, outer.destination, outer.protocol, outer.tos};
}

}  // namespace culvert
