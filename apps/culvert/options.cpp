// SPDX-License-Identifier: BSD-3-Clause
#include "options.hpp"

#include "culvert/control/command.hpp"

namespace culvert {
namespace {

constexpr int status_usage = 255;
constexpr std::string_view socket_option = "--socket";

bool abbreviates(std::string_view word, std::string_view name) {
  return word.size() > 1 && name.starts_with(word);
}

class Arguments {
 public:
  explicit Arguments(std::span<const std::string_view> words) : words_(words) {}
  [[nodiscard]] bool at_option() const {
    return !words_.empty() && words_.front().starts_with('-') && words_.front().size() > 1;
  }
  std::string_view take() {
    const std::string_view word = words_.front();
    words_ = words_.subspan(1);
    return word;
  }
  std::string_view value() {
    if (words_.empty()) {
      throw CommandError(status_usage, "Command line is not complete. Try option \"help\"");
    }
    return take();
  }
  [[nodiscard]] std::span<const std::string_view> rest() const { return words_; }

 private:
  std::span<const std::string_view> words_;
};

bool take_socket(ClientOptions& options, std::string_view word, Arguments& arguments) {
  if (word == socket_option) {
    options.socket = arguments.value();
    return true;
  }
  if (word.starts_with(socket_option) && word[socket_option.size()] == '=') {
    options.socket = word.substr(socket_option.size() + 1);
    return true;
  }
  return false;
}

// Abbreviations in the order of `ip`: -f is -family, -fo is -force.
void take_option(ClientOptions& options, std::string_view word, Arguments& arguments) {
  const std::string_view name = word.starts_with("--") ? word.substr(1) : word;
  if (abbreviates(name, "-family")) {
    options.options.push_back(word);
    options.options.push_back(arguments.value());
  } else if (abbreviates(name, "-help")) {
    options.help = true;
  } else if (abbreviates(name, "-Version") || name == "-version") {
    options.version = true;
  } else if (abbreviates(name, "-force")) {
    options.force = true;
  } else if (abbreviates(name, "-batch")) {
    options.batch = arguments.value();
  } else if (abbreviates(name, "-json")) {
    options.json = true;
  } else if (abbreviates(name, "-pretty")) {
    options.pretty = true;
  } else {
    options.options.push_back(word);
  }
}

}  // namespace

ClientOptions parse_client_options(std::span<const std::string_view> words,
                                   const char* environment) {
  ClientOptions options;
  if (environment != nullptr && *environment != '\0') {
    options.socket = environment;
  }
  Arguments arguments{words};
  while (arguments.at_option()) {
    const std::string_view word = arguments.take();
    if (word == "--") {
      break;
    }
    if (!take_socket(options, word, arguments)) {
      take_option(options, word, arguments);
    }
  }
  options.command.assign(arguments.rest().begin(), arguments.rest().end());
  return options;
}

}  // namespace culvert
