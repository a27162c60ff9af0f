// SPDX-License-Identifier: BSD-3-Clause
#include "ports.hpp"

#include <chrono>
#include <iostream>
#include <stdexcept>
#include <thread>

namespace culvert::traffic {
namespace {

std::unique_ptr<Port> open(const std::string& device, std::uint16_t index,
                           const Ports::Options& options) {
  auto port =
      std::make_unique<Port>(device, index, Port::Options{1, options.descriptors, options.pool});
  if (options.mtu > port->mtu()) {
    try {
      port->set_mtu(options.mtu);
    } catch (const std::system_error&) {
      note("the MTU of " + device + " stays " + std::to_string(port->mtu()) +
           ": longer packets may be lost.");
    }
  }
  return port;
}

}  // namespace

void note(const std::string& sentence) {
  std::cerr << "culvert-traffic: " << sentence << '\n';
}

Ports::Ports(const Options& options, const std::function<bool()>& give_up)
    : tx_(open(options.tx, 0, options)),
      rx_(options.rx == options.tx ? nullptr : open(options.rx, 1, options)) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds pause{10};
  const auto deadline = Clock::now() + std::chrono::duration<double>(options.timeout);
  std::string said;
  for (;;) {
    // Always both, since the other end may wait for one before it serves the other.
    const std::string tx = bring_up(*tx_);
    const std::string rx = rx_ ? bring_up(*rx_) : std::string{};
    const std::string& why = tx.empty() ? rx : tx;
    if (why.empty()) {
      return;
    }
    if (give_up()) {
      throw std::runtime_error("interrupted: " + why + ".");
    }
    if (Clock::now() >= deadline) {
      throw std::runtime_error(why + ", not within the time that --link-timeout allows.");
    }
    if (why != said) {
      note("waiting: " + why);
      said = why;
    }
    std::this_thread::sleep_for(pause);
  }
}

std::string Ports::bring_up(Port& port) {
  try {
    // A memif client cannot be started before its server is there. Once started, what has come
    // meanwhile is discarded.
    port.start();
  } catch (const std::system_error& error) {
    return port.device() + " cannot be started: " + error.code().message();
  }
  (void)rte_eth_promiscuous_enable(port.ethdev());  // not every driver has to be asked
  return port.link_is_up() ? std::string{} : "the link of " + port.device() + " is down";
}

const Port* Ports::down() const noexcept {
  if (!tx().link_is_up()) {
    return &tx();
  }
  return rx().link_is_up() ? nullptr : &rx();
}

}  // namespace culvert::traffic
