// SPDX-License-Identifier: BSD-3-Clause
// tests/path: host --- gateway --- routers --- gateway --- host, all links to hosts of 9000 bytes.
#pragma once

#include <string>
#include <vector>

#include "path/hosts.hpp"
#include "path/kinds.hpp"
#include "path/routers.hpp"
#include "support/whole_gateway.hpp"

namespace culvert::test {

class Topology {
 public:
  /// `links` from the near gateway to the far one, MTUs in bytes: those at the ends are the
  /// gateways' own. Their buffers have `mbuf_size` bytes, headroom included.
  Topology(const Kind& kind, const std::vector<unsigned>& links, std::uint16_t mbuf_size);

  /// Nothing is known of the path, nor has been told.
  void forget(Quote quote);
  [[nodiscard]] const Routers& routers() const noexcept { return routers_; }

  struct Seen {
    std::vector<unsigned> told{};  ///< MTUs, to the host that sent
    bool whole = false;            ///< what the other host got
    std::string wrong{};           ///< what should not have been seen, in words
  };
  /// From the near host to the far one.
  [[nodiscard]] Seen carry(const Datagram& datagram);

 private:
  static void set_up(WholeGateway& gateway, const Kind& kind, const Site& self, const Site& other,
                     unsigned mtu);
  /// Until nothing is on its way between the gateways any more.
  void exchange(Seen& seen);

  unsigned first_link_;
  Routers routers_;
  WholeGateway near_;
  WholeGateway far_;
};

}  // namespace culvert::test
