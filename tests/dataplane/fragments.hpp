// SPDX-License-Identifier: BSD-3-Clause
// tests/dataplane: fragments of packets from gateway b to gateway a.
#pragma once

#include "support/bytes.hpp"
#include "support/network.hpp"

namespace culvert::test {

inline constexpr std::uint16_t more = 0x2000;
inline constexpr std::string_view a = node_a.outside4;
inline constexpr std::string_view b = node_b.outside4;

struct Part {
  std::size_t begin;
  std::size_t end;
  bool last = false;
  std::uint8_t tos = 0;
};

inline Bytes fragment_of(const Bytes& body, const Part& part, Ipv4Options more_of_it = {},
                         std::uint8_t protocol = 4) {
  more_of_it.tos = part.tos;
  more_of_it.fragment = static_cast<std::uint16_t>((part.last ? 0U : more) | part.begin / 8);
  return ipv4(b, a, protocol, from(first(body, part.end), part.begin), more_of_it);
}

}  // namespace culvert::test
