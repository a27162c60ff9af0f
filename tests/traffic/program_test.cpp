// SPDX-License-Identifier: BSD-3-Clause
// tests/traffic: the program from its command line to its report, over rings in memory.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "support/daemon.hpp"

namespace culvert::traffic::test {
namespace {

using culvert::test::TemporaryDirectory;

struct Outcome {
  int status = 0;
  std::string output;
  std::string errors;
};

Outcome execute(const std::string& arguments) {
  const TemporaryDirectory directory;
  const std::string errors = directory.path() + "/errors";
  const std::string line =
      std::string{std::getenv("CULVERT_TRAFFIC")} + " " + arguments + " 2>" + errors;
  std::FILE* const pipe = popen(line.c_str(), "r");
  Outcome outcome;
  std::array<char, 4096> chunk{};
  while (const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), pipe)) {
    outcome.output.append(chunk.data(), got);
  }
  outcome.status = WEXITSTATUS(pclose(pipe));
  std::stringstream text;
  text << std::ifstream(errors).rdbuf();
  outcome.errors = text.str();
  return outcome;
}

const std::string eal = " -- --no-pci --no-huge --no-shconf --no-telemetry --iova-mode=va -m512";

/// A ring gives back by one end what was put in by the other.
TEST(Program, ReceivesAllThatItSends) {
  const TemporaryDirectory directory;
  const std::string capture = directory.path() + "/sample.pcap";
  for (const std::string traffic :
       {"", "--tunnel gre --csum --imix", "--inner ipv6 --rate 20000"}) {
    const Outcome outcome = execute(
        "run --tx net_ring0 --rx net_ring0 --settle 0.1 --duration 0.5 --warmup 0.1 --latency "
        "--json "
        "--check " +
        capture + " " + traffic + eal);
    ASSERT_EQ(outcome.status, 0) << outcome.errors;
    const auto report = nlohmann::json::parse(outcome.output);
    EXPECT_GT(report.at("sent"), 0);
    EXPECT_EQ(report.at("sent"), report.at("received")) << traffic;
    EXPECT_EQ(report.at("lost"), 0);
    EXPECT_EQ(report.at("foreign"), 0);
    EXPECT_EQ(report.at("reordered"), 0);
    EXPECT_EQ(report.at("duplicated"), 0);
    EXPECT_GE(report.at("seconds"), 0.5);
    const auto& latency = report.at("latency_ns");
    EXPECT_GT(latency.at("min"), 0);
    EXPECT_LE(latency.at("min"), latency.at("p50"));
    EXPECT_LE(latency.at("p50"), latency.at("p99.9"));
    EXPECT_LE(latency.at("p99.9"), latency.at("max"));
    EXPECT_TRUE(std::ifstream(capture).good());
  }
}

TEST(Program, OffersWhatRateAndTimeMake) {
  const Outcome outcome =
      execute("run --tx net_ring0 --rx net_ring0 --duration 0.5 --rate 2000 --json" + eal);
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  const auto report = nlohmann::json::parse(outcome.output);
  EXPECT_EQ(report.at("sent").get<unsigned>() + report.at("skipped").get<unsigned>(), 1000U);
}

/// Two that share the memory of one, each at an end of the other's rings: what one sends is what
/// the other receives, and none of it its own.
TEST(Program, JoinsAProcess) {
  const TemporaryDirectory directory;
  const std::string prefix = "culvert-test-" + std::to_string(getpid());
  const std::string log = directory.path() + "/primary";
  const std::string program = std::getenv("CULVERT_TRAFFIC");
  // The first runs until the second has ended.
  const Outcome outcome = execute(
      "run --tx net_ring0 --rx net_ring1 --duration 50 --rate 1000 --json -- --no-pci "
      "--file-prefix=" +
      prefix + " >" + log + " 2>" + log + ".errors & primary=$!; until grep -q 'at 1 s' " + log +
      ".errors; do kill -0 $primary || break; sleep 0.1; done; " + program + " run --primary " +
      prefix + " --tx net_ring1 --rx net_ring0 --duration 0.5 --rate 2000 --json; status=$?; " +
      "kill -TERM $primary; wait $primary && exit $status");
  std::stringstream said;
  said << std::ifstream(log + ".errors").rdbuf();
  if (said.str().find("going on without them") != std::string::npos) {
    GTEST_SKIP() << "without hugepages, there is no memory to share";
  }
  ASSERT_EQ(outcome.status, 0) << outcome.errors << said.str();
  const auto primary = nlohmann::json::parse(std::ifstream(log));
  const auto secondary = nlohmann::json::parse(outcome.output);
  EXPECT_GT(secondary.at("sent"), 0);
  EXPECT_EQ(primary.at("received"), secondary.at("sent"));
  EXPECT_GT(secondary.at("received"), 0);
  EXPECT_EQ(primary.at("foreign").get<int>() + secondary.at("foreign").get<int>(), 0);
  EXPECT_EQ(primary.at("duplicated").get<int>() + secondary.at("duplicated").get<int>(), 0);
}

TEST(Program, SeesThatNothingComesBack) {
  const Outcome outcome = execute(
      "run --tx net_null0 --rx net_null1,no-rx=1 --settle 0 --duration 0.2 --drain 0 --json" + eal);
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  const auto report = nlohmann::json::parse(outcome.output);
  EXPECT_GT(report.at("sent"), 0);
  EXPECT_EQ(report.at("received"), 0);
  EXPECT_EQ(report.at("lost"), report.at("sent"));
  EXPECT_EQ(report.at("latency_ns"), nullptr);
}

TEST(Program, ForPeople) {
  const Outcome outcome = execute("run --tx net_ring0 --rx net_ring0 --duration 1.2" + eal);
  EXPECT_EQ(outcome.status, 0);
  EXPECT_NE(outcome.output.find("lost        0 (0 %)"), std::string::npos) << outcome.output;
  EXPECT_NE(outcome.errors.find("at 1 s: sent "), std::string::npos) << outcome.errors;
}

TEST(Program, SaysWhatIsWrong) {
  const TemporaryDirectory directory;
  const std::string nobody =
      "net_memif0,socket-abstract=no,socket=" + directory.path() + "/nobody,role=";
  for (const auto& [arguments, why] : std::initializer_list<std::pair<std::string, std::string>>{
           {"run --tx net_null0" + eal, "run needs --tx and --rx"},
           {"run --tx net_ring0 --rx net_ring0 --primary nobody", "--primary needs two devices"},
           {"run --tx net_ring0 --rx net_ring1 --primary culvert-nobody", "DPDK cannot start"},
           {"run --tx net_nothing0 --rx net_null0" + eal, "net_nothing0: No such device"},
           {"run --tx net_null0 --rx net_null0 --check /nonexistent/x --duration 0.1" + eal,
            "cannot write \"/nonexistent/x\": No such file or directory"},
           {"run --tx " + nobody + "server --rx net_null0 --link-timeout 0.2" + eal,
            "the link of " + nobody + "server is down, not within"},
           {"run --tx " + nobody + "client --rx net_null0 --link-timeout 0.2" + eal,
            nobody + "client cannot be started"},
           {"run --tx net_null0 --rx net_null0 -- --nonsense", "DPDK cannot start"},
           {"write /nonexistent/x --count 1", "cannot write \"/nonexistent/x\""},
           {"nonsense", "neither write nor run"},
       }) {
    const Outcome outcome = execute(arguments);
    EXPECT_EQ(outcome.status, 1) << arguments;
    EXPECT_EQ(outcome.output, "") << arguments;
    EXPECT_NE(outcome.errors.find("culvert-traffic: "), std::string::npos) << outcome.errors;
    EXPECT_NE(outcome.errors.find(why), std::string::npos) << outcome.errors;
  }
}

TEST(Program, Helps) {
  for (const char* const arguments : {"--help", "write --help", "run --help"}) {
    const Outcome outcome = execute(arguments);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_NE(outcome.output.find("Usage: culvert-traffic"), std::string::npos);
  }
}

}  // namespace
}  // namespace culvert::traffic::test
