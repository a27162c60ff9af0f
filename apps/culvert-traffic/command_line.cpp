// SPDX-License-Identifier: BSD-3-Clause
#include "command_line.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <stdexcept>

#include "traffic_options.hpp"
#include "version.hpp"

namespace culvert::traffic {
namespace {

namespace po = boost::program_options;

constexpr const char* usage =
    "culvert-traffic makes traffic for gateways and NICs to be measured with.\n\n"
    "Usage: culvert-traffic write FILE.pcap --count N [TRAFFIC]\n"
    "       culvert-traffic run --tx DEVICE --rx DEVICE [OPTIONS] [TRAFFIC] [-- EAL OPTIONS]\n"
    "       culvert-traffic write --help | run --help | --version\n\n"
    "write puts frames into a capture file. run sends them by one DPDK device, receives by "
    "another\n"
    "(or by the same), and reports what came back: packets, loss, order, latency.\n";

void require(bool condition, const std::string& sentence) {
  if (!condition) {
    throw std::runtime_error(sentence);
  }
}

po::options_description describe_write() {
  po::options_description description("Options", 100, 60);
  description.add_options()                                                                    //
      ("help,h", "show this and exit")                                                         //
      ("file", po::value<std::string>(), "the capture file, if it is not the first argument")  //
      ("count,n", po::value<std::int64_t>(), "frames");
  return description;
}

po::options_description describe_run(RunCommand& c) {
  po::options_description description("Options", 100, 60);
  const auto seconds = [](double& value) { return po::value(&value)->default_value(value); };
  description.add_options()             //
      ("help,h", "show this and exit")  //
      ("tx", po::value(&c.tx),
       "DPDK device to send by: net_memif0,role=server,socket=…, net_af_xdp0,iface=…, "
       "0000:03:00.0, …")                               //
      ("rx", po::value(&c.rx), "device to receive by")  //
      ("primary", po::value(&c.primary),
       "join the DPDK process with this --file-prefix: the devices are net_ring ports of its")  //
      ("duration,d", seconds(c.duration), "seconds to send")                                    //
      ("rate,r", seconds(c.rate), "packets a second; 0: as fast as the port takes them")        //
      ("latency,l", po::bool_switch(&c.latency), "measure it; with --busy-poll, exactly")       //
      ("settle", seconds(c.settle),
       "seconds to wait once the links are up: who is at the other end may not be ready yet")  //
      ("warmup", seconds(c.warmup), "seconds to send beforehand, not counted")                 //
      ("drain", seconds(c.drain), "seconds to receive afterwards")                             //
      ("check", po::value(&c.check), "write the first frames received to this capture file")   //
      ("samples", po::value<std::int64_t>()->default_value(static_cast<std::int64_t>(c.samples)),
       "how many these are")                                                              //
      ("json,j", po::bool_switch(&c.json), "report as JSON")                              //
      ("busy-poll", po::bool_switch(&c.busy_poll), "never sleep: 100 % CPU at any rate")  //
      ("descriptors", po::value<std::int64_t>()->default_value(c.descriptors),
       "of each queue, as far as its driver takes them")                           //
      ("link-timeout", seconds(c.link_timeout), "seconds to wait for the links")   //
      ("verbose,v", po::bool_switch(&c.verbose), "show what EAL and drivers log")  //
      ("eal", po::value(&c.eal)->composing(), "an option for EAL (also: everything after --)");
  return description;
}

po::variables_map parse(int argc, const char* const* argv, const po::options_description& all,
                        const po::positional_options_description& positional,
                        const std::string& verb) {
  po::variables_map values;
  try {
    po::store(
        po::command_line_parser(argc, argv)
            .options(all)
            .positional(positional)
            .style(po::command_line_style::unix_style & ~po::command_line_style::allow_guessing)
            .run(),
        values);
    po::notify(values);
  } catch (const po::error& error) {
    throw std::runtime_error(std::string{error.what()} + "; see culvert-traffic " + verb +
                             " --help.");
  }
  return values;
}

Command parse_write(int argc, const char* const* argv) {
  po::options_description all = describe_write();
  const po::options_description traffic = describe_traffic();
  po::options_description both;
  both.add(all).add(traffic);
  const auto values =
      parse(argc, argv, both, po::positional_options_description{}.add("file", 1), "write");
  if (values.count("help") != 0) {
    std::cout << "Usage: culvert-traffic write FILE.pcap --count N [TRAFFIC]\n\n" << both;
    return NothingLeft{};
  }
  require(values.count("file") != 0, "write what file? See culvert-traffic write --help.");
  require(values.count("count") != 0, "write needs --count.");
  const auto count = values["count"].as<std::int64_t>();
  require(count >= 1, "--count is at least 1.");
  return WriteCommand{traffic_of(values), values["file"].as<std::string>(),
                      static_cast<std::uint64_t>(count)};
}

void check_run(const RunCommand& c) {
  require(!c.tx.empty() && !c.rx.empty(), "run needs --tx and --rx.");
  require(c.primary.empty() || c.tx != c.rx, "--primary needs two devices.");
  const auto is_time = [](double seconds, double least) {
    return std::isfinite(seconds) && seconds >= least && seconds <= 1e6;
  };
  require(is_time(c.duration, 0.001), "--duration is from 0.001 to 1000000 seconds.");
  require(is_time(c.settle, 0), "--settle is from 0 to 1000000 seconds.");
  require(is_time(c.warmup, 0), "--warmup is from 0 to 1000000 seconds.");
  require(is_time(c.drain, 0), "--drain is from 0 to 1000000 seconds.");
  require(is_time(c.link_timeout, 0), "--link-timeout is from 0 to 1000000 seconds.");
  require(std::isfinite(c.rate) && c.rate >= 0 && c.rate <= 1e9,
          "--rate is from 0 to 1000000000 packets a second.");
}

Command parse_run(int argc, const char* const* argv) {
  RunCommand command;
  // What stands after -- is EAL's.
  const char* const* const end = argv + argc;
  const char* const* const separator = std::find(argv, end, std::string_view{"--"});
  po::options_description both;
  const po::options_description own = describe_run(command);
  const po::options_description traffic = describe_traffic();
  both.add(own).add(traffic);
  const auto values = parse(static_cast<int>(separator - argv), argv, both, {}, "run");
  if (values.count("help") != 0) {
    std::cout << "Usage: culvert-traffic run --tx DEVICE --rx DEVICE [OPTIONS] [TRAFFIC] "
                 "[-- EAL OPTIONS]\n\n"
              << both;
    return NothingLeft{};
  }
  if (separator != end) {
    command.eal.insert(command.eal.end(), separator + 1, end);
  }
  check_run(command);
  const auto samples = values["samples"].as<std::int64_t>();
  require(samples >= 1 && samples <= 1'000'000, "--samples is from 1 to 1000000.");
  command.samples = command.check.empty() ? 0 : static_cast<std::size_t>(samples);
  const auto descriptors = values["descriptors"].as<std::int64_t>();
  require(descriptors >= 32 && descriptors <= 32'768, "--descriptors is from 32 to 32768.");
  command.descriptors = static_cast<std::uint16_t>(descriptors);
  command.traffic = traffic_of(values);
  command.given = traffic_as_json(values);
  return command;
}

}  // namespace

Command parse_command_line(int argc, const char* const* argv) {
  const std::string_view verb = argc > 1 ? argv[1] : "";
  if (verb == "write") {
    return parse_write(argc - 1, argv + 1);
  }
  if (verb == "run") {
    return parse_run(argc - 1, argv + 1);
  }
  if (verb == "--help" || verb == "-h" || verb == "help") {
    std::cout << usage;
    return NothingLeft{};
  }
  if (verb == "--version" || verb == "-V") {
    std::cout << "culvert-traffic " << version << '\n';
    return NothingLeft{};
  }
  throw std::runtime_error(verb.empty() ? "write or run? See culvert-traffic --help."
                                        : "\"" + std::string{verb} +
                                              "\" is neither write nor run; see culvert-traffic "
                                              "--help.");
}

}  // namespace culvert::traffic
