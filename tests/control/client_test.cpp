// SPDX-License-Identifier: BSD-3-Clause
// The client against a gateway that is a thread at the other end of a socket pair.
#include "client.hpp"

#include <array>
#include <filesystem>
#include <functional>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace culvert {
namespace {

const std::string success = R"({"culvert":1,"result":[]})";
const std::string exists =
    R"({"culvert":1,"error":{"code":2,"message":"RTNETLINK answers: File exists"}})";

// What a line is answered with; empty: nothing. None: the connection is closed.
using Answer = std::function<std::optional<std::string>(const std::string& line)>;

class FakeGateway {
 public:
  explicit FakeGateway(Answer answer) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) {
      throw std::runtime_error("socketpair");
    }
    ours_ = ends[0];
    theirs_ = ends[1];
    thread_ = std::thread([this, answer = std::move(answer)] { serve(answer); });
  }
  FakeGateway(const FakeGateway&) = delete;
  FakeGateway& operator=(const FakeGateway&) = delete;
  ~FakeGateway() { join(); }

  [[nodiscard]] Descriptor socket() const { return Descriptor{ours_}; }
  /// What came, once the client has gone.
  const std::vector<std::string>& lines() {
    join();
    return lines_;
  }

 private:
  void serve(const Answer& answer) {
    const Descriptor socket{theirs_};
    LineBuffer input;
    while (input.fill(socket.number())) {
      while (const auto line = input.next()) {
        lines_.emplace_back(*line);
        const auto reply = answer(lines_.back());
        if (!reply) {
          return;
        }
        const std::string text = reply->empty() ? "" : *reply + '\n';
        (void)!::send(socket.number(), text.data(), text.size(), MSG_NOSIGNAL);
      }
    }
  }
  void join() {
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  int ours_ = -1;
  int theirs_ = -1;
  std::vector<std::string> lines_;
  std::thread thread_;
};

// Standard input: a pipe with a text in it, and closed.
class Input {
 public:
  explicit Input(std::string text) {
    if (pipe(ends_.data()) != 0) {
      throw std::runtime_error("pipe");
    }
    writer_ = std::thread([fd = ends_[1], text = std::move(text)] {
      const Descriptor end{fd};
      (void)!write(end.number(), text.data(), text.size());
    });
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() {
    (void)close(ends_[0]);
    writer_.join();
  }
  [[nodiscard]] int number() const { return ends_[0]; }

 private:
  std::array<int, 2> ends_{};
  std::thread writer_;
};

struct Outcome {
  int status = 0;
  std::string out;
  std::string error;
};

ClientOptions options_for(std::vector<std::string_view> words) {
  return parse_client_options(words, nullptr);
}

Outcome run_command(FakeGateway& gateway, std::vector<std::string_view> words) {
  const ClientOptions options = options_for(std::move(words));
  std::ostringstream out;
  std::ostringstream error;
  const int status = Conversation{gateway.socket(), options, out, error}.run_command();
  return {status, out.str(), error.str()};
}

Outcome run_batch(FakeGateway& gateway, const std::string& text,
                  std::vector<std::string_view> words = {"-batch", "FILE"}) {
  const ClientOptions options = options_for(std::move(words));
  const Input input{text};
  std::ostringstream out;
  std::ostringstream error;
  const int status =
      Conversation{gateway.socket(), options, out, error}.run_batch(input.number(), "FILE");
  return {status, out.str(), error.str()};
}

TEST(ClientOptions, AreThoseOfIpAndAFew) {
  const auto options = options_for(
      {"-s", "-6", "-j", "-p", "--socket", "/s", "-f", "inet", "-d", "link", "show", "-s"});
  EXPECT_TRUE(options.json && options.pretty);
  EXPECT_EQ(options.socket, "/s");
  EXPECT_EQ(options.options, (std::vector<std::string_view>{"-s", "-6", "-f", "inet", "-d"}));
  EXPECT_EQ(options.command, (std::vector<std::string_view>{"link", "show", "-s"}));
  EXPECT_EQ(options_for({"-b", "-"}).batch, "-");
  EXPECT_TRUE(options_for({"-fo", "-batch", "x"}).force);
  EXPECT_TRUE(options_for({"-V"}).version);
  EXPECT_TRUE(options_for({"--version"}).version);
  EXPECT_TRUE(options_for({"-h"}).help);
  EXPECT_TRUE(options_for({"--help"}).help);
  EXPECT_EQ(options_for({"--", "link"}).command.size(), 1U);
  EXPECT_THROW((void)options_for({"-batch"}), CommandError);
  EXPECT_THROW((void)options_for({"--socket"}), CommandError);
}

TEST(ClientOptions, SocketComesFromTheOptionElseTheEnvironment) {
  EXPECT_EQ(parse_client_options({}, nullptr).socket, default_socket);
  EXPECT_EQ(parse_client_options({}, "/e").socket, "/e");
  EXPECT_EQ(parse_client_options({}, "").socket, default_socket);
  EXPECT_EQ(parse_client_options(std::array<std::string_view, 1>{"--socket=/o"}, "/e").socket,
            "/o");
}

TEST(Client, SaysWhatToDoWithoutAGateway) {
  const std::string path = std::filesystem::temp_directory_path() / "culvert-no-such.sock";
  try {
    (void)connect_to_gateway(path);
    FAIL();
  } catch (const ClientError& error) {
    EXPECT_EQ(std::string{error.what()},
              "No gateway answers at " + path +
                  ": start culvertd, or name its socket with --socket or CULVERT_SOCKET.");
  }
  EXPECT_THROW((void)connect_to_gateway(std::string(200, 'x')), ClientError);
}

TEST(Client, ReadsReplies) {
  EXPECT_EQ(std::get<nlohmann::ordered_json>(read_reply(success)).size(), 0U);
  EXPECT_EQ(
      std::get<nlohmann::ordered_json>(read_reply(R"({"culvert":1,"result":[{"a":1}]})"))[0].at(
          "a"),
      1);
  const auto error = std::get<CommandError>(read_reply(exists));
  EXPECT_EQ(error.status(), 2);
  EXPECT_STREQ(error.what(), "RTNETLINK answers: File exists");
  for (const char* const line : {"", "x", "[]", "{}", R"({"culvert":2,"result":[]})"}) {
    EXPECT_THROW((void)read_reply(line), ClientError) << line;
  }
}

TEST(Client, SendsOneLineAndRendersTheResult) {
  FakeGateway gateway([](const std::string&) {
    return R"({"culvert":1,"result":[{"dst":"10.0.0.0/8","dev":"p0","flags":[]}]})";
  });
  const Outcome outcome = run_command(gateway, {"-d", "route", "show"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, "10.0.0.0/8 dev p0 \n");
  EXPECT_EQ(gateway.lines(), std::vector<std::string>{"-d route show"});
}

TEST(Client, QuotesWords) {
  FakeGateway gateway([](const std::string&) { return success; });
  const Outcome outcome = run_command(gateway, {"addr", "show", "a b"});
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(gateway.lines(), std::vector<std::string>{"addr show \"a b\""});
}

TEST(Client, PrintsJson) {
  const auto answer = [](const std::string&) {
    return R"({"culvert":1,"result":[{"dst":"10.0.0.0/8"}]})";
  };
  FakeGateway compact(answer);
  EXPECT_EQ(run_command(compact, {"-j", "route"}).out, "[{\"dst\":\"10.0.0.0/8\"}]\n");
  FakeGateway pretty(answer);
  EXPECT_EQ(run_command(pretty, {"-p", "-j", "route"}).out,
            "[\n    {\n        \"dst\": \"10.0.0.0/8\"\n    }\n]\n");
  FakeGateway nothing([](const std::string&) { return success; });
  EXPECT_EQ(run_command(nothing, {"-j", "link", "set", "p0", "up"}).out, "");
}

TEST(Client, EndsWithTheStatusOfTheError) {
  FakeGateway gateway([](const std::string&) { return exists; });
  const Outcome outcome = run_command(gateway, {"addr", "add", "10.0.0.1/24", "dev", "p0"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.error, "RTNETLINK answers: File exists\n");
}

TEST(Client, NoticesThatTheGatewayHasGone) {
  FakeGateway gateway([](const std::string&) { return std::nullopt; });
  EXPECT_THROW((void)run_command(gateway, {"link"}), ClientError);
}

TEST(Batch, RunsTheCommandsOfAFile) {
  FakeGateway gateway([](const std::string& line) {
    return line == "-s tunnel show"
               ? R"({"culvert":1,"result":[{"ifname":"t","mode":"ip/ip","remote":"0.0.0.0",)"
                 R"("local":"0.0.0.0"}]})"
               : success;
  });
  const Outcome outcome = run_batch(gateway,
                                    "# a comment\n"
                                    "link set p0 up\n"
                                    "\n"
                                    "addr add 10.0.0.1/24 \\\n"
                                    "  dev 'p0'   # here too\n"
                                    "tunnel show",
                                    {"-s", "-batch", "FILE"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.out, "t: ip/ip remote any local any ttl inherit\n");
  EXPECT_EQ(gateway.lines(),
            (std::vector<std::string>{"-batch", "-s link set p0 up",
                                      "-s addr add 10.0.0.1/24 dev p0", "-s tunnel show"}));
}

// The gateway, told that this is a batch, carries out nothing after the first error, and hangs up.
TEST(Batch, EndsAtTheFirstError) {
  std::string last;
  FakeGateway gateway([&](const std::string& line) {
    const bool over = last == exists;
    last = line.starts_with("addr") ? exists : success;
    return over ? std::nullopt : std::optional{last};
  });
  const Outcome outcome = run_batch(gateway,
                                    "link set p0 up\n"
                                    "\n"
                                    "addr add 10.0.0.1/24 dev p0\n"
                                    "link set p1 up\n"
                                    "nonsense\n");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.error, "RTNETLINK answers: File exists\nCommand failed FILE:3\n");
  EXPECT_EQ(gateway.lines()[0], "-batch");
}

TEST(Batch, GoesOnWithForce) {
  FakeGateway gateway(
      [](const std::string& line) { return line.starts_with("addr") ? exists : success; });
  const Outcome outcome = run_batch(gateway,
                                    "addr add 10.0.0.1/24 dev p0\n"
                                    "nonsense\n"
                                    "link set p1 'up\n"
                                    "link set p1 up\n",
                                    {"-force", "-batch", "FILE"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.error,
            "RTNETLINK answers: File exists\nCommand failed FILE:1\n"
            "Object \"nonsense\" is unknown, try \"ip help\".\nCommand failed FILE:2\n"
            "Unterminated quoted string\nCommand failed FILE:3\n");
  EXPECT_EQ(gateway.lines(),
            (std::vector<std::string>{"addr add 10.0.0.1/24 dev p0", "link set p1 up"}));
}

// What stands before a line that cannot be read is carried out and told first; what stands after it
// is not sent.
TEST(Batch, TellsErrorsInTheirOrder) {
  FakeGateway gateway([](const std::string& line) {
    return line == "route"
               ? std::string{R"({"culvert":1,"result":[{"dst":"10.0.0.0/8","flags":[]}]})"}
               : success;
  });
  const Outcome outcome = run_batch(gateway, "route\nnonsense\nlink set p1 up\n");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, "10.0.0.0/8 \n");
  EXPECT_EQ(outcome.error,
            "Object \"nonsense\" is unknown, try \"ip help\".\nCommand failed FILE:2\n");
  EXPECT_EQ(gateway.lines(), (std::vector<std::string>{"-batch", "route"}));
}

TEST(Batch, MissesAContinuation) {
  FakeGateway gateway([](const std::string&) { return success; });
  const Outcome outcome = run_batch(gateway, "link set p0 up\nlink set p1 \\\n");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.error, "Missing continuation line\nCommand failed FILE:2\n");
}

// Answers come only when a thousand commands have: who waits for each one would wait for ever.
TEST(Batch, SendsAhead) {
  constexpr std::size_t count = 1000;
  std::size_t seen = 0;
  FakeGateway gateway([&](const std::string&) {
    std::string replies;
    if (++seen == count + 1) {  // the first line begins the batch
      for (std::size_t i = 0; i < count; ++i) {
        replies += success + '\n';
      }
      replies += success;
    }
    return replies;
  });
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += "link set p" + std::to_string(i) + " up\n";
  }
  EXPECT_EQ(run_batch(gateway, text).status, 0);
  EXPECT_EQ(gateway.lines().size(), count + 1);
}

TEST(Batch, CarriesMany) {
  constexpr std::size_t count = 50000;
  FakeGateway gateway([](const std::string&) { return success; });
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += "route add 10." + std::to_string(i / 256) + '.' + std::to_string(i % 256) +
            ".0/24 via 10.0.0.1\n";
  }
  const Outcome outcome = run_batch(gateway, text);
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(gateway.lines().size(), count + 1);
  EXPECT_EQ(gateway.lines()[count], "route add 10.195.79.0/24 via 10.0.0.1");
}

TEST(Batch, NoticesThatTheGatewayHasGone) {
  FakeGateway gateway([](const std::string& line) {
    return line == "route" ? std::nullopt : std::optional{success};
  });
  EXPECT_THROW((void)run_batch(gateway, "link set p0 up\nroute\n"), ClientError);
}

}  // namespace
}  // namespace culvert
