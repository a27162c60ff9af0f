// SPDX-License-Identifier: BSD-3-Clause
// culvertd, the gateway: options, EAL, configuration; then the main lcore is the control thread.
#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <sys/signalfd.h>
#include <unistd.h>

#include "culvert/control/grammar.hpp"
#include "culvert/control/server.hpp"
#include "culvert/control/telemetry.hpp"
#include "culvert/control/text.hpp"

#include "eal/eal.hpp"
#include "options.hpp"

namespace culvert {
namespace {

constexpr int control_sleep_ms = 10;  // the longest: timers are due sometimes

/// SIGINT and SIGTERM, blocked in every thread, as a descriptor that becomes readable.
FileDescriptor termination_signals() {
  std::signal(SIGINT, SIG_DFL);  // a shell starts what runs in the background with it ignored
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return FileDescriptor{signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)};
}

void execute(Gateway& gateway, const Command& command) {
  nlohmann::ordered_json result = nlohmann::ordered_json::array();
  nlohmann::ordered_json element;
  for (Listing listing = gateway.execute(command); listing.next(element);) {
    result.push_back(std::move(element));
  }
  std::cout << render_text(command, result);
}

/// The first line that fails ends it, as with `ip -batch`.
void load(Gateway& gateway, const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    throw std::runtime_error("cannot read the configuration \"" + path +
                             "\": " + std::strerror(errno) + ".");
  }
  BatchReader reader;
  try {
    for (std::string line; std::getline(file, line);) {
      if (const auto complete = reader.add(line)) {
        if (const auto command = parse_line(*complete)) {
          execute(gateway, *command);
          gateway.work(Clock::now());
        }
      }
    }
    reader.finish();
  } catch (const CommandError& error) {
    throw std::runtime_error(std::string{error.what()} + "\nCommand failed " + path + ":" +
                             std::to_string(reader.line_number()));
  }
}

/// Workers hold what the gateway owns, so they stop before it goes, however that comes about.
struct StopFirst {
  Engine& engine;
  ~StopFirst() { engine.stop(); }
};

bool is_readable(const FileDescriptor& signals) {
  signalfd_siginfo info{};
  return read(signals.get(), &info, sizeof info) > 0;
}

void control(Engine& engine, Gateway& gateway, Server& server, const FileDescriptor& signals) {
  Doorbell& doorbell = engine.doorbell();
  server.watch(doorbell.fd());
  server.watch(signals.get());
  bool busy = true;
  while (!is_readable(signals)) {
    if (!busy) {
      doorbell.arm();
      busy = gateway.work(Clock::now());  // what came before the bell was armed
    }
    const bool asked = server.serve(busy ? 0 : control_sleep_ms);
    doorbell.disarm();
    busy = gateway.work(Clock::now()) || asked;
  }
}

EalOptions eal_options(const DaemonOptions& options) {
  // What the buffers take, and the rest of DPDK with them.
  constexpr std::size_t overhead = 256;  // of each mbuf: its header, our facts, the pool's own
  constexpr std::size_t megabyte = std::size_t{1} << 20U;
  const auto& engine = options.engine;
  return {.program = "culvertd",
          .file_prefix = "culvert-" + std::filesystem::path{options.socket}.stem().string(),
          .workers = options.workers.value_or(1),
          .megabytes = engine.mbufs * (engine.mbuf_size + overhead) / megabyte + 192,
          .verbose = options.verbose,
          .own = options.eal};
}

unsigned worker_count(const DaemonOptions& options) {
  const unsigned lcores = Eal::worker_lcores();
  const unsigned workers = options.workers.value_or(std::max(lcores, 1U));
  if (workers > lcores) {
    throw std::runtime_error("EAL's options leave " + std::to_string(lcores) + " lcores for " +
                             std::to_string(workers) +
                             " workers; the main lcore is not one of them.");
  }
  return workers;
}

/// From start to end; afterwards no port is open and no worker runs.
void serve(Engine& engine, const DaemonOptions& options, const FileDescriptor& signals) {
  Gateway gateway(engine, options.gateway);
  const Telemetry telemetry(engine, gateway.directory());
  Server server(gateway, options.socket);
  const StopFirst stop{engine};
  engine.start();
  if (!options.config.empty()) {
    load(gateway, options.config);
  }
  std::cout << "culvertd: ready" << std::endl;  // who waits for the line needs it at once
  control(engine, gateway, server, signals);
}

int run(int argc, char** argv) {
  auto options = parse_options(argc, argv);
  if (!options) {
    return 0;
  }
  const FileDescriptor signals = termination_signals();
  const Eal eal(eal_options(*options));
  options->engine.forwarding.workers = worker_count(*options);
  Engine engine(options->engine);
  serve(engine, *options, signals);
  if (const unsigned lost = engine.buffers_in_use(); lost != 0) {
    throw std::runtime_error(std::to_string(lost) + " packet buffers were lost; please report it.");
  }
  return 0;
}

}  // namespace
}  // namespace culvert

int main(int argc, char** argv) {
  try {
    return culvert::run(argc, argv);
  } catch (const std::system_error& error) {
    std::cerr << "culvertd: " << error.what() << ".\n";
  } catch (const std::exception& error) {
    std::cerr << "culvertd: " << error.what() << '\n';
  }
  return 1;
}
