// SPDX-License-Identifier: BSD-3-Clause
// tests/dataplane: packets that show which flow they are of and which one in it, in a tunnel from
// gateway b to gateway a.
#pragma once

#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "culvert/dataplane/flow_hash.hpp"
#include "culvert/dataplane/spread.hpp"

#include "support/bytes.hpp"
#include "support/layout.hpp"
#include "support/network.hpp"

namespace culvert::test {

struct Flow {
  std::uint16_t port = 0;
  std::uint32_t next = 0;  ///< number of its next packet

  [[nodiscard]] Bytes inner(std::uint8_t ttl = 64) {
    return ipv4(node_b.host4, node_a.host4, 17,
                bytes_of(be16{port}) + bytes_of(be16{53}) + bytes_of(be32{next++}), {.ttl = ttl});
  }
  [[nodiscard]] static Bytes to_gateway(const Bytes& outer) {
    return ethernet(node_a.outside_mac, node_b.outside_mac, ether_type::ipv4, outer);
  }
  /// The next packet in an ipip tunnel, as it arrives.
  [[nodiscard]] Bytes frame(std::uint8_t ttl = 64, std::string_view peer = node_b.outside4) {
    return to_gateway(ipv4(peer, node_a.outside4, 4, inner(ttl)));
  }
  [[nodiscard]] unsigned bucket(rte_mempool* pool) {
    rte_mbuf* const m = make_mbuf(pool, Flow{port}.inner());
    const Packet packet(m, ether_type::ipv4, 0);
    const unsigned result = flow_hash(packet) % Spread::buckets;
    rte_pktmbuf_free(m);
    return result;
  }
};

/// Reads frames that leave, and fails the test where one overtook another of its flow.
class OrderCheck {
 public:
  void see(const Bytes& frame) {
    const std::byte* const udp = frame.data() + sizeof(EthernetHeader) + sizeof(Ipv4Header);
    const std::uint16_t port = header_at<be16>(udp).host();
    const std::uint32_t number = header_at<be32>(udp + 4).host();
    const auto [last, first] = last_.try_emplace(port, number);
    if (!first) {
      EXPECT_GT(number, last->second) << "of the flow " << port;
      last->second = number;
    }
    ++count_;
  }
  [[nodiscard]] unsigned count() const { return count_; }

 private:
  std::map<std::uint16_t, std::uint32_t> last_;
  unsigned count_ = 0;
};

}  // namespace culvert::test
