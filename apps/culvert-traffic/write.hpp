// SPDX-License-Identifier: BSD-3-Clause
// culvert-traffic: frames into a capture file. No DPDK here.
#pragma once

#include "command_line.hpp"

namespace culvert::traffic {

/// Times in frames are 0, in the file a microsecond apart: the same options give the same file.
/// Throws std::runtime_error with a sentence.
void write(const WriteCommand& command);

}  // namespace culvert::traffic
