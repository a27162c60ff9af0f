// SPDX-License-Identifier: BSD-3-Clause
// slowpath: GRE keepalives as routers speak them: what goes into the tunnel is the packet that the
// far end sends back, which has but to decapsulate and forward. Too many in a row that do not come
// back mean that the tunnel's line is down. Control thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "culvert/slowpath/surroundings.hpp"

namespace culvert {

class Keepalives {
 public:
  /// In each tick(); whoever is not among them is with the next.
  static constexpr unsigned sent_per_tick = 256;

  struct Terms {
    std::chrono::seconds interval{};
    unsigned retries = 0;       ///< so many in a row without an answer, and the line is down
    std::optional<be32> key{};  ///< GRE, input: by which an answer finds its tunnel
  };
  struct Status {
    bool up = true;  ///< the line; at the start, too
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
  };

  explicit Keepalives(const Surroundings& surroundings) noexcept : around_(surroundings) {}

  /// From the next tick() on, with nothing known. `tunnel` is the index of its counters.
  void start(std::uint32_t tunnel, const Terms& terms);
  /// Forgets it, if it was there. The host is not told.
  void stop(std::uint32_t tunnel);
  [[nodiscard]] std::optional<Status> find(std::uint32_t tunnel) const;

  /// An answer, its tunnel noted in it. Takes it.
  void receive(rte_mbuf* m);
  void tick(Time now);

 private:
  struct Line {
    Terms terms;
    Status status;
    unsigned unanswered = 0;  ///< in a row
    Time due{};
  };

  void send(std::uint32_t tunnel, Line& line);

  Surroundings around_;
  std::map<std::uint32_t, Line> lines_;
  std::set<std::pair<Time, std::uint32_t>> due_;  ///< the same, by time
  std::uint16_t next_id_ = 1;
};

}  // namespace culvert
