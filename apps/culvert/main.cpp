// SPDX-License-Identifier: BSD-3-Clause
// apps/culvert: the control client. It reads the command line as `ip` does, has the gateway carry
// it out, and prints what `ip` would print.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "culvert/control/grammar.hpp"

#include "client.hpp"
#include "options.hpp"
#include "version.hpp"

namespace culvert {
namespace {

Descriptor open_batch(const std::string& name) {
  Descriptor file{name == "-" ? dup(STDIN_FILENO) : open(name.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.number() < 0) {
    throw ClientError("Cannot open file \"" + name + "\" for reading: " + std::strerror(errno));
  }
  return file;
}

// Says what is wrong with the line before there is anybody to ask.
void check(const ClientOptions& options) {
  std::vector<std::string_view> words{options.options};
  words.insert(words.end(), options.command.begin(), options.command.end());
  (void)parse_command(words);
}

int run(std::span<const std::string_view> arguments) {
  ClientOptions options = parse_client_options(arguments, std::getenv("CULVERT_SOCKET"));
  if (options.version) {
    std::cout << "culvert " << version << '\n';
    return EXIT_SUCCESS;
  }
  if (options.help) {
    options.batch.reset();
    options.command = {"help"};
  }
  if (options.batch) {
    const Descriptor file = open_batch(*options.batch);
    return Conversation{connect_to_gateway(options.socket), options, std::cout, std::cerr}
        .run_batch(file.number(), *options.batch);
  }
  check(options);
  return Conversation{connect_to_gateway(options.socket), options, std::cout, std::cerr}
      .run_command();
}

}  // namespace
}  // namespace culvert

int main(int count, char** values) {
  const std::vector<std::string_view> arguments{values + 1, values + count};
  try {
    return culvert::run(arguments);
  } catch (const culvert::CommandError& error) {
    std::cerr << error.what() << '\n';
    return error.status();
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
