// SPDX-License-Identifier: BSD-3-Clause
// control: the names of /etc/iproute2/rt_dsfield for values of the TOS byte. Includes no DPDK.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace culvert {

/// A name, or a number in hexadecimal with or without 0x.
[[nodiscard]] std::optional<std::uint8_t> traffic_class_value(std::string_view word) noexcept;

}  // namespace culvert
