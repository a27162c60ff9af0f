// SPDX-License-Identifier: BSD-3-Clause
// culvert-traffic: what has been measured, for people and for programs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "histogram.hpp"
#include "receiver.hpp"

namespace culvert::traffic {

/// Nanoseconds.
struct Latency {
  struct Quantile {
    const char* name;
    double share;
  };
  static constexpr std::array<Quantile, 4> quantiles{
      {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}}};

  std::uint64_t least = 0;
  std::array<std::uint64_t, quantiles.size()> at{};
  std::uint64_t most = 0;
  double mean = 0;
};
/// `cycles` counts cycles of `frequency` a second. Empty where nothing has been counted.
[[nodiscard]] std::optional<Latency> latency_of(const Histogram& cycles, std::uint64_t frequency);

struct Report {
  std::uint64_t sent = 0;
  std::uint64_t refused = 0;  ///< how often the port did not take a frame
  std::uint64_t skipped = 0;  ///< not offered, since it was too late for them
  Receiver::Counts in;
  double seconds = 0;
  double mean_frame = 0;  ///< bytes, without FCS
  std::optional<Latency> latency;

  [[nodiscard]] double tx_pps() const noexcept { return static_cast<double>(sent) / seconds; }
  [[nodiscard]] double rx_pps() const noexcept {
    return static_cast<double>(in.received) / seconds;
  }
  /// Of what was sent, what has never come.
  [[nodiscard]] std::uint64_t lost() const noexcept {
    const std::uint64_t came = in.received - in.duplicated;
    return sent > came ? sent - came : 0;
  }
};

[[nodiscard]] nlohmann::ordered_json to_json(const Report& report);
[[nodiscard]] std::string to_text(const Report& report);
/// "1.50 M", "20.0 k", "7".
[[nodiscard]] std::string short_number(double value);

}  // namespace culvert::traffic
