// SPDX-License-Identifier: BSD-3-Clause
#include "ports.hpp"

#include <array>
#include <chrono>
#include <iostream>
#include <stdexcept>
#include <thread>

#include "rings.hpp"

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

/// Why not, or an empty string.
std::string bring_up(Port& port) {
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

/// Until `obstacle` has nothing to say any more, which is asked again and again.
void await(const std::function<std::string()>& obstacle, double timeout,
           const std::function<bool()>& give_up) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds pause{10};
  const auto deadline = Clock::now() + std::chrono::duration<double>(timeout);
  std::string said;
  for (;;) {
    const std::string why = obstacle();
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

}  // namespace

void note(const std::string& sentence) {
  std::cerr << "culvert-traffic: " << sentence << '\n';
}

Ports::Ports(const Options& options, const std::function<bool()>& give_up) {
  if (options.rings) {
    await([&] { return find_rings(options); }, options.timeout, give_up);
    let_port_receive_only(*out_);
    let_port_send_only(*in_);
    return;
  }
  tx_ = open(options.tx, 0, options);
  if (options.rx != options.tx) {
    rx_ = open(options.rx, 1, options);
  }
  await([this] { return bring_both_up(); }, options.timeout, give_up);
}

std::string Ports::bring_both_up() const {
  // Always both, since the other end may wait for one before it serves the other.
  const std::string tx = bring_up(*tx_);
  const std::string rx = rx_ ? bring_up(*rx_) : std::string{};
  return tx.empty() ? rx : tx;
}

std::string Ports::find_rings(const Options& options) {
  out_ = find_ring(options.tx);
  in_ = find_ring(options.rx);
  if (out_ != nullptr && in_ != nullptr) {
    return {};
  }
  return "the primary process has no net_ring device " +
         (out_ == nullptr ? options.tx : options.rx);
}

Queue Ports::out() const {
  return out_ != nullptr ? Queue{out_} : Queue{tx_->ethdev()};
}

Queue Ports::in() const {
  return in_ != nullptr ? Queue{in_} : Queue{(rx_ ? rx_ : tx_)->ethdev()};
}

void Ports::discard() const {
  if (rx_ == nullptr) {
    return;
  }
  std::array<rte_mbuf*, 32> frames{};
  const unsigned count = Queue{tx_->ethdev()}.receive(frames.data(), frames.size());
  rte_pktmbuf_free_bulk(frames.data(), count);
}

const Port* Ports::down() const noexcept {
  for (const Port* const port : {tx_.get(), rx_.get()}) {
    if (port != nullptr && !port->link_is_up()) {
      return port;
    }
  }
  return nullptr;
}

}  // namespace culvert::traffic
