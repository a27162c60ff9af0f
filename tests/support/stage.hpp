// SPDX-License-Identifier: BSD-3-Clause
// tests/support: one stage of the pipeline alone.
#pragma once

#include <functional>

#include "culvert/dataplane/parse.hpp"

#include "support/gateway.hpp"

namespace culvert::test {

using Stage = std::function<Verdict(Lane&, Packet&)>;

/// A packet that came by the port `inside`, in that layout, through the stage.
[[nodiscard]] Outcome run_stage(TestGateway& gateway, const Stage& stage, const Bytes& packet,
                                const Layout& layout = {});
/// In every layout: all must have the same outcome, which is returned.
[[nodiscard]] Outcome run_stage_in_every_layout(TestGateway& gateway, const Stage& stage,
                                                const Bytes& packet);

/// The stage behind parse_ip(), with the packet's type from its version: what stages 2 and later
/// may rely on.
[[nodiscard]] Stage parsed(const Stage& stage);

}  // namespace culvert::test
