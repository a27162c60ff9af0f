// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/path_mtus.hpp"

#include <algorithm>
#include <array>

namespace culvert {
namespace {

// RFC 1191 section 7.1, table 7-1.
constexpr std::array<std::uint16_t, 11> plateaus{65535, 32000, 17914, 8166, 4352, 2002,
                                                 1492,  1006,  508,   296,  68};

/// Seconds of the entries, rounded down.
std::uint16_t second_of(Time now) noexcept {
  return static_cast<std::uint16_t>(
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
}

/// Until an entry expires, with `second` taken for now. Lifetimes are far below the wrap.
std::int16_t left(const PathMtuEntry& entry, std::uint16_t second) noexcept {
  return static_cast<std::int16_t>(entry.expires - second);
}

}  // namespace

std::uint16_t plateau_below(std::uint16_t length) noexcept {
  const auto* const found =
      std::ranges::find_if(plateaus, [length](std::uint16_t size) { return size < length; });
  return found == plateaus.end() ? plateaus.back() : *found;
}

std::optional<std::uint16_t> PathMtus::learn(Ipv4Address remote, std::uint16_t reported,
                                             std::uint16_t length, std::uint16_t first_link,
                                             Time now) {
  const std::uint16_t second = second_of(now);
  const auto known = table_.find(remote);
  const std::uint16_t before = std::min(first_link, known ? known->mtu : first_link);
  // RFC 1191 section 5: old routers add the header's length to that of the packet they quote, hence
  // no more than is known to fit the path so far.
  const std::uint16_t said = reported != 0 ? reported : plateau_below(std::min(length, before));
  const std::uint16_t mtu = std::max(said, least);
  // Never raised by what anybody says; the same again lasts longer, as on Linux.
  if (mtu > before || (mtu == before && !known)) {
    return known ? std::optional{before} : std::nullopt;
  }
  const PathMtuEntry entry{remote, mtu, static_cast<std::uint16_t>(second + lifetime.count())};
  if (const auto displaced = table_.put(entry, second)) {
    host_.path_mtu_changed(displaced->remote);
  }
  if (mtu != before) {
    host_.path_mtu_changed(remote);
  }
  return mtu;
}

void PathMtus::tick(Time now) {
  if (table_.size() == 0) {
    return;
  }
  const std::uint16_t second = second_of(now);
  const std::size_t part = std::max<std::size_t>(table_.buckets() / ticks_a_round, 1);
  for (std::size_t i = 0; i < part; ++i) {
    table_.visit(next_bucket_, [&](const PathMtuEntry& entry) {
      if (left(entry, second) <= 0) {
        table_.erase(entry.remote);
        host_.path_mtu_changed(entry.remote);
      }
    });
    next_bucket_ = (next_bucket_ + 1) % table_.buckets();
  }
}

std::optional<PathMtus::Learned> PathMtus::find(Ipv4Address remote, Time now) const noexcept {
  const auto entry = table_.find(remote);
  if (!entry) {
    return std::nullopt;
  }
  using std::chrono::seconds;
  const bool whole = now.time_since_epoch() % seconds{1} == Clock::duration{};
  const std::int16_t rest =
      static_cast<std::int16_t>(left(*entry, second_of(now)) - (whole ? 0 : 1));
  return rest < 0 ? std::nullopt : std::optional{Learned{entry->mtu, seconds{rest}}};
}

}  // namespace culvert
