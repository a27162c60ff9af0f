// SPDX-License-Identifier: BSD-3-Clause
// bench/support: how many packets a worker handles at a time.
#pragma once

#include <cstddef>

namespace culvert::bench {

inline constexpr std::size_t burst = 32;

}  // namespace culvert::bench
