// SPDX-License-Identifier: BSD-3-Clause
// control, inside the text: one function for each kind of result. Each takes one element of the
// result and appends what `ip` prints for it. Includes no DPDK.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace culvert::text {

using Json = nlohmann::ordered_json;

/// A string as it is, anything else as JSON writes it.
[[nodiscard]] std::string plain(const Json& value);
/// `value` at the right or the left of a column.
[[nodiscard]] std::string right(const std::string& value, std::size_t width);
[[nodiscard]] std::string left(const std::string& value, std::size_t width);

void append_link(std::string& out, const Json& link);
void append_tunnel(std::string& out, const Json& tunnel);
void append_route(std::string& out, const Json& route);
void append_neighbour(std::string& out, const Json& neighbour);

}  // namespace culvert::text
