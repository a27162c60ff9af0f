// SPDX-License-Identifier: BSD-3-Clause
// What the real `ip` was asked and answered, replayed: the same lines to a gateway, the same
// answers.
#include <algorithm>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "culvert/control/gateway.hpp"
#include "culvert/control/grammar.hpp"
#include "culvert/control/text.hpp"

#include "transcript.hpp"

namespace culvert {
namespace {

using Json = nlohmann::ordered_json;

struct Answer {
  std::string output;
  std::string error;
  int status = 0;
};

/// A gateway without workers: nothing here sends a packet.
class Replay {
 public:
  explicit Replay(const Transcript& transcript) : engine_(options()), gateway_(engine_, {}) {
    unsigned number = 0;
    for (const auto& [name, mac] : transcript.ports) {
      const std::string device = "net_null" + std::to_string(number++);
      EXPECT_EQ(answer("link add " + name + " type port device " + device).error, "");
      // As where the transcripts were recorded.
      EXPECT_EQ(answer("link set " + name + " address " + mac + " addrgenmode none").error, "");
    }
  }

  Answer answer(const std::string& line) {
    try {
      const auto command = parse_line(line);
      if (!command) {
        return {};
      }
      Json result = Json::array();
      Json element;
      for (Listing listing = gateway_.execute(*command); listing.next(element);) {
        result.push_back(std::move(element));
      }
      gateway_.work(Clock::now());
      without_link_local(line);
      return {render_text(*command, result), "", 0};
    } catch (const CommandError& error) {
      return {"", std::string{error.what()} + "\n", error.status()};
    }
  }

 private:
  static Engine::Options options() {
    Engine::Options options;
    options.mbufs = 1024;
    return options;
  }

  void without_link_local(const std::string& line) {
    constexpr std::string_view add = "tunnel add ";
    if (line.starts_with(add)) {
      const std::string name = line.substr(add.size(), line.find(' ', add.size()) - add.size());
      if (const auto command = parse_line("link set " + name + " addrgenmode none")) {
        (void)gateway_.execute(*command);
      }
    }
  }

  Engine engine_;
  Gateway gateway_;
};

bool is_json(const std::string& line) {
  return line.find("-j") != std::string::npos;
}

class Transcripts : public testing::TestWithParam<Transcript> {};

TEST_P(Transcripts, AreAnsweredAsByIp) {
  const Transcript& transcript = GetParam();
  Replay replay(transcript);
  for (const Asked& asked : transcript.exchanges) {
    SCOPED_TRACE(transcript.name + ":" + std::to_string(asked.number) + " " + asked.line);
    const Answer answer = replay.answer(asked.line);
    EXPECT_EQ(answer.error, asked.error_output);
    EXPECT_EQ(answer.status, asked.status);
    if (!is_json(asked.line)) {  // -j is the client's
      EXPECT_EQ(answer.output, asked.output);
    }
  }
}

std::vector<Transcript> replayable() {
  std::vector<Transcript> all = read_transcripts();
  std::erase_if(all,
                [](const Transcript& t) { return t.linux_only || t.name.starts_with("syntax"); });
  return all;
}

INSTANTIATE_TEST_SUITE_P(Replay, Transcripts, testing::ValuesIn(replayable()),
                         [](const auto& test) {
                           std::string name = test.param.name;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace culvert
