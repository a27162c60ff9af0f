// SPDX-License-Identifier: BSD-3-Clause
// codec: the names of the tunnel modes. What each is made of stands in codec/modes.hpp.
#pragma once

#include <cstdint>

namespace culvert {

enum class TunnelMode : std::uint8_t { ipip, gre, sit };

}  // namespace culvert
