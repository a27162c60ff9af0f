// SPDX-License-Identifier: BSD-3-Clause
// culvert-traffic: a run from the first link to the report.
#pragma once

#include "command_line.hpp"
#include "report.hpp"

namespace culvert::traffic {

/// Starts EAL, sends, receives. SIGINT and SIGTERM end it early, with what has been measured. Says
/// once a second on standard error how it goes. Throws std::runtime_error or std::system_error.
[[nodiscard]] Report run(const RunCommand& command);

}  // namespace culvert::traffic
