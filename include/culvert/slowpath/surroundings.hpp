// SPDX-License-Identifier: BSD-3-Clause
// slowpath: what each protocol of this room works with. Control thread only.
#pragma once

#include "culvert/dataplane/drop.hpp"
#include "culvert/fib/forwarding.hpp"
#include "culvert/slowpath/host.hpp"
#include "culvert/slowpath/neighbours.hpp"
#include "culvert/slowpath/outbox.hpp"

namespace culvert {

struct Surroundings {
  const Forwarding& forwarding;
  Neighbours& neighbours;
  Host& host;
  Outbox& outbox;
};

}  // namespace culvert
