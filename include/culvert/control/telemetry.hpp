// SPDX-License-Identifier: BSD-3-Clause
// control: counters over DPDK's own telemetry socket, beside DPDK's commands. Its callbacks run on
// DPDK's thread and read relaxed atomics only.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <string>

#include "culvert/dataplane/engine.hpp"

namespace culvert {

/// A link's name, at most 15 characters, that another thread may read at any time.
class SharedName {
 public:
  void set(const std::string& name) noexcept {
    std::array<std::uint64_t, 2> words{};
    std::memcpy(words.data(), name.data(), std::min<std::size_t>(name.size(), 15));
    words_[0].store(words[0], std::memory_order_relaxed);
    words_[1].store(words[1], std::memory_order_relaxed);
  }
  /// Empty where there is no link.
  [[nodiscard]] std::string get() const {
    const std::array<std::uint64_t, 3> words{words_[0].load(std::memory_order_relaxed),
                                             words_[1].load(std::memory_order_relaxed), 0};
    return reinterpret_cast<const char*>(words.data());
  }

 private:
  std::array<std::atomic<std::uint64_t>, 2> words_{};
};

/// Which link has which place in the counters.
struct Directory {
  explicit Directory(std::size_t tunnel_capacity) : tunnels(tunnel_capacity) {}
  std::array<SharedName, max_ports> ports{};
  std::array<std::atomic<std::uint16_t>, max_ports> ethdevs{};
  LazyArray<SharedName> tunnels;
  std::atomic<std::uint32_t> tunnels_used{0};  ///< places below this one may have names
};

/// Registers /culvert/drops, /culvert/ports, /culvert/port,NAME, /culvert/tunnels and
/// /culvert/tunnel,NAME, for as long as it lives. There can be one.
class Telemetry {
 public:
  Telemetry(const Engine& engine, const Directory& directory);
  ~Telemetry();
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;
};

}  // namespace culvert
