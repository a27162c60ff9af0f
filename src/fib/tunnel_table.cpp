// SPDX-License-Identifier: BSD-3-Clause
// fib: the precedence among tunnels where a probe may find several, and how the control thread
// changes a TunnelTable.
#include "culvert/fib/tunnel_table.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

namespace culvert {
namespace {

bool same_identity(const Tunnel& a, const Tunnel& b) {
  return a.local == b.local && a.remote == b.remote && a.key == b.key && a.mode == b.mode &&
         a.keyed == b.keyed && a.bound_port == b.bound_port;
}

/// Others may have the same TunnelKey.
bool is_contested(const Tunnel& tunnel) {
  const TunnelClass which = TunnelKey::class_of(tunnel);
  return tunnel.bound_port != any_port ||
         (which == TunnelClass::local && !tunnel.remote.is_any()) ||
         (which == TunnelClass::any && tunnel.keyed && tunnel.key == be32{});
}

[[noreturn]] void fail(int error, const char* what) {
  throw std::system_error(error, std::generic_category(), what);
}

}  // namespace

TunnelTable::TunnelTable(Quiescence& quiescence, std::size_t capacity)
    : slots_(nullptr),
      quiescence_(quiescence),
      records_(TunnelSlots::first_place + capacity, PageAdvice::huge),
      places_(capacity),
      current_(std::make_unique<TunnelSlots>(records_.data(), 0)) {
  if (TunnelSlots::first_place + capacity > TunnelSlots::end_of_places) {
    fail(EINVAL, "capacity for tunnels");
  }
  slots_.store(current_.get(), std::memory_order_release);
}

TunnelTable::~TunnelTable() {
  quiescence_.synchronize();  // records on their way back
}

const Tunnel* TunnelTable::lookup_contested(TunnelQuery query) const noexcept {
  for (;;) {
    const std::uint64_t state = state_.load(std::memory_order_acquire);
    const Tunnel* const found = best(query, state);
    if (state_.load(std::memory_order_relaxed) == state) {
      return found;
    }
  }
}

/// As Linux's ip_tunnel_lookup() and, for sit, ipip6_tunnel_lookup() do it.
const Tunnel* TunnelTable::best(TunnelQuery query, std::uint64_t state) const noexcept {
  const bool strict = query.mode == TunnelMode::sit;
  const TunnelSlots& slots = *slots_.load(std::memory_order_acquire);
  const Tunnel* candidate = nullptr;
  for (unsigned i = 0; i < tunnel_classes; ++i) {
    if ((state >> (first_kind(query.mode) + i) & 1U) == 0) {
      continue;
    }
    const auto which = static_cast<TunnelClass>(i);
    const TunnelRecord* best = nullptr;
    const auto beats_best = [&](const TunnelRecord& record, bool here) {
      if (!strict && here != (best->tunnel.bound_port == query.port)) {
        return here;
      }
      const bool newer = record.serial > best->serial;
      return newer != (which == TunnelClass::both && !strict);
    };
    slots.visit(TunnelKey::of(query, which), [&](const TunnelRecord& record, std::size_t) {
      const bool here = record.tunnel.bound_port == query.port;
      const bool fits = !strict || here || record.tunnel.bound_port == any_port;
      const bool counts = record.tunnel.up && fits;
      if (counts && (best == nullptr || beats_best(record, here))) {
        best = &record;
      }
      return counts && here && !strict && which < TunnelClass::local;  // no other can be as good
    });
    if (best != nullptr && (strict || best->tunnel.bound_port == query.port)) {
      return &best->tunnel;
    }
    if (best != nullptr && candidate == nullptr) {
      candidate = &best->tunnel;
    }
  }
  return candidate;
}

void TunnelTable::insert(const Tunnel& tunnel) {
  if (find(tunnel).record != nullptr) {
    fail(EEXIST, "tunnel");
  }
  make_room();
  place(make_record(tunnel, next_serial_++));
}

void TunnelTable::replace(const Tunnel& old, const Tunnel& now) {
  const Found found = find(old);
  if (found.record == nullptr) {
    fail(ENOENT, "tunnel");
  }
  if (same_identity(old, now)) {
    current_->exchange(found.slot, make_record(now, found.record->serial));
    count(now, 0);  // so that who remembers the old one asks again
    retire(*found.record);
  } else {
    insert(now);        // counts the change: who sees the old one gone looks again, and finds this
    remove(find(old));  // anew, since insert() may have moved it
  }
}

void TunnelTable::erase(const Tunnel& tunnel) {
  const Found found = find(tunnel);
  if (found.record == nullptr) {
    fail(ENOENT, "tunnel");
  }
  remove(found);
}

TunnelTable::Found TunnelTable::find(const Tunnel& tunnel) const noexcept {
  Found found{0, nullptr};
  current_->visit(TunnelKey::of(tunnel), [&](const TunnelRecord& record, std::size_t slot) {
    const bool same = same_identity(record.tunnel, tunnel);
    found = same ? Found{slot, &record} : found;
    return same;
  });
  return found;
}

const TunnelRecord& TunnelTable::make_record(const Tunnel& tunnel, std::uint64_t serial) {
  if (places_.available() == 0) {
    quiescence_.poll();
    if (places_.available() == 0) {
      fail(ENOMEM, "tunnel");
    }
  }
  return *std::construct_at(&records_[TunnelSlots::first_place + places_.take()],
                            TunnelRecord{tunnel, TunnelKey::of(tunnel), serial});
}

void TunnelTable::make_room() {
  if (!current_->is_crowded()) {
    return;
  }
  auto roomier = std::make_unique<TunnelSlots>(records_.data(), size_ + 1);
  current_->copy_to(*roomier);
  slots_.store(roomier.get(), std::memory_order_release);
  quiescence_.retire([old = std::exchange(current_, std::move(roomier)).release()] { delete old; });
}

void TunnelTable::place(const TunnelRecord& record) noexcept {
  current_->place(record);
  count(record.tunnel, 1);
}

void TunnelTable::remove(const Found& found) {
  current_->remove(found.slot);
  count(found.record->tunnel, -1);
  retire(*found.record);
}

void TunnelTable::retire(const TunnelRecord& record) {
  const std::ptrdiff_t place = &record - records_.data();
  quiescence_.retire([this, place] {
    places_.give(static_cast<std::uint32_t>(place) - std::uint32_t{TunnelSlots::first_place});
  });
}

void TunnelTable::count(const Tunnel& tunnel, int change) noexcept {
  const auto kind = first_kind(tunnel.mode) + static_cast<unsigned>(TunnelKey::class_of(tunnel));
  const auto by = static_cast<std::uint32_t>(change);  // modulo 2^32, like the sums
  size_ += static_cast<std::size_t>(change);
  used_[kind] += by;
  contested_[kind] += is_contested(tunnel) ? by : 0;
  std::uint64_t state = (state_.load(std::memory_order_relaxed) >> 32U) + 1;
  state <<= 32U;
  for (unsigned i = 0; i < kinds; ++i) {
    state |= std::uint64_t{used_[i] != 0} << i | std::uint64_t{contested_[i] != 0} << (kinds + i);
  }
  state_.store(state, std::memory_order_release);
}

}  // namespace culvert
