// SPDX-License-Identifier: BSD-3-Clause
// dataplane: one poll-mode loop, on one lcore.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>

#include "culvert/dataplane/lane.hpp"

namespace culvert {

class alignas(64) Worker {
 public:
  struct Options {
    std::uint16_t burst = 32;  ///< frames taken from a queue at once, at most max_burst
    bool busy_poll = false;    ///< never sleep
    Spread::Options spread{};  ///< of what comes out of tunnels
  };

  /// What all workers share, and only read.
  struct Shared {
    Forwarding& forwarding;
    const std::atomic<const PortList*>& ports;
    std::span<Exchange* const> exchanges;  ///< by worker
    const std::atomic<bool>& stop;
  };

  Worker(const Shared& shared, std::uint16_t number, Counters& counters, const Options& options);

  /// Until `stop`.
  void run() noexcept;
  /// One round: what came back into the row, then a burst of each queue. False if there was
  /// nothing. run() does nothing else; who calls it instead is the only thread that does.
  [[nodiscard]] bool poll() noexcept;
  /// For who calls poll().
  [[nodiscard]] Lane& lane() noexcept { return lane_; }

 private:
  struct Source {
    const Port* port;
    std::uint16_t queue;
  };

  void adopt(const PortList& list) noexcept;
  void rest() noexcept;

  Shared shared_;
  Options options_;
  Lane lane_;
  std::uint64_t adopted_ = 0;  ///< version of the port list in use
  unsigned source_count_ = 0;
  std::array<Source, max_ports> sources_{};
  unsigned idle_polls_ = 0;
  bool worked_ = false;  ///< in the last round
};

}  // namespace culvert
