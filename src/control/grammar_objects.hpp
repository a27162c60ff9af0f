// SPDX-License-Identifier: BSD-3-Clause
// control, inside the grammar: one function for each object of the language. Each takes the words
// after the object. Includes no DPDK.
#pragma once

#include "culvert/control/command.hpp"

#include "words.hpp"

namespace culvert::grammar {

[[nodiscard]] CommandBody parse_link(words::Words words);
[[nodiscard]] CommandBody parse_tunnel(words::Words words, Family family);
/// `tunnel 6rd` and `tunnel prl`.
[[nodiscard]] TunnelSixRd parse_sixrd(words::Words words);
[[nodiscard]] TunnelPrl parse_prl(words::Words words);
[[nodiscard]] CommandBody parse_address(words::Words words, Family family);
[[nodiscard]] CommandBody parse_route(words::Words words, Family family);
[[nodiscard]] CommandBody parse_neighbour(words::Words words, Family family);

}  // namespace culvert::grammar
