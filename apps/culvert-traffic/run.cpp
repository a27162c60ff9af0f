// SPDX-License-Identifier: BSD-3-Clause
#include "run.hpp"

#include <csignal>
#include <optional>
#include <stdexcept>

#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_pause.h>

#include "culvert/dataplane/engine.hpp"

#include "eal/eal.hpp"
#include "pace.hpp"
#include "pcap_file.hpp"
#include "ports.hpp"
#include "sender.hpp"

namespace culvert::traffic {
namespace {

volatile std::sig_atomic_t interrupted = 0;

/// Of an mbuf, for frames of this traffic that come back encapsulated.
std::uint16_t buffer_size(const Traffic& traffic) {
  constexpr unsigned added = 128;
  return static_cast<std::uint16_t>(std::max<unsigned>(
      RTE_MBUF_DEFAULT_BUF_SIZE, RTE_PKTMBUF_HEADROOM + longest_frame(traffic) + added));
}

/// Rings of both ports full, both ways, and as many again under way elsewhere.
unsigned buffer_count(const RunCommand& command) {
  return 8U * command.descriptors + 2048U;
}

EalOptions eal_options(const RunCommand& command) {
  constexpr std::size_t overhead = 256;  // of each mbuf
  const std::size_t bytes =
      std::size_t{buffer_count(command)} * (buffer_size(command.traffic) + overhead);
  const bool secondary = !command.primary.empty();
  return {
      .program = "culvert-traffic",
      .file_prefix = secondary ? command.primary : "culvert-traffic-" + std::to_string(getpid()),
      .secondary = secondary,
      .workers = 0,
      .megabytes = (bytes >> 20U) + 96,
      .verbose = command.verbose,
      .own = command.eal};
}

Ports::Options port_options(const RunCommand& command, rte_mempool* pool) {
  constexpr unsigned added = 64;  // what comes back may be longer than what is sent
  return {.tx = command.tx,
          .rx = command.rx,
          .descriptors = command.descriptors,
          .mtu = longest_frame(command.traffic) - unsigned{sizeof(EthernetHeader)} + added,
          .timeout = command.link_timeout,
          .pool = pool,
          .rings = !command.primary.empty()};
}

class Buffers {
 public:
  explicit Buffers(const RunCommand& command)
      : pool_(make_packet_pool("traffic-" + std::to_string(getpid()), buffer_count(command),
                               buffer_size(command.traffic))) {}
  /// A primary process that still holds some of them will put them back: then the memory is its.
  ~Buffers() {
    if (rte_mempool_in_use_count(pool_.get()) != 0) {
      (void)pool_.release();
    }
  }
  Buffers(const Buffers&) = delete;
  Buffers& operator=(const Buffers&) = delete;

  [[nodiscard]] rte_mempool* pool() const noexcept { return pool_.get(); }

 private:
  PacketPool pool_;
};

class Run {
 public:
  Run(const RunCommand& command, const FrameSet& set, rte_mempool* pool)
      : command_(command),
        ports_(port_options(command, pool), [] { return interrupted != 0; }),
        sender_(set, ports_.out(), pool, command.rate == 0),
        receiver_(set.streams, ports_.in(), command.latency, command.samples) {}

  [[nodiscard]] Report measure();
  [[nodiscard]] const Receiver& receiver() const noexcept { return receiver_; }

 private:
  [[nodiscard]] std::uint64_t cycles(double seconds) const noexcept {
    return static_cast<std::uint64_t>(seconds * static_cast<double>(frequency_));
  }

  void go_on(double seconds, Pace* pace);
  void rest(const Pace* pace, std::uint64_t now) const;
  void progress(std::uint64_t now);

  const RunCommand& command_;
  Ports ports_;
  Sender sender_;
  Receiver receiver_;
  std::uint64_t frequency_ = rte_get_tsc_hz();
  const char* phase_ = "";
  std::uint64_t started_ = 0;  ///< the phase
  std::uint64_t next_progress_ = 0;
  std::uint64_t last_progress_ = 0;
  std::uint64_t sent_then_ = 0;
  std::uint64_t received_then_ = 0;
};

/// Nothing was due, or taken, and nothing came: leaves the CPU to others for as long as costs
/// nothing but a few microseconds of latency.
void Run::rest(const Pace* pace, std::uint64_t now) const {
  constexpr double longest = 50e-6;  // so many can wait in a ring
  constexpr double shortest = 10e-6;
  constexpr double full_ring = 20e-6;
  constexpr double most_gathered = 128;  // packets that become due in one sleep, which may be late
  double seconds = longest;
  if (pace != nullptr && !pace->is_limited()) {
    seconds = full_ring;
  } else if (pace != nullptr) {
    seconds = std::min(
        longest, static_cast<double>(pace->until_next(now)) / static_cast<double>(frequency_));
    if (command_.rate * 2 * longest < most_gathered) {
      seconds = std::max(seconds, 2 * shortest);  // packets gather meanwhile
    }
  }
  if (command_.busy_poll || seconds < shortest) {
    rte_pause();
    return;
  }
  const timespec time{0, static_cast<long>(seconds * 1e9)};
  (void)nanosleep(&time, nullptr);
}

void Run::progress(std::uint64_t now) {
  const double passed = static_cast<double>(now - last_progress_) / static_cast<double>(frequency_);
  const auto second = (now - started_) / frequency_;
  const auto rate = [passed](std::uint64_t count, std::uint64_t before) {
    return short_number(static_cast<double>(count - before) / passed) + "pps";
  };
  note(std::string{phase_} + " " + std::to_string(second) + " s: sent " +
       rate(sender_.sent(), sent_then_) + ", received " +
       rate(receiver_.counts().received, received_then_) + ", refused " +
       std::to_string(sender_.refused()));
  sent_then_ = sender_.sent();
  received_then_ = receiver_.counts().received;
  last_progress_ = now;
  next_progress_ = now + frequency_;
  if (const Port* const port = ports_.down()) {
    throw std::runtime_error("the link of " + port->device() + " went down.");
  }
}

/// Sends as `pace` says (null: not at all) and receives, for so long.
void Run::go_on(double seconds, Pace* pace) {
  constexpr unsigned discard_each = 64;
  const std::uint64_t end = rte_rdtsc() + cycles(seconds);
  std::uint64_t now = 0;
  for (unsigned turn = 0; (now = rte_rdtsc()) < end && interrupted == 0; ++turn) {
    const unsigned taken = pace == nullptr ? 0 : sender_.send(pace->take(now, burst));
    const unsigned got = receiver_.receive();
    if (taken + got == 0) {
      rest(pace, now);
    }
    if (turn % discard_each == 0) {
      ports_.discard();
    }
    if (now >= next_progress_) {
      progress(now);
    }
  }
  if (pace != nullptr && pace->is_limited() && interrupted == 0) {
    sender_.send(pace->take(end, burst));  // so that the number is what rate and time make
  }
}

Report Run::measure() {
  const auto begin = [this](const char* phase) {
    phase_ = phase;
    sender_.restart();
    receiver_.restart();
    sent_then_ = received_then_ = 0;
    started_ = last_progress_ = rte_rdtsc();
    next_progress_ = started_ + frequency_;
    return Pace(command_.rate, frequency_, started_);
  };
  if (command_.settle > 0) {
    begin("settling");
    go_on(command_.settle, nullptr);
  }
  if (command_.warmup > 0) {
    Pace pace = begin("warm-up");
    go_on(command_.warmup, &pace);
  }
  Pace pace = begin("at");
  go_on(command_.duration, &pace);
  Report report;
  report.seconds = static_cast<double>(rte_rdtsc() - started_) / static_cast<double>(frequency_);
  report.sent = sender_.sent();
  report.refused = sender_.refused();
  report.skipped = pace.skipped();
  interrupted = 0;  // what is under way still counts
  go_on(command_.drain, nullptr);
  report.in = receiver_.counts();
  report.latency = latency_of(receiver_.latency(), frequency_);
  return report;
}

}  // namespace

Report run(const RunCommand& command) {
  for (const int signal : {SIGINT, SIGTERM}) {
    std::signal(signal, [](int) { interrupted = 1; });
  }
  (void)prctl(PR_SET_TIMERSLACK, 1UL);  // sleeps are of few microseconds
  std::optional<PcapWriter> samples;
  if (!command.check.empty()) {
    samples.emplace(command.check);  // where it cannot be written is said before, not afterwards
  }
  const FrameSet set = build_frames(command.traffic);
  const Eal eal(eal_options(command));
  const Buffers buffers(command);
  Run run(command, set, buffers.pool());
  Report report = run.measure();
  report.mean_frame = mean_frame(set);
  if (samples) {
    for (const Receiver::Sample& sample : run.receiver().samples()) {
      samples->write(sample.bytes, sample.time);
    }
    samples->finish();
  }
  return report;
}

}  // namespace culvert::traffic
