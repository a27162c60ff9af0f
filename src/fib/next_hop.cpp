// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/fib/next_hop.hpp"

#include <algorithm>
#include <system_error>

namespace culvert {
namespace {

constexpr unsigned longest_packet = 65535;

const NextHop* publishable(const NextHop& next_hop) {
  auto* const copy = new NextHop(next_hop);
  copy->usual = is_usual(next_hop);
  return copy;
}

}  // namespace

void set_limits(NextHop& tunnel, unsigned device_mtu, unsigned path_mtu, bool ipv6) noexcept {
  const auto to_mtu = [](unsigned bytes) {
    return static_cast<std::uint16_t>(std::min(bytes, longest_packet));
  };
  const unsigned overhead = tunnel.outer.length;
  const unsigned fits = std::min(device_mtu, path_mtu > overhead ? path_mtu - overhead : 0);
  unsigned limit = std::min(device_mtu, longest_packet - overhead);
  if (ipv6 && fits < Ipv6Header::minimum_mtu) {
    const bool fixed = (tunnel.outer.fragment & Ipv4Header::dont_fragment) != 0;
    limit = fixed ? Ipv6Header::minimum_mtu : std::max(limit, Ipv6Header::minimum_mtu);
    tunnel.outer.fragment = 0;
  }
  tunnel.mtu = to_mtu(fits);
  tunnel.device_mtu = to_mtu(limit);
  tunnel.path_mtu = to_mtu(path_mtu);
}

NextHopTable::NextHopTable(Quiescence& quiescence, std::size_t capacity)
    : slots_(capacity), quiescence_(quiescence), capacity_(capacity) {
  slots_[0].store(new NextHop, std::memory_order_release);
}

NextHopTable::~NextHopTable() {
  for (NextHopId id = 0; id < next_unused_; ++id) {
    delete slots_[id].load(std::memory_order_relaxed);
  }
}

NextHopId NextHopTable::create(const NextHop& next_hop) {
  if (free_.empty() && next_unused_ == capacity_) {
    throw std::system_error(ENOMEM, std::generic_category(), "next hops");
  }
  const auto* object = publishable(next_hop);
  NextHopId id = next_unused_;
  if (free_.empty()) {
    ++next_unused_;
  } else {
    id = free_.back();
    free_.pop_back();
  }
  slots_[id].store(object, std::memory_order_release);
  return id;
}

void NextHopTable::replace(NextHopId id, const NextHop& next_hop) {
  const auto* before = slots_[id].exchange(publishable(next_hop), std::memory_order_acq_rel);
  quiescence_.retire([before] { delete before; });
}

void NextHopTable::destroy(NextHopId id) {
  ++waiting_;
  quiescence_.retire([this, id] {
    delete slots_[id].exchange(nullptr, std::memory_order_acq_rel);
    free_.push_back(id);
    --waiting_;
  });
}

}  // namespace culvert
