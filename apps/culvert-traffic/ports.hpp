// SPDX-License-Identifier: BSD-3-Clause
// culvert-traffic: the port that sends and the one that receives, up and ready.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "culvert/dataplane/port.hpp"

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
  };

  /// Waits until both links are up. Throws std::runtime_error where they are not in time, or once
  /// `give_up` says so.
  Ports(const Options& options, const std::function<bool()>& give_up);

  [[nodiscard]] const Port& tx() const noexcept { return *tx_; }
  [[nodiscard]] const Port& rx() const noexcept { return rx_ ? *rx_ : *tx_; }
  [[nodiscard]] bool are_one() const noexcept { return rx_ == nullptr; }
  /// One whose link is down, or null.
  [[nodiscard]] const Port* down() const noexcept;

 private:
  /// Why not, or an empty string.
  [[nodiscard]] static std::string bring_up(Port& port);

  std::unique_ptr<Port> tx_;
  std::unique_ptr<Port> rx_;  ///< null where one port does both
};

}  // namespace culvert::traffic
