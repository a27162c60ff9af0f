// SPDX-License-Identifier: BSD-3-Clause
// apps/culvert: the client's own options, among those of `ip` that go on to the gateway.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace culvert {

inline constexpr std::string_view default_socket = "/run/culvert/culvert.sock";

struct ClientOptions {
  std::string socket{default_socket};
  std::optional<std::string> batch;  ///< a file, or "-" for standard input
  bool force = false;                ///< a batch goes on after a command that fails
  bool json = false;
  bool pretty = false;
  bool version = false;
  bool help = false;
  std::vector<std::string_view> options;  ///< those that are the gateway's: -4, -6, -s, -d, …
  std::vector<std::string_view> command;  ///< object, command, arguments
};

/// `arguments`: the command line without the program's name. `environment`: the value of
/// CULVERT_SOCKET, or null; --socket goes before it. Throws CommandError where an option needs a
/// value and has none.
[[nodiscard]] ClientOptions parse_client_options(std::span<const std::string_view> arguments,
                                                 const char* environment);

}  // namespace culvert
