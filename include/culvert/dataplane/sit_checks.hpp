// SPDX-License-Identifier: BSD-3-Clause
// dataplane, a part of stage 2: whether the addresses of a packet out of a sit tunnel belong
// together, where the inner ones name outer ones. Out of line: no other tunnel comes here.
#pragma once

#include "culvert/dataplane/lane.hpp"
#include "culvert/dataplane/packet.hpp"
#include "culvert/dataplane/verdict.hpp"
#include "culvert/fib/sit.hpp"
#include "culvert/net/headers.hpp"

namespace culvert {

/// RFC 5214 section 7.3, RFC 5969 section 9.2, RFC 3964 section 4.1 (6to4).
[[nodiscard, gnu::cold]] Verdict check_sit(const Lane& lane, const SitRules& rules,
                                           const OuterFacts& outer,
                                           const Ipv6Header& inner) noexcept;

}  // namespace culvert
