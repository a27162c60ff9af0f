// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/dataplane/options.hpp"

#include <ctime>

#include "culvert/dataplane/route.hpp"
#include "culvert/net/ip_options.hpp"

namespace culvert {
namespace {

std::span<std::byte> options_of(const Packet& packet) noexcept {
  return {packet.start + sizeof(Ipv4Header), packet.ipv4().header_length() - sizeof(Ipv4Header)};
}

/// Milliseconds since midnight UT.
std::uint32_t time_of_day() noexcept {
  constexpr std::int64_t seconds_per_day = 86400;
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::uint32_t>(now.tv_sec % seconds_per_day * 1000 + now.tv_nsec / 1'000'000);
}

}  // namespace

Verdict examine_options(Lane& lane, Packet packet) noexcept {
  const OptionsCheck check = check_options(options_of(packet));
  if (check.wrong) {
    const auto offset = static_cast<std::uint16_t>(sizeof(Ipv4Header) + *check.wrong);
    return report(lane, packet, Entry::forward, Drop::ip_options, offset);
  }
  return check.source_route ? Verdict{Drop::source_route} : Verdict::go();
}

void stamp_options(const Lane& lane, Packet packet, const NextHop& next_hop) noexcept {
  const std::span options = options_of(packet);
  const auto named = named_in_timestamp(options);
  stamp_options(options, {.own = next_hop.own,
                          .time = time_of_day(),
                          .named_is_own = named && lane.forwarding.is_own(*named)});
  Ipv4Header& ip = packet.ipv4();
  ip.checksum = be16{};
  ip.checksum = ipv4_checksum(packet.start, ip.header_length());
}

}  // namespace culvert
