// SPDX-License-Identifier: BSD-3-Clause
// control: the command language. It is that of `ip` (iproute2), with its abbreviations, its order
// of precedence among them, its messages and its exit statuses. This header includes no DPDK.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "culvert/control/command.hpp"

namespace culvert {

/// The command that a line says: options, object, command, arguments. What can be refused without
/// knowing which links, addresses and routes there are is refused here: throws CommandError.
///
/// An option that `ip` knows and the gateway does not honour is refused too, with the message
/// `Error: argument "WORD" is wrong: not supported by Culvert`.
[[nodiscard]] Command parse_command(std::span<const std::string_view> words);

/// The words of one line, as `ip -batch` splits it: at white space, except inside a word that
/// begins with ' or "; from # on it is a comment, also inside quotes. Throws CommandError where a
/// quote is not closed. They are parts of `line`.
[[nodiscard]] std::vector<std::string_view> split_line(std::string_view line);

/// parse_command(split_line(line)); empty for a line without words.
[[nodiscard]] std::optional<Command> parse_line(std::string_view line);

/// The line that split_line() splits into `words`. Throws CommandError for what a line cannot say:
/// a word with #, a line break or both kinds of quotes in it.
[[nodiscard]] std::string join_words(std::span<const std::string_view> words);

/// What a tunnel's parameters have to be whichever other tunnels there are: a mode; keys, checksums
/// and sequence numbers for gre only; a source where the remote is multicast; no fixed TTL without
/// path MTU discovery. Throws CommandError. parse_command() has done so for `tunnel add`.
void check_tunnel(const TunnelSpec& spec);

/// `current`, as it was made, with what the line of `tunnel change` says put in. Throws
/// CommandError if the result is not a tunnel, or of another mode.
[[nodiscard]] TunnelSpec changed_tunnel(const TunnelSpec& current, const TunnelSpec& change);

/// Puts the lines of a batch file together to commands: a line that ends in \ goes on in the next,
/// and # makes the rest of a line a comment.
class BatchReader {
 public:
  /// Takes the next line, without its line break. Empty while the command goes on in the next one.
  [[nodiscard]] std::optional<std::string> add(std::string_view line);
  /// The number of the last line taken, from 1: that by which `ip` reports a failing command.
  [[nodiscard]] unsigned line_number() const noexcept { return line_number_; }
  /// Says that there are no more lines. Throws CommandError if the last one goes on.
  void finish() const;

 private:
  std::string pending_;
  bool continued_ = false;
  unsigned line_number_ = 0;
};

}  // namespace culvert
