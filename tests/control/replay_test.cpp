// SPDX-License-Identifier: BSD-3-Clause
// What the real `ip` was asked and answered, replayed: the same lines to a gateway, the same
// answers.
#include <algorithm>

#include <gtest/gtest.h>

#include "support/whole_gateway.hpp"
#include "transcript.hpp"

namespace culvert {
namespace {

/// A gateway that nobody sends a packet, as it was where the transcripts were recorded.
class Replay {
 public:
  explicit Replay(const Transcript& transcript) {
    for (const auto& [name, mac] : transcript.ports) {
      gateway_.add_port(name, mac);
    }
  }

  test::Reply answer(const std::string& line) {
    const test::Reply reply = gateway_.run(line);
    if (reply.status == 0) {
      without_link_local(line);
    }
    return reply;
  }

 private:
  void without_link_local(const std::string& line) {
    constexpr std::string_view add = "tunnel add ";
    if (line.starts_with(add)) {
      const std::string name = line.substr(add.size(), line.find(' ', add.size()) - add.size());
      gateway_.must_run("link set " + name + " addrgenmode none");
    }
  }

  test::WholeGateway gateway_;
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
    const test::Reply reply = replay.answer(asked.line);
    EXPECT_EQ(reply.error.empty() ? "" : reply.error + "\n", asked.error_output);
    EXPECT_EQ(reply.status, asked.status);
    if (!is_json(asked.line)) {  // -j is the client's
      EXPECT_EQ(reply.output, asked.output);
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
