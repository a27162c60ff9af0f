// SPDX-License-Identifier: BSD-3-Clause
#include "culvert/net/address.hpp"

#include <cctype>
#include <charconv>
#include <cstdio>

#include <arpa/inet.h>

namespace culvert {
namespace {

template <typename Address, int family>
std::optional<Address> parse(std::string_view text) {
  Address address{};
  const std::string terminated{text};
  // inet_pton would not look behind a zero byte.
  if (text.find('\0') != text.npos || inet_pton(family, terminated.c_str(), &address) != 1) {
    return std::nullopt;
  }
  return address;
}

template <typename Address, int family>
std::string format(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  return inet_ntop(family, &address, buffer.data(), buffer.size());
}

}  // namespace

std::optional<Ipv4Address> parse_ipv4(std::string_view text) {
  return parse<Ipv4Address, AF_INET>(text);
}

std::optional<Ipv6Address> parse_ipv6(std::string_view text) {
  return parse<Ipv6Address, AF_INET6>(text);
}

std::optional<IpAddress> parse_address(std::string_view text) {
  if (const auto v4 = parse_ipv4(text)) {
    return *v4;
  }
  if (const auto v6 = parse_ipv6(text)) {
    return *v6;
  }
  return std::nullopt;
}

std::optional<MacAddress> parse_mac(std::string_view text) {
  MacAddress mac;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (std::size_t i = 0; i < mac.bytes.size(); ++i) {
    const auto [next, error] = std::from_chars(at, end, mac.bytes[i], 16);
    if (error != std::errc{} || next - at > 2) {
      return std::nullopt;
    }
    at = next;
    if (i + 1 < mac.bytes.size()) {
      if (at == end || *at != ':') {
        return std::nullopt;
      }
      ++at;
    }
  }
  return at == end ? std::optional{mac} : std::nullopt;
}

std::string to_string(Ipv4Address address) {
  return format<Ipv4Address, AF_INET>(address);
}

std::string to_string(const Ipv6Address& address) {
  return format<Ipv6Address, AF_INET6>(address);
}

std::string to_string(const IpAddress& address) {
  return std::visit([](const auto& a) { return to_string(a); }, address);
}

std::string to_string(const MacAddress& address) {
  std::array<char, 18> buffer{};
  const auto& b = address.bytes;
  (void)std::snprintf(buffer.data(), buffer.size(), "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1],
                      b[2], b[3], b[4], b[5]);
  return buffer.data();
}

}  // namespace culvert
