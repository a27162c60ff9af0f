// SPDX-License-Identifier: BSD-3-Clause
// culvert-traffic: the port that sends and the one that receives, up and ready; or the rings that
// stand for them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "culvert/dataplane/port.hpp"

#include "queue.hpp"

namespace culvert::traffic {

/// A line on standard error.
void note(const std::string& sentence);

class Ports {
 public:
  struct Options {
    std::string tx;  ///< DPDK device arguments
    std::string rx;  ///< may be the same
    std::uint16_t descriptors = 1024;
    unsigned mtu = 1500;
    double timeout = 10;  ///< seconds to wait for the links
    rte_mempool* pool = nullptr;
    bool rings = false;  ///< the two are net_ring devices of the primary process
  };

  /// Waits until both links are up, or both rings there. Throws std::runtime_error where they are
  /// not in time, or once `give_up` says so.
  Ports(const Options& options, const std::function<bool()>& give_up);

  [[nodiscard]] Queue out() const;
  [[nodiscard]] Queue in() const;
  /// Takes what the port that sends receives, so that nobody finds it full.
  void discard() const;
  /// One whose link is down, or null.
  [[nodiscard]] const Port* down() const noexcept;

 private:
  /// Why not, or an empty string.
  [[nodiscard]] std::string bring_both_up() const;
  [[nodiscard]] std::string find_rings(const Options& options);

  std::unique_ptr<Port> tx_;  ///< null where there are rings
  std::unique_ptr<Port> rx_;  ///< null where one port does both, too
  rte_ring* out_ = nullptr;   ///< null where there are ports
  rte_ring* in_ = nullptr;
};

}  // namespace culvert::traffic
