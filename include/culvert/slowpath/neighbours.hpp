// SPDX-License-Identifier: BSD-3-Clause
// slowpath: the neighbour table, ARP's and neighbour discovery's alike: states and timers of
// RFC 4861 section 7.3, packets held while asking. Control thread only. This room uses mbufs, the
// tables of `fib` and the rings of `dataplane`; it knows nothing of the configuration but `Host`.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <rte_mbuf.h>

#include "culvert/dataplane/counters.hpp"
#include "culvert/dataplane/drop.hpp"
#include "culvert/fib/neighbour.hpp"
#include "culvert/fib/quiescence.hpp"
#include "culvert/net/address.hpp"
#include "culvert/slowpath/host.hpp"

namespace culvert {

/// Monotonic time, given to every call that depends on it, so that tests make it.
using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

enum class NeighbourState : std::uint8_t {
  none,  ///< known because something needs it, never asked for: not shown
  incomplete,
  reachable,
  stale,
  delay,
  probe,
  failed,
  permanent,
};

struct NeighbourEntry;
using NeighbourTimers = std::multimap<Time, NeighbourEntry*>;

/// One neighbour. What workers read of it is the base.
struct NeighbourEntry : Neighbour {
  IpAddress address;
  std::uint16_t port = 0;
  NeighbourState state = NeighbourState::none;
  bool router = false;     ///< as its last advertisement said
  MacAddress mac{};        ///< while has_mac()
  unsigned users = 0;      ///< routes' and tunnels' next hops that need it: kept while any do
  unsigned probes = 0;     ///< sent in this state without an answer
  Time confirmed{};        ///< when it last proved to be reachable
  Time updated{};          ///< when its MAC or state last changed on what it said
  Time used{};             ///< when it was last seen to be sent to
  Time due = Time::max();  ///< when the state's timer runs out; max: it has none
  NeighbourTimers::iterator timer{};  ///< where that stands
  std::vector<rte_mbuf*> held;        ///< oldest first

  [[nodiscard]] bool has_mac() const noexcept {
    return state != NeighbourState::none && state != NeighbourState::incomplete &&
           state != NeighbourState::failed;
  }
  /// A worker has sent to it, or it never was `idle` (see Reachability).
  [[nodiscard]] bool is_marked_used() const noexcept {
    const MacWord word{destination.load(std::memory_order_relaxed)};
    return word.extra() == static_cast<std::uint16_t>(Reachability::ready);
  }
};

/// What a neighbour, or one that claims to be it, says of itself.
struct NeighbourUpdate {
  std::optional<MacAddress> mac{};  ///< empty: the one that is known
  bool reachable = false;           ///< it answered us; else it only showed itself
  bool replace = true;              ///< a MAC that differs from the known one counts
  bool doubt = false;               ///< where it does not count, a reachable entry becomes stale
  std::optional<bool> router{};
};

/// What the table wants done with packets; SlowPath does it.
class NeighbourOutput {
 public:
  virtual ~NeighbourOutput() = default;
  /// Ask for the entry's address: its MAC if it has one, else everybody on the port.
  virtual void solicit(const NeighbourEntry& neighbour) = 0;
  /// A packet that was held goes on its way. Takes it.
  virtual void resume(rte_mbuf* m) = 0;
  /// A packet that was held is dropped; its sender is told if the neighbour failed. Takes it.
  virtual void discard(rte_mbuf* m, Drop reason) = 0;
};

struct NeighbourLimits {
  std::size_t entries = 16384;    ///< beyond which none is made for a packet's sake alone
  std::size_t held_each = 64;     ///< packets waiting for one neighbour
  std::size_t held_total = 4096;  ///< and for all of them
};

/// Neighbours by port and address. What routes and tunnels need (`acquire`) stays as long as they
/// do; the rest comes and goes with traffic. A reference to an entry is good until the entry goes;
/// workers may read it until they next report quiescence.
class Neighbours {
 public:
  static constexpr std::chrono::seconds reachable_time{30};
  static constexpr std::chrono::seconds delay_time{5};
  static constexpr std::chrono::seconds retransmit_time{1};
  static constexpr std::chrono::seconds stale_check_time{2};  ///< looking whether it is in use
  static constexpr std::chrono::seconds unused_time{60};      ///< before an entry may go
  static constexpr unsigned max_probes = 3;
  static constexpr std::size_t collected_above = 128;  ///< entries; below, stale ones are kept
  static constexpr std::size_t expirations_per_tick = 256;

  explicit Neighbours(Quiescence& quiescence, const NeighbourLimits& limits = {});
  /// No worker runs any more.
  ~Neighbours();
  Neighbours(const Neighbours&) = delete;
  Neighbours& operator=(const Neighbours&) = delete;

  /// Who is told of neighbours that come and go; it may call back into this table. Null: nobody.
  void set_host(Host* host) noexcept { host_ = host; }
  /// Without one nothing is asked for and nothing can be held: what is held is freed.
  void set_output(NeighbourOutput* output) noexcept;

  // For who resolves routes and tunnels.

  /// The entry, made if needed, whatever the limit; it stays until as many release() calls.
  [[nodiscard]] NeighbourEntry& acquire(std::uint16_t port, const IpAddress& address);
  /// An entry that nobody needs any longer goes in a later tick(), or by age.
  void release(NeighbourEntry& neighbour);
  [[nodiscard]] NeighbourEntry* find(std::uint16_t port, const IpAddress& address);
  NeighbourEntry& set_permanent(std::uint16_t port, const IpAddress& address,
                                const MacAddress& mac);
  /// Forgets what is known: an entry in use has failed, another one goes. Held packets are dropped
  /// (neighbour_failed). False if there is no such entry.
  bool remove(std::uint16_t port, const IpAddress& address);
  /// Our MAC on the port, for the entries that are there and those to come.
  void set_source(std::uint16_t port, const MacAddress& mac);
  /// As remove() for all of a port's entries, with port_down.
  void remove_port(std::uint16_t port);

  // For the protocols.

  /// The entry, made if needed; null where that would exceed the limit.
  [[nodiscard]] NeighbourEntry* find_or_learn(std::uint16_t port, const IpAddress& address,
                                              Time now);
  /// Keeps a packet until an entry without a MAC has one, asking if nobody does yet. Takes it.
  void hold(NeighbourEntry& neighbour, rte_mbuf* m, Time now);
  /// RFC 4861 section 7.2.5, and as Linux where ARP says nothing.
  void update(NeighbourEntry& neighbour, const NeighbourUpdate& heard, Time now);

  /// Runs the timers that are due, a bounded number of them at a time, oldest first.
  void tick(Time now);
  /// When tick() next has work; Time::max() if never.
  [[nodiscard]] Time next_due() const noexcept {
    return timers_.empty() ? Time::max() : timers_.begin()->first;
  }

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] std::size_t held() const noexcept { return held_; }
  /// By port, family and address. `f` gets a const NeighbourEntry& and must not change the table.
  template <typename F>
  void for_each(F f) const {
    for (const auto& [key, entry] : entries_) {
      f(std::as_const(*entry));
    }
  }

 private:
  using Key = std::pair<std::uint16_t, IpAddress>;

  NeighbourEntry& create(const Key& key);
  void erase(NeighbourEntry& neighbour, Drop reason);
  void forget(NeighbourEntry& neighbour, Drop reason);
  void make_room(Time now);
  [[nodiscard]] bool is_dispensable(const NeighbourEntry& neighbour, Time now) const noexcept;

  void schedule(NeighbourEntry& neighbour, Time due);
  void unschedule(NeighbourEntry& neighbour);
  void expire(NeighbourEntry& neighbour, Time now);
  void expire_stale(NeighbourEntry& neighbour, Time now);

  void ask(NeighbourEntry& neighbour, NeighbourState state, Time now);
  void ask_again(NeighbourEntry& neighbour, Time now);
  void become_reachable(NeighbourEntry& neighbour, const MacAddress& mac, Time now);
  void become_stale(NeighbourEntry& neighbour, const MacAddress& mac, Time now);
  void enter(NeighbourEntry& neighbour, NeighbourState state, const MacAddress& mac);
  void fail(NeighbourEntry& neighbour, Drop reason);
  void resume_held(NeighbourEntry& neighbour);
  void discard_held(NeighbourEntry& neighbour, Drop reason);

  Quiescence& quiescence_;
  NeighbourLimits limits_;
  Host* host_ = nullptr;
  NeighbourOutput* output_ = nullptr;
  std::map<Key, std::unique_ptr<NeighbourEntry>> entries_;
  NeighbourTimers timers_;
  std::array<MacAddress, max_ports> sources_{};
  std::size_t held_ = 0;
  Key cursor_{};  // where make_room() goes on
};

}  // namespace culvert
