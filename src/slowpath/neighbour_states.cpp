// SPDX-License-Identifier: BSD-3-Clause
// slowpath: what is known of a neighbour and for how long; the table itself is in neighbours.cpp.
#include "culvert/slowpath/neighbours.hpp"

namespace culvert {
namespace {

void publish(NeighbourEntry& neighbour, Reachability reachability) noexcept {
  const MacWord word{neighbour.mac, static_cast<std::uint16_t>(reachability)};
  neighbour.destination.store(word.word(), std::memory_order_release);
}

}  // namespace

void Neighbours::update(NeighbourEntry& neighbour, const NeighbourUpdate& heard, Time now) {
  const bool known = neighbour.has_mac();
  if (neighbour.state == NeighbourState::permanent || (!known && !heard.mac)) {
    return;
  }
  const MacAddress mac = heard.mac.value_or(neighbour.mac);
  const bool differs = known && mac != neighbour.mac;
  if (differs && !heard.replace) {
    if (heard.doubt && neighbour.state == NeighbourState::reachable) {
      become_stale(neighbour, neighbour.mac, now);
    }
    return;
  }
  neighbour.router = heard.router.value_or(neighbour.router);
  if (!known || differs) {
    neighbour.updated = now;
  }
  if (heard.reachable) {
    become_reachable(neighbour, mac, now);
  } else if (!known || differs) {
    become_stale(neighbour, mac, now);
  }
}

void Neighbours::become_reachable(NeighbourEntry& neighbour, const MacAddress& mac, Time now) {
  neighbour.confirmed = now;
  schedule(neighbour, now + reachable_time);
  enter(neighbour, NeighbourState::reachable, mac);
}

void Neighbours::become_stale(NeighbourEntry& neighbour, const MacAddress& mac, Time now) {
  neighbour.used = now;
  schedule(neighbour, now + stale_check_time);
  enter(neighbour, NeighbourState::stale, mac);
}

/// A state in which the MAC is known.
void Neighbours::enter(NeighbourEntry& neighbour, NeighbourState state, const MacAddress& mac) {
  neighbour.state = state;
  neighbour.mac = mac;
  neighbour.probes = 0;
  publish(neighbour, state == NeighbourState::stale ? Reachability::idle : Reachability::ready);
  resume_held(neighbour);
}

void Neighbours::fail(NeighbourEntry& neighbour, Drop reason) {
  neighbour.state = NeighbourState::failed;
  neighbour.mac = {};
  publish(neighbour, Reachability::unresolved);
  discard_held(neighbour, reason);
}

void Neighbours::ask(NeighbourEntry& neighbour, NeighbourState state, Time now) {
  neighbour.state = state;
  neighbour.probes = 0;
  ask_again(neighbour, now);
}

void Neighbours::ask_again(NeighbourEntry& neighbour, Time now) {
  if (neighbour.probes == max_probes) {
    neighbour.updated = now;
    schedule(neighbour, now + unused_time);
    fail(neighbour, Drop::neighbour_failed);
    return;
  }
  ++neighbour.probes;
  schedule(neighbour, now + retransmit_time);
  if (output_ != nullptr) {
    output_->solicit(neighbour);
  }
}

// Timers.

void Neighbours::tick(Time now) {
  for (std::size_t i = 0; i < expirations_per_tick && next_due() <= now; ++i) {
    NeighbourEntry& neighbour = *timers_.begin()->second;
    unschedule(neighbour);
    expire(neighbour, now);
  }
}

void Neighbours::schedule(NeighbourEntry& neighbour, Time due) {
  unschedule(neighbour);
  neighbour.due = due;
  neighbour.timer = timers_.emplace(due, &neighbour);
}

void Neighbours::unschedule(NeighbourEntry& neighbour) {
  if (neighbour.due != Time::max()) {
    timers_.erase(neighbour.timer);
    neighbour.due = Time::max();
  }
}

void Neighbours::expire(NeighbourEntry& neighbour, Time now) {
  switch (neighbour.state) {
    case NeighbourState::incomplete:
    case NeighbourState::probe:
      ask_again(neighbour, now);
      break;
    case NeighbourState::reachable:
      become_stale(neighbour, neighbour.mac, now);
      break;
    case NeighbourState::stale:
      expire_stale(neighbour, now);
      break;
    case NeighbourState::delay:
      ask(neighbour, NeighbourState::probe, now);
      break;
    case NeighbourState::none:
      if (neighbour.users == 0) {
        erase(neighbour, Drop::neighbour_failed);
      }
      break;
    case NeighbourState::failed:
      if (neighbour.users != 0) {
        break;  // nothing to do before a packet needs it
      }
      if (now - neighbour.updated >= unused_time) {
        erase(neighbour, Drop::neighbour_failed);
      } else {
        schedule(neighbour, neighbour.updated + unused_time);
      }
      break;
    case NeighbourState::permanent:
      break;
  }
}

/// RFC 4861 section 7.3.3: the first packet starts the delay, in which somebody may yet confirm
/// that the neighbour is there.
void Neighbours::expire_stale(NeighbourEntry& neighbour, Time now) {
  if (neighbour.is_marked_used()) {
    neighbour.state = NeighbourState::delay;
    neighbour.used = now;
    schedule(neighbour, now + delay_time);
  } else if (neighbour.users == 0 && size() > collected_above &&
             now - neighbour.used >= unused_time) {
    erase(neighbour, Drop::neighbour_failed);
  } else {
    schedule(neighbour, now + stale_check_time);
  }
}

}  // namespace culvert
