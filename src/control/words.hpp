// SPDX-License-Identifier: BSD-3-Clause
// control, inside the grammar: a cursor over the words of a line, the values that words can be, and
// the messages of `ip` for those that are not. Includes no DPDK.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "culvert/control/command.hpp"

namespace culvert::words {

/// Exit statuses of `ip` for a line that it cannot read: most of its checks end with -1, some
/// with 1.
inline constexpr int status_usage = 255;
inline constexpr int status_failure = 1;
/// For what the kernel refuses.
inline constexpr int status_refused = 2;

class Words {
 public:
  explicit Words(std::span<const std::string_view> words) : words_(words) {}

  [[nodiscard]] bool empty() const noexcept { return words_.empty(); }
  [[nodiscard]] std::string_view peek() const noexcept { return words_.front(); }
  std::string_view take() noexcept {
    const std::string_view word = words_.front();
    words_ = words_.subspan(1);
    return word;
  }
  /// The word that an option needs after it. Throws CommandError if the line ends here.
  std::string_view argument();

 private:
  std::span<const std::string_view> words_;
};

/// `word` is `name` or an abbreviation of it.
[[nodiscard]] bool abbreviates(std::string_view word, std::string_view name) noexcept;

[[noreturn]] void fail(int status, const std::string& message);
/// Error: argument "WORD" is wrong: WHY
[[noreturn]] void wrong(std::string_view word, std::string_view why);
/// The option is known to `ip`, and not to us.
[[noreturn]] void not_supported(std::string_view word);
/// Error: duplicate "OPTION": "WORD" is the second value.
[[noreturn]] void duplicate(std::string_view option, std::string_view word);
/// Error: either "OPTION" is duplicate, or "WORD" is a garbage.
[[noreturn]] void garbage(std::string_view option, std::string_view word);
[[noreturn]] void unknown_command(std::string_view word, std::string_view object);

/// Decimal, 0x hexadecimal or 0 octal.
[[nodiscard]] std::optional<std::uint32_t> number(std::string_view word) noexcept;
[[nodiscard]] bool on_off(std::string_view option, std::string_view word);
/// A name that a link can have (`option`: what the message calls it).
[[nodiscard]] std::string link_name(std::string_view option, std::string_view word);

/// "default", "any" or "all".
[[nodiscard]] bool is_wildcard(std::string_view word) noexcept;

/// An address with a prefix length, host bits and all. A wildcard is 0/0 of the family asked for,
/// which may be `any`.
struct PrefixWord {
  Family family = Family::any;
  IpAddress address;
  unsigned length = 0;
  bool has_length = false;
};
/// IPv4 addresses may be shortened from the right, and each of their bytes is a number(): 10.42/16.
[[nodiscard]] PrefixWord prefix(std::string_view word, Family family);
[[nodiscard]] IpAddress address(std::string_view word, Family family);
/// The address of a tunnel's end: "any" is 0.0.0.0.
[[nodiscard]] Ipv4Address tunnel_address(std::string_view word);
[[nodiscard]] Family family_of(const IpAddress& address) noexcept;
/// The prefix without its host bits, of the family given where the word did not say one.
[[nodiscard]] IpPrefix masked(const PrefixWord& word, Family otherwise) noexcept;
[[nodiscard]] bool is_host(const PrefixWord& word) noexcept;
[[nodiscard]] bool has_host_bits(const PrefixWord& word) noexcept;

/// Hardware address: bytes in hexadecimal between colons, or an IPv4 address. Other lengths than
/// those of the two: `Ipv4Address` and `MacAddress` are refused with `wrong_length(bytes)`.
using LinkLayerAddress = std::variant<MacAddress, Ipv4Address>;
[[nodiscard]] LinkLayerAddress link_layer_address(std::string_view word,
                                                  void (*wrong_length)(std::size_t bytes));

}  // namespace culvert::words
