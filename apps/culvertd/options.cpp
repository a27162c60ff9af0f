// SPDX-License-Identifier: BSD-3-Clause
#include "options.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include <boost/program_options.hpp>

#include "version.hpp"

namespace culvert {
namespace {

namespace po = boost::program_options;

constexpr const char* default_socket = "/run/culvert/culvert.sock";

SpreadMode parse_spread(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, SpreadMode>, 3> words{
      {{"auto", SpreadMode::automatic}, {"on", SpreadMode::on}, {"off", SpreadMode::off}}};
  for (const auto& [name, mode] : words) {
    if (word == name) {
      return mode;
    }
  }
  throw std::runtime_error("--spread must be auto, on or off.");
}

po::options_description describe(DaemonOptions& o) {
  po::options_description description(
      "Options (in an options file without the dashes: name = value)", 100, 60);
  auto& worker = o.engine.worker;
  const char* const environment = std::getenv("CULVERT_SOCKET");
  description.add_options()                                                              //
      ("help,h", "show this and exit")("version,V", "show the version and exit")         //
      ("options-file", po::value<std::string>(), "read further options from this file")  //
      ("config,c", po::value(&o.config),
       "commands to carry out at start, as `ip -batch` reads them")  //
      ("socket,s",
       po::value(&o.socket)->default_value(environment != nullptr ? environment : default_socket),
       "control socket (CULVERT_SOCKET names it, too)")              //
      ("workers,w", po::value<unsigned>(), "poll-mode workers [1]")  //
      ("burst", po::value(&worker.burst)->default_value(worker.burst),
       "frames taken from a queue at once, 1 to 64")  //
      ("busy-poll", po::bool_switch(&worker.busy_poll),
       "never sleep: lowest latency, 100 % CPU")  //
      ("spread",
       po::value<std::string>()->default_value("auto")->notifier(
           [&worker](const std::string& word) { worker.spread.mode = parse_spread(word); }),
       "flows that come out of a tunnel over the workers: auto (while one has more to do than "
       "others), on, off")                                                                    //
      ("mbufs", po::value(&o.engine.mbufs)->default_value(o.engine.mbufs), "packet buffers")  //
      ("mbuf-size", po::value(&o.engine.mbuf_size)->default_value(o.engine.mbuf_size),
       "bytes of each, 128 of them headroom; more for jumbo frames")  //
      ("descriptors", po::value(&o.gateway.descriptors)->default_value(o.gateway.descriptors),
       "of each queue of a port, as far as its driver takes them")                           //
      ("tunnels", po::value(&o.engine.tunnels)->default_value(o.engine.tunnels), "at most")  //
      ("next-hops",
       po::value(&o.engine.forwarding.next_hops)->default_value(o.engine.forwarding.next_hops),
       "at most")  //
      ("neighbours",
       po::value(&o.gateway.neighbours.entries)->default_value(o.gateway.neighbours.entries),
       "at most, of those that traffic makes")  //
      ("held",
       po::value(&o.gateway.neighbours.held_each)->default_value(o.gateway.neighbours.held_each),
       "packets held for a neighbour while it is being asked for")  //
      ("icmp-rate",
       po::value(&o.gateway.icmp.all.per_second)->default_value(o.gateway.icmp.all.per_second),
       "ICMP errors a second, 0 without limit")  //
      ("icmp-rate-each",
       po::value(&o.gateway.icmp.each.per_second)->default_value(o.gateway.icmp.each.per_second),
       "the same to one destination")                                              //
      ("verbose,v", po::bool_switch(&o.verbose), "show what EAL and drivers log")  //
      ("eal", po::value(&o.eal)->composing(), "an option for EAL (also: everything after --)");
  return description;
}

void require(bool condition, const std::string& sentence) {
  if (!condition) {
    throw std::runtime_error(sentence);
  }
}

void validate(const DaemonOptions& o) {
  const auto& engine = o.engine;
  require(engine.worker.burst >= 1 && engine.worker.burst <= max_burst,
          "--burst must be from 1 to " + std::to_string(max_burst) + ".");
  require(!o.workers || (*o.workers >= 1 && *o.workers < RTE_MAX_LCORE && *o.workers < 256),
          "--workers must be at least 1 and below " + std::to_string(std::min(RTE_MAX_LCORE, 256)) +
              ".");
  require(engine.mbufs >= 1024, "--mbufs must be at least 1024.");
  require(engine.mbuf_size >= RTE_PKTMBUF_HEADROOM + 256,
          "--mbuf-size must be at least " + std::to_string(RTE_PKTMBUF_HEADROOM + 256) + ".");
  require(engine.tunnels >= 1 && engine.tunnels <= std::size_t{1} << 24U,
          "--tunnels must be from 1 to 16777216.");
  require(engine.forwarding.next_hops >= 16 && engine.forwarding.next_hops <= max_next_hop_id,
          "--next-hops must be from 16 to " + std::to_string(max_next_hop_id) + ".");
  require(o.gateway.neighbours.held_each >= 1, "--held must be at least 1.");
}

}  // namespace

std::optional<DaemonOptions> parse_options(int argc, char** argv) {
  DaemonOptions options;
  // What stands after -- is EAL's.
  char** const end = argv + argc;
  char** const separator = std::find(argv, end, std::string_view{"--"});
  po::options_description description = describe(options);
  po::variables_map values;
  try {
    po::store(po::command_line_parser(static_cast<int>(separator - argv), argv)
                  .options(description)
                  .positional({})
                  .run(),
              values);
    if (values.count("options-file") != 0) {
      const auto& path = values["options-file"].as<std::string>();
      std::ifstream file(path);
      require(file.good(), "cannot read the options file \"" + path + "\".");
      po::store(po::parse_config_file(file, description), values);
    }
    po::notify(values);
  } catch (const po::error& error) {
    throw std::runtime_error(std::string{error.what()} + "; see culvertd --help.");
  }
  if (values.count("help") != 0) {
    std::cout << "Usage: culvertd [OPTIONS] [-- EAL OPTIONS]\n\n" << description;
    return std::nullopt;
  }
  if (values.count("version") != 0) {
    std::cout << "culvertd " << version << '\n';
    return std::nullopt;
  }
  if (values.count("workers") != 0) {
    options.workers = values["workers"].as<unsigned>();
  }
  if (separator != end) {
    options.eal.insert(options.eal.end(), separator + 1, end);
  }
  validate(options);
  return options;
}

}  // namespace culvert
