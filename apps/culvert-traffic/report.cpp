// SPDX-License-Identifier: BSD-3-Clause
#include "report.hpp"

#include <cmath>
#include <iomanip>
#include <sstream>

namespace culvert::traffic {

std::optional<Latency> latency_of(const Histogram& cycles, std::uint64_t frequency) {
  if (cycles.total() == 0) {
    return std::nullopt;
  }
  const double scale = 1e9 / static_cast<double>(frequency);
  const auto nanoseconds = [scale](std::uint64_t count) {
    return static_cast<std::uint64_t>(std::llround(static_cast<double>(count) * scale));
  };
  Latency latency;
  latency.least = nanoseconds(cycles.least());
  for (std::size_t i = 0; i < latency.at.size(); ++i) {
    latency.at.at(i) = nanoseconds(cycles.quantile(Latency::quantiles.at(i).share));
  }
  latency.most = nanoseconds(cycles.most());
  latency.mean = cycles.mean() * scale;
  return latency;
}

nlohmann::ordered_json to_json(const Report& report) {
  nlohmann::ordered_json json{
      {"sent", report.sent},
      {"refused", report.refused},
      {"skipped", report.skipped},
      {"received", report.in.received},
      {"foreign", report.in.foreign},
      {"reordered", report.in.reordered},
      {"duplicated", report.in.duplicated},
      {"lost", report.lost()},
      {"seconds", report.seconds},
      {"tx_pps", report.tx_pps()},
      {"rx_pps", report.rx_pps()},
      {"mean_frame_bytes", report.mean_frame},
      {"latency_ns", nullptr},
  };
  if (report.latency) {
    auto& latency = json["latency_ns"];
    latency["min"] = report.latency->least;
    for (std::size_t i = 0; i < report.latency->at.size(); ++i) {
      latency[Latency::quantiles.at(i).name] = report.latency->at.at(i);
    }
    latency["max"] = report.latency->most;
    latency["mean"] = std::llround(report.latency->mean);
  }
  return json;
}

std::string short_number(double value) {
  struct Unit {
    double size;
    const char* name;
  };
  std::ostringstream text;
  for (const Unit unit : {Unit{1e9, " G"}, Unit{1e6, " M"}, Unit{1e3, " k"}}) {
    if (value >= unit.size) {
      const double scaled = value / unit.size;
      text << std::fixed
           << std::setprecision(scaled < 10    ? 2
                                : scaled < 100 ? 1
                                               : 0)
           << scaled << unit.name;
      return text.str();
    }
  }
  text << std::llround(value);
  return text.str();
}

std::string to_text(const Report& report) {
  std::ostringstream text;
  const double share = report.sent == 0 ? 0
                                        : 100 * static_cast<double>(report.lost()) /
                                              static_cast<double>(report.sent);
  text << "sent        " << report.sent << " in " << report.seconds << " s, "
       << short_number(report.tx_pps()) << "pps\n"
       << "refused     " << report.refused << " times by the port\n";
  if (report.skipped != 0) {
    text << "skipped     " << report.skipped << ": the generator did not keep the rate\n";
  }
  text << "received    " << report.in.received << ", " << short_number(report.rx_pps()) << "pps\n"
       << "lost        " << report.lost() << " (" << std::setprecision(3) << share << " %)\n"
       << "reordered   " << report.in.reordered << '\n'
       << "duplicated  " << report.in.duplicated << '\n'
       << "foreign     " << report.in.foreign << '\n';
  if (report.latency) {
    text << "latency     min " << report.latency->least;
    for (std::size_t i = 0; i < report.latency->at.size(); ++i) {
      text << ", " << Latency::quantiles.at(i).name << ' ' << report.latency->at.at(i);
    }
    text << ", max " << report.latency->most << ", mean " << std::llround(report.latency->mean)
         << " ns\n";
  }
  return text.str();
}

}  // namespace culvert::traffic
