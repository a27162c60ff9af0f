// SPDX-License-Identifier: BSD-3-Clause
// control, inside the grammar: addresses and prefixes as `ip` reads them. No DPDK.
#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "words.hpp"

namespace culvert::words {
namespace {

constexpr std::size_t mac_bytes = 6;
constexpr std::size_t longest_link_layer_address = 32;

std::string_view expected(Family family) {
  switch (family) {
    case Family::ipv4:
      return "inet";
    case Family::ipv6:
      return "inet6";
    case Family::any:
      break;
  }
  return "any valid";
}

IpAddress zero(Family family) {
  return family == Family::ipv6 ? IpAddress{Ipv6Address{}} : IpAddress{Ipv4Address{}};
}

unsigned bits_of(const IpAddress& address) {
  return std::visit([](const auto& a) { return std::decay_t<decltype(a)>::bits; }, address);
}

// Missing bytes on the right are zero, as `ip` has it (inet_aton would fill from the right).
std::optional<Ipv4Address> short_ipv4(std::string_view text) {
  std::uint32_t host = 0;
  for (unsigned shift = 24;; shift -= 8) {
    const std::size_t dot = text.find('.');
    const auto byte = number(text.substr(0, dot));
    if (!byte || *byte > 0xffU) {
      return std::nullopt;
    }
    host |= *byte << shift;
    if (dot == std::string_view::npos) {
      return Ipv4Address::from_host(host);
    }
    if (shift == 0) {
      return std::nullopt;
    }
    text.remove_prefix(dot + 1);
  }
}

std::optional<IpAddress> literal(std::string_view text, Family family) {
  if (text.find(':') != std::string_view::npos) {
    const auto address = family == Family::ipv4 ? std::nullopt : parse_ipv6(text);
    return address ? std::optional<IpAddress>{*address} : std::nullopt;
  }
  const auto address = family == Family::ipv6 ? std::nullopt : short_ipv4(text);
  return address ? std::optional<IpAddress>{*address} : std::nullopt;
}

// A number, or a netmask in dotted form whose ones are all on the left.
std::optional<unsigned> prefix_length(std::string_view text, unsigned bits) {
  auto length = number(text);
  if (!length && text.find('.') != std::string_view::npos) {
    const auto mask = short_ipv4(text);
    const auto ones = mask ? std::countl_one(mask->host()) : 0;
    if (!mask || std::popcount(mask->host()) != ones) {
      return std::nullopt;
    }
    length = static_cast<std::uint32_t>(ones);
  }
  return length && *length <= bits ? length : std::nullopt;
}

std::optional<PrefixWord> read_prefix(std::string_view word, Family family) {
  if (is_wildcard(word)) {
    return PrefixWord{family, zero(family), 0, true};
  }
  const std::size_t slash = word.find('/');
  const auto address = literal(word.substr(0, slash), family);
  if (!address) {
    return std::nullopt;
  }
  PrefixWord result{family_of(*address), *address, bits_of(*address), false};
  if (slash != std::string_view::npos) {
    const auto length = prefix_length(word.substr(slash + 1), result.length);
    if (!length) {
      return std::nullopt;
    }
    result.length = *length;
    result.has_length = true;
  }
  return result;
}

}  // namespace

bool is_wildcard(std::string_view word) noexcept {
  return word == "default" || word == "any" || word == "all";
}

Family family_of(const IpAddress& address) noexcept {
  return std::holds_alternative<Ipv4Address>(address) ? Family::ipv4 : Family::ipv6;
}

PrefixWord prefix(std::string_view word, Family family) {
  const auto result = read_prefix(word, family);
  if (!result) {
    fail(status_failure, "Error: " + std::string{expected(family)} +
                             " prefix is expected rather than \"" + std::string{word} + "\".");
  }
  return *result;
}

IpAddress address(std::string_view word, Family family) {
  const auto result = is_wildcard(word) && family != Family::any
                          ? std::optional<IpAddress>{zero(family)}
                          : literal(word, family);
  if (!result) {
    fail(status_failure, "Error: " + std::string{expected(family)} +
                             " address is expected rather than \"" + std::string{word} + "\".");
  }
  return *result;
}

Ipv4Address tunnel_address(std::string_view word) {
  const auto result = is_wildcard(word) ? std::optional{Ipv4Address{}} : short_ipv4(word);
  if (!result) {
    fail(status_failure,
         "Error: an IP address is expected rather than \"" + std::string{word} + '"');
  }
  return *result;
}

IpPrefix masked(const PrefixWord& word, Family otherwise) noexcept {
  const IpAddress address = word.family == Family::any ? zero(otherwise) : word.address;
  return std::visit(
      [&](const auto& a) {
        return IpPrefix{Prefix<std::decay_t<decltype(a)>>::of(a, word.length)};
      },
      address);
}

bool is_host(const PrefixWord& word) noexcept {
  return word.length == bits_of(word.address);
}

bool has_host_bits(const PrefixWord& word) noexcept {
  return std::visit([&](const auto& a) { return a.masked(word.length) != a; }, word.address);
}

LinkLayerAddress link_layer_address(std::string_view word,
                                    void (*wrong_length)(std::size_t bytes)) {
  const auto invalid = [](std::string_view part) {
    fail(status_failure, '"' + std::string{part} + "\" is invalid lladdr.");
  };
  if (word.find('.') != std::string_view::npos) {
    const auto address = short_ipv4(word);
    if (!address) {
      invalid(word);
    }
    return *address;
  }
  MacAddress mac;
  std::size_t count = 0;
  for (bool more = true; more && count < longest_link_layer_address; ++count) {
    const std::size_t colon = word.find(':');
    const std::string_view part = word.substr(0, colon);
    std::uint8_t byte = 0;
    const auto [next, error] = std::from_chars(part.data(), part.data() + part.size(), byte, 16);
    if (error != std::errc{} || next != part.data() + part.size()) {
      invalid(part);
    }
    if (count < mac_bytes) {
      mac.bytes[count] = byte;
    }
    more = colon != std::string_view::npos;
    word.remove_prefix(more ? colon + 1 : word.size());
  }
  if (count != mac_bytes) {
    wrong_length(count);
  }
  return mac;
}

}  // namespace culvert::words
