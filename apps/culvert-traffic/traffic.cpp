// SPDX-License-Identifier: BSD-3-Clause
#include "traffic.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <vector>

#include "culvert/net/headers.hpp"

#include "signature.hpp"

namespace culvert::traffic {
namespace {

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw std::runtime_error("--destinations " + text + ": " + why);
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

template <typename T>
T number(const std::string& text, const std::string& all) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    refuse(all, "\"" + text + "\" is not a number.");
  }
  return value;
}

template <typename Address>
AnyDestinations make(const std::string& text, Address address, unsigned prefix_length,
                     std::uint64_t count, std::optional<unsigned> length) {
  constexpr unsigned usual = Address::bits == 32 ? 24 : 64;
  const unsigned each = length.value_or(std::max(usual, prefix_length));
  if (prefix_length > Address::bits || each > Address::bits) {
    refuse(text, "a prefix has at most " + std::to_string(Address::bits) + " bits.");
  }
  if (each < prefix_length) {
    refuse(text, "prefixes of /" + std::to_string(each) + " are larger than the whole.");
  }
  const unsigned bits = each - prefix_length;
  if (count == 0 || (bits < 64 && count > std::uint64_t{1} << bits)) {
    refuse(text, "from 1 to 2^" + std::to_string(bits) + " prefixes of /" + std::to_string(each) +
                     " fit into it.");
  }
  return Destinations<Address>{address.masked(prefix_length), count, each};
}

}  // namespace

AnyDestinations parse_destinations(const std::string& text) {
  const auto parts = split(text, ',');
  if (parts.size() < 2 || parts.size() > 3) {
    refuse(text, "PREFIX,COUNT or PREFIX,COUNT,LENGTH is expected.");
  }
  const auto prefix = split(parts[0], '/');
  const auto address = parse_address(prefix[0]);
  if (prefix.size() != 2 || !address) {
    refuse(text, "\"" + parts[0] + "\" is not a prefix.");
  }
  const auto prefix_length = number<unsigned>(prefix[1], text);
  const auto count = number<std::uint64_t>(parts[1], text);
  std::optional<unsigned> length;
  if (parts.size() == 3) {
    length = number<unsigned>(parts[2], text);
  }
  return std::visit([&](auto a) { return make(text, a, prefix_length, count, length); }, *address);
}

Ipv4Address host_in(const Destinations<Ipv4Address>& destinations, std::uint64_t index) noexcept {
  const unsigned host_bits = Ipv4Address::bits - destinations.length;
  const std::uint64_t host = (index << host_bits) + (host_bits == 0 ? 0U : 1U);
  return Ipv4Address::from_host(destinations.first.host() + static_cast<std::uint32_t>(host));
}

Ipv6Address host_in(const Destinations<Ipv6Address>& destinations, std::uint64_t index) noexcept {
  Ipv6Address address = destinations.first;
  // The bits of the index end where the prefix ends; the prefix's own low bits are zero there.
  for (unsigned bit = destinations.length; index != 0 && bit != 0; index >>= 1U) {
    --bit;
    const auto mask = static_cast<std::uint8_t>((index & 1U) << (7U - bit % 8));
    address.bytes[bit / 8] = static_cast<std::uint8_t>(address.bytes[bit / 8] | mask);
  }
  if (destinations.length < Ipv6Address::bits) {
    address.bytes[15] = static_cast<std::uint8_t>(address.bytes[15] | 1U);
  }
  return address;
}

std::uint16_t minimum_size(bool ipv6) noexcept {
  constexpr std::size_t smallest_frame = 64;  // IEEE 802.3
  const std::size_t ip = ipv6 ? sizeof(Ipv6Header) : sizeof(Ipv4Header);
  const std::size_t needed =
      sizeof(EthernetHeader) + ip + sizeof(UdpHeader) + sizeof(Signature) + fcs;
  return static_cast<std::uint16_t>(std::max(smallest_frame, needed));
}

}  // namespace culvert::traffic
