// SPDX-License-Identifier: BSD-3-Clause
// bench/support: an EAL without hugepages and devices.
#pragma once

namespace culvert::bench {

/// With this many megabytes, which are taken as they are used. False if it does not start; EAL has
/// said why.
[[nodiscard]] bool start_eal(unsigned megabytes);

}  // namespace culvert::bench
