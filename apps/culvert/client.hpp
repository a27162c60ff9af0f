// SPDX-License-Identifier: BSD-3-Clause
// apps/culvert: a conversation with the gateway over its socket, as docs/api.md describes it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include <nlohmann/json.hpp>

#include "culvert/control/command.hpp"
#include "culvert/control/grammar.hpp"

#include "options.hpp"

namespace culvert {

/// A conversation that failed, in one sentence for the user.
class ClientError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();
  [[nodiscard]] int number() const noexcept { return number_; }

 private:
  int number_;
};

/// Throws ClientError, saying what to do, if nobody listens there.
[[nodiscard]] Descriptor connect_to_gateway(const std::string& path);

/// The result in a reply, or the error in it, as the command's. Throws ClientError for anything
/// else than a reply of the version that we speak.
[[nodiscard]] std::variant<nlohmann::ordered_json, CommandError> read_reply(std::string_view line);

/// What the user is shown for a command's result, with its line break; empty if nothing.
[[nodiscard]] std::string format_result(const Command& command,
                                        const nlohmann::ordered_json& result,
                                        const ClientOptions& options);

/// Lines taken from a descriptor in pieces.
class LineBuffer {
 public:
  /// Reads once, as much as there is. False at the end of the input.
  [[nodiscard]] bool fill(int descriptor);
  /// The next whole line, without its line break; valid until the next call of fill().
  [[nodiscard]] std::optional<std::string_view> next();
  /// What stands after the last line break.
  [[nodiscard]] std::string_view rest() const;

 private:
  std::string data_;
  std::size_t start_ = 0;     ///< of what has not been taken
  std::size_t searched_ = 0;  ///< up to here there is no line break that has not been taken
};

/// Commands on their way to the gateway, many at once; their results come out in order.
class Conversation {
 public:
  Conversation(Descriptor socket, const ClientOptions& options, std::ostream& out,
               std::ostream& error);

  /// The one command of the command line. The exit status.
  [[nodiscard]] int run_command();
  /// The commands of a file that is read by its descriptor; `name` is for messages. Without `force`
  /// nothing is carried out after the first one that fails. The exit status.
  [[nodiscard]] int run_batch(int input, const std::string& name);

 private:
  /// A command that was sent; or one that was not, since it cannot be read; or the line that begins
  /// a batch.
  struct Pending {
    unsigned line = 0;
    std::variant<std::monostate, Command, CommandError> what;
  };

  void send(std::string_view line);
  void take_command(std::span<const std::string_view> words, unsigned line);
  void take_line(std::string_view line);
  void take_input(int input);
  void exchange(int input);
  void write_some();
  void settle(std::string_view reply);
  void settle_unsent();
  void report(const CommandError& error, unsigned line);
  [[nodiscard]] bool may_read() const;
  [[nodiscard]] bool is_finished() const;

  Descriptor socket_;
  const ClientOptions& options_;
  std::ostream& out_;
  std::ostream& error_;
  std::string batch_name_;  ///< empty: one command
  BatchReader reader_;
  LineBuffer input_;
  LineBuffer replies_;
  std::string unsent_;
  std::deque<Pending> pending_;
  bool input_ended_ = false;
  bool stopped_ = false;
  int status_ = 0;
};

}  // namespace culvert
