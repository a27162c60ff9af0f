// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/fib/next_hop.hpp"

#include <system_error>

namespace culvert {

NextHopTable::NextHopTable(Quiescence& quiescence, std::size_t capacity)
    : quiescence_(quiescence), slots_(capacity), capacity_(capacity) {
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
  const auto* object = new NextHop(next_hop);
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
  const auto* before = slots_[id].exchange(new NextHop(next_hop), std::memory_order_acq_rel);
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
