// SPDX-License-Identifier: BSD-3-Clause
#include "client.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "culvert/control/text.hpp"

namespace culvert {
namespace {

using Json = nlohmann::ordered_json;

constexpr int api_version = 1;
// Commands that may be on their way: enough to keep the gateway busy, a bound for our memory.
constexpr std::size_t window = 8192;
constexpr std::size_t chunk = 65536;
constexpr std::string_view begin_batch = "-batch";
// What nearly every command of a batch is answered with.
constexpr std::string_view plain_success = R"({"culvert":1,"result":[]})";

[[noreturn]] void fail(const std::string& what) {
  throw ClientError(what + ": " + std::strerror(errno));
}

[[noreturn]] void refuse_connection(const std::string& path) {
  if (errno == ENOENT || errno == ECONNREFUSED) {
    throw ClientError("No gateway answers at " + path +
                      ": start culvertd, or name its socket with --socket or CULVERT_SOCKET.");
  }
  if (errno == EACCES || errno == EPERM) {
    throw ClientError("You may not use " + path + ": run culvert as the user that runs culvertd.");
  }
  fail("Cannot connect to " + path);
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) {
    (void)close(number_);
  }
}

Descriptor connect_to_gateway(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    throw ClientError("The name of the socket is too long: " + path);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  Descriptor descriptor{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (descriptor.number() < 0) {
    fail("Cannot make a socket");
  }
  if (connect(descriptor.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
      0) {
    refuse_connection(path);
  }
  return descriptor;
}

std::variant<Json, CommandError> read_reply(std::string_view line) {
  if (line == plain_success) {
    return Json::array();
  }
  const Json reply = Json::parse(line, nullptr, false);
  if (!reply.is_object() || reply.value("culvert", Json()) != api_version) {
    throw ClientError("The gateway's answer is not of version " + std::to_string(api_version) +
                      " of the interface: use the culvert that came with culvertd.");
  }
  if (const auto error = reply.find("error"); error != reply.end()) {
    return CommandError(error->at("code").get<int>(), error->at("message").get<std::string>());
  }
  return reply.at("result");
}

std::string format_result(const Command& command, const Json& result,
                          const ClientOptions& options) {
  if (!shows_something(command)) {
    return {};
  }
  if (!options.json) {
    return render_text(command, result);
  }
  constexpr int pretty_indent = 4;
  return result.dump(options.pretty ? pretty_indent : -1) + '\n';
}

bool LineBuffer::fill(int descriptor) {
  data_.erase(0, start_);
  searched_ -= start_;
  start_ = 0;
  std::array<char, chunk> piece;
  const ssize_t count = read(descriptor, piece.data(), piece.size());
  data_.append(piece.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
  if (count < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNRESET) {
    fail("Cannot read");
  }
  return count > 0 || (count < 0 && errno != ECONNRESET);
}

std::optional<std::string_view> LineBuffer::next() {
  const std::size_t end = data_.find('\n', searched_);
  searched_ = end == std::string::npos ? data_.size() : end + 1;
  if (end == std::string::npos) {
    return std::nullopt;
  }
  const std::string_view line = std::string_view{data_}.substr(start_, end - start_);
  start_ = end + 1;
  return line;
}

std::string_view LineBuffer::rest() const {
  return std::string_view{data_}.substr(start_);
}

Conversation::Conversation(Descriptor socket, const ClientOptions& options, std::ostream& out,
                           std::ostream& error)
    : socket_(std::move(socket)), options_(options), out_(out), error_(error) {}

int Conversation::run_command() {
  take_command(options_.command, 0);
  input_ended_ = true;
  while (!is_finished()) {
    exchange(-1);
  }
  return status_;
}

int Conversation::run_batch(int input, const std::string& name) {
  batch_name_ = name;
  if (!options_.force) {
    pending_.push_back({});
    send(begin_batch);
  }
  while (!is_finished()) {
    exchange(input);
  }
  return status_;
}

bool Conversation::may_read() const {
  return !input_ended_ && !stopped_ && pending_.size() < window;
}

bool Conversation::is_finished() const {
  return pending_.empty() && (input_ended_ || stopped_);
}

void Conversation::send(std::string_view line) {
  unsent_ += line;
  unsent_ += '\n';
}

void Conversation::take_command(std::span<const std::string_view> command, unsigned line) {
  std::vector<std::string_view> words{options_.options};
  words.insert(words.end(), command.begin(), command.end());
  try {
    Command parsed = parse_command(words);
    send(join_words(words));
    pending_.push_back({line, std::move(parsed)});
  } catch (const CommandError& error) {
    // Told when its turn comes, after the answers to what was sent before it.
    pending_.push_back({line, error});
    stopped_ = !options_.force;
  }
}

void Conversation::take_line(std::string_view line) {
  const auto text = reader_.add(line);
  if (!text) {
    return;
  }
  try {
    if (const auto words = split_line(*text); !words.empty()) {
      take_command(words, reader_.line_number());
    }
  } catch (const CommandError& error) {
    pending_.push_back({reader_.line_number(), error});
    stopped_ = !options_.force;
  }
}

void Conversation::take_input(int input) {
  input_ended_ = !input_.fill(input);
  while (!stopped_) {
    const auto line = input_.next();
    if (!line) {
      break;
    }
    take_line(*line);
  }
  if (input_ended_ && !stopped_) {
    if (!input_.rest().empty()) {
      take_line(input_.rest());
    }
    try {
      reader_.finish();
    } catch (const CommandError& error) {
      pending_.push_back({reader_.line_number(), error});
    }
  }
}

// Waits until something can be read or written, and does so.
void Conversation::exchange(int input) {
  settle_unsent();
  if (is_finished()) {
    return;
  }
  const auto writing = static_cast<short>(unsent_.empty() ? 0 : POLLOUT);
  std::array<pollfd, 2> ready{{{socket_.number(), static_cast<short>(POLLIN | writing), 0},
                               {may_read() ? input : -1, POLLIN, 0}}};
  if (poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) {
    fail("Cannot wait for the gateway");
  }
  if ((ready[1].revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL)) != 0) {
    take_input(input);
  }
  if ((ready[0].revents & POLLOUT) != 0) {
    write_some();
  }
  if ((ready[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
    const bool open = replies_.fill(socket_.number());
    for (auto line = replies_.next(); line && !is_finished(); line = replies_.next()) {
      settle(*line);
    }
    if (!open && !is_finished()) {
      throw ClientError("The gateway has closed the connection.");
    }
  }
}

void Conversation::write_some() {
  const ssize_t count =
      ::send(socket_.number(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  // Whatever is wrong shows when the answers are read; a gateway that refuses a batch's command
  // closes the connection, and the answers are still there.
  unsent_.erase(0, count > 0 ? static_cast<std::size_t>(count) : 0);
  if (count < 0 && errno != EAGAIN && errno != EINTR) {
    unsent_.clear();
    stopped_ = true;
  }
}

void Conversation::report(const CommandError& error, unsigned line) {
  out_.flush();
  error_ << error.what() << '\n';
  status_ = error.status();
  if (batch_name_.empty()) {
    return;
  }
  constexpr int batch_failed = 1;
  error_ << "Command failed " << batch_name_ << ':' << line << '\n';
  status_ = batch_failed;
  if (!options_.force) {
    stopped_ = true;
    pending_.clear();
  }
}

// Lines that were never sent, since they cannot be read.
void Conversation::settle_unsent() {
  while (!pending_.empty() && std::holds_alternative<CommandError>(pending_.front().what)) {
    const Pending first = std::move(pending_.front());
    pending_.pop_front();
    report(std::get<CommandError>(first.what), first.line);
  }
}

void Conversation::settle(std::string_view reply) {
  settle_unsent();
  if (pending_.empty()) {
    throw ClientError("The gateway answers what it was not asked.");
  }
  const Pending first = std::move(pending_.front());
  pending_.pop_front();
  const auto answer = read_reply(reply);
  if (const auto* const error = std::get_if<CommandError>(&answer)) {
    report(*error, first.line);
  } else if (const auto* const command = std::get_if<Command>(&first.what)) {
    const std::string text = format_result(*command, std::get<Json>(answer), options_);
    if (!text.empty()) {
      out_ << text;
      out_.flush();
    }
  }
}

}  // namespace culvert
