// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/slowpath/neighbours.hpp"

namespace culvert {
namespace {

// How many entries are looked at for one to give up when the table is full.
constexpr unsigned looked_at_for_room = 64;

}  // namespace

Neighbours::Neighbours(Quiescence& quiescence, const NeighbourLimits& limits)
    : quiescence_(quiescence), limits_(limits) {}

Neighbours::~Neighbours() {
  set_output(nullptr);
}

void Neighbours::set_output(NeighbourOutput* output) noexcept {
  if (output == nullptr) {
    for (const auto& [key, entry] : entries_) {
      rte_pktmbuf_free_bulk(entry->held.data(), static_cast<unsigned>(entry->held.size()));
      entry->held.clear();
    }
    held_ = 0;
  }
  output_ = output;
}

NeighbourEntry& Neighbours::acquire(std::uint16_t port, const IpAddress& address) {
  NeighbourEntry* const known = find(port, address);
  NeighbourEntry& neighbour = known != nullptr ? *known : create({port, address});
  ++neighbour.users;
  return neighbour;
}

void Neighbours::release(NeighbourEntry& neighbour) {
  --neighbour.users;
  if (neighbour.users == 0 &&
      (neighbour.state == NeighbourState::none || neighbour.state == NeighbourState::failed)) {
    schedule(neighbour, Time::min());
  }
}

NeighbourEntry* Neighbours::find(std::uint16_t port, const IpAddress& address) {
  const auto found = entries_.find({port, address});
  return found == entries_.end() ? nullptr : found->second.get();
}

NeighbourEntry& Neighbours::set_permanent(std::uint16_t port, const IpAddress& address,
                                          const MacAddress& mac) {
  NeighbourEntry* const known = find(port, address);
  NeighbourEntry& neighbour = known != nullptr ? *known : create({port, address});
  unschedule(neighbour);
  enter(neighbour, NeighbourState::permanent, mac);
  return neighbour;
}

bool Neighbours::remove(std::uint16_t port, const IpAddress& address) {
  NeighbourEntry* const neighbour = find(port, address);
  if (neighbour == nullptr) {
    return false;
  }
  forget(*neighbour, Drop::neighbour_failed);
  return true;
}

void Neighbours::set_source(std::uint16_t port, const MacAddress& mac) {
  sources_[port] = mac;
  const std::uint64_t word = MacWord{mac, port}.word();
  for (auto it = entries_.lower_bound({port, IpAddress{}});
       it != entries_.end() && it->first.first == port; ++it) {
    it->second->source.store(word, std::memory_order_release);
  }
}

void Neighbours::remove_port(std::uint16_t port) {
  Key at{port, IpAddress{}};
  for (auto it = entries_.lower_bound(at); it != entries_.end() && it->first.first == port;
       it = entries_.upper_bound(at)) {
    at = it->first;
    forget(*it->second, Drop::port_down);
  }
}

NeighbourEntry* Neighbours::find_or_learn(std::uint16_t port, const IpAddress& address, Time now) {
  if (NeighbourEntry* const known = find(port, address); known != nullptr) {
    return known;
  }
  if (size() >= limits_.entries) {
    make_room(now);
    if (size() >= limits_.entries) {
      return nullptr;
    }
  }
  NeighbourEntry& neighbour = create({port, address});
  schedule(neighbour, now);  // unless it comes to know something, it goes again
  return &neighbour;
}

void Neighbours::hold(NeighbourEntry& neighbour, rte_mbuf* m, Time now) {
  std::vector<rte_mbuf*>& held = neighbour.held;
  rte_mbuf* displaced = nullptr;
  if (held.size() < limits_.held_each && held_ < limits_.held_total) {
    held.push_back(m);
    ++held_;
  } else if (held.empty()) {
    displaced = m;
  } else {
    displaced = held.front();
    held.erase(held.begin());
    held.push_back(m);
  }
  if (displaced != nullptr) {
    output_->discard(displaced, Drop::held_overflow);
  }
  if (neighbour.state != NeighbourState::incomplete) {
    ask(neighbour, NeighbourState::incomplete, now);
  }
}

NeighbourEntry& Neighbours::create(const Key& key) {
  NeighbourEntry& neighbour = *(entries_[key] = std::make_unique<NeighbourEntry>());
  neighbour.port = key.first;
  neighbour.address = key.second;
  neighbour.source.store(MacWord{sources_[key.first], key.first}.word(), std::memory_order_relaxed);
  if (host_ != nullptr) {
    host_->neighbour_added(neighbour);
  }
  return neighbour;
}

/// As if nothing had ever been known; workers ask again with the next packet.
void Neighbours::forget(NeighbourEntry& neighbour, Drop reason) {
  if (neighbour.users == 0) {
    erase(neighbour, reason);
  } else {
    unschedule(neighbour);
    fail(neighbour, reason);
  }
}

void Neighbours::erase(NeighbourEntry& neighbour, Drop reason) {
  unschedule(neighbour);
  discard_held(neighbour, reason);
  // From here on it is not found: whoever needs the address again, the host too, gets a new entry.
  auto node = entries_.extract({neighbour.port, neighbour.address});
  if (host_ != nullptr) {
    host_->neighbour_removed(neighbour);
  }
  quiescence_.retire([entry = node.mapped().release()] { delete entry; });
}

bool Neighbours::is_dispensable(const NeighbourEntry& neighbour, Time now) const noexcept {
  if (neighbour.users != 0) {
    return false;
  }
  return neighbour.state == NeighbourState::failed ||
         (neighbour.state == NeighbourState::stale && !neighbour.is_marked_used() &&
          now - neighbour.used >= delay_time);
}

void Neighbours::make_room(Time now) {
  auto at = entries_.upper_bound(cursor_);
  for (unsigned i = 0; i < looked_at_for_room && !entries_.empty(); ++i) {
    if (at == entries_.end()) {
      at = entries_.begin();
    }
    cursor_ = at->first;
    if (is_dispensable(*at->second, now)) {
      erase(*at->second, Drop::neighbour_failed);
      return;
    }
    ++at;
  }
}

void Neighbours::resume_held(NeighbourEntry& neighbour) {
  held_ -= neighbour.held.size();
  for (rte_mbuf* const m : std::exchange(neighbour.held, {})) {
    output_->resume(m);
  }
}

void Neighbours::discard_held(NeighbourEntry& neighbour, Drop reason) {
  held_ -= neighbour.held.size();
  for (rte_mbuf* const m : std::exchange(neighbour.held, {})) {
    output_->discard(m, reason);
  }
}

}  // namespace culvert
