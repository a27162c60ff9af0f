// SPDX-License-Identifier: BSD-3-Clause
// bench/support: the whole row of stages of one gateway, its tables filled for a case, from a burst
// of received frames to a port's transmit function.
#pragma once

#include <span>
#include <vector>

#include "culvert/dataplane/engine.hpp"
#include "culvert/dataplane/pipeline.hpp"

#include "support/burst.hpp"
#include "support/cases.hpp"
#include "support/frames.hpp"

namespace culvert::bench {

class Row {
 public:
  using Burst = std::array<rte_mbuf*, burst>;

  explicit Row(const Case& one);

  /// The next frames of the case, in mbufs from the pool, of which there must be enough.
  void receive(Burst& mbufs);
  /// Through all stages, and out.
  void forward(const Burst& mbufs) noexcept {
    forward_burst(lane_, in_, mbufs);
    lane_.finish_burst();
  }
  /// Straight to the port: what forward() costs without any stage.
  void send(Burst& mbufs) noexcept { rte_eth_tx_burst(out_.ethdev(), 0, mbufs.data(), burst); }

  // For what looks at one stage by itself.
  [[nodiscard]] Lane& lane() noexcept { return lane_; }
  [[nodiscard]] const Port& port() const noexcept { return in_; }

  /// Frames that forward() has sent.
  [[nodiscard]] std::uint64_t sent() const noexcept { return counters_.sent.get(); }

 private:
  void add_next_hops(const Case& one);
  [[nodiscard]] NextHopId add_tunnel(const Case& one, std::uint32_t number, std::uint16_t payload);

  PacketPool pool_;
  Forwarding forwarding_;
  Counters counters_;
  Doorbell doorbell_;
  Exchange exchange_;
  Exchange* const only_exchange_ = &exchange_;
  Port in_;
  Port out_;
  Lane lane_;
  Neighbour neighbour_;
  std::vector<NextHopId> ids_;
  std::vector<NextHopId> ids6_;
  std::vector<Bytes> frames_;
  std::size_t next_ = 0;
};

}  // namespace culvert::bench
