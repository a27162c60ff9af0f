// SPDX-License-Identifier: BSD-3-Clause
#include "support/whole_gateway.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "culvert/control/grammar.hpp"
#include "culvert/control/text.hpp"

#include "support/layout.hpp"

namespace culvert::test {
namespace {

// Not zero, which limiters and timers might take for "never".
constexpr Time start{std::chrono::hours{1}};
constexpr auto tick = std::chrono::milliseconds{50};

Engine::Options engine_options(const std::string& name, std::uint16_t mbuf_size,
                               std::uint16_t workers, const Spread::Options& spread) {
  Engine::Options options;
  options.name = name;
  options.mbuf_size = mbuf_size;
  options.worker.spread = spread;
  options.forwarding = {.workers = workers,
                        .next_hops = 4096,
                        .ipv4_groups = 4096,
                        .ipv6_groups = 4096,
                        .path_mtus = 256};
  options.tunnels = 64;
  options.mbufs = 2048U * workers;
  return options;
}

constexpr TokenRate no_limit{0, 0};

}  // namespace

WholeGateway::WholeGateway(const std::string& name, std::uint16_t mbuf_size, std::uint16_t workers,
                           const Spread::Options& spread)
    : engine_(engine_options(name, mbuf_size, workers, spread)), now_(start) {
  gateway_.emplace(engine_, Gateway::Options{.icmp = {.all = no_limit, .each = no_limit}});
}

WholeGateway::~WholeGateway() {
  ports_.clear();  // while their devices are open
  gateway_.reset();
  engine_.stop();
  EXPECT_EQ(engine_.buffers_in_use(), 0U);
}

void WholeGateway::add_port(const std::string& name, std::string_view mac) {
  auto port = std::make_unique<MemoryPort>();
  must_run("link add " + name + " type port device " + port->device());
  port->attach(engine_.pool());
  ports_[name] = std::move(port);
  must_run("link set " + name + " address " + std::string(mac) + " addrgenmode none");
}

Reply WholeGateway::run(const std::string& line) {
  try {
    return {.output = must_run(line)};
  } catch (const CommandError& error) {
    return {.status = error.status(), .error = error.what()};
  }
}

std::string WholeGateway::must_run(const std::string& line) {
  const auto command = parse_line(line);
  if (!command) {
    return {};
  }
  auto result = nlohmann::ordered_json::array();
  nlohmann::ordered_json element;
  for (Listing listing = gateway_->execute(*command); listing.next(element);) {
    result.push_back(std::move(element));
  }
  settle();
  return render_text(*command, result);
}

void WholeGateway::receive(const std::string& port, const Bytes& frame) {
  ports_.at(port)->put(frame);
  settle();
}

void WholeGateway::send(const Bytes& packet) {
  rte_mbuf* const m = make_mbuf(engine_.pool(), packet);
  facts_of(m) = {.entry = Entry::output};
  ASSERT_TRUE(engine_.exchanges().front()->inject(m));
  settle();
}

void WholeGateway::wait_until(Clock::duration since_start) {
  while (now_ < start + since_start) {
    now_ = std::min<Time>(now_ + tick, start + since_start);
    settle();
  }
}

/// Until there is nothing to do for any worker nor, at this time, for the control thread.
void WholeGateway::settle() {
  bool worked = false;
  do {
    while (gateway_->work(now_)) {
    }
    worked = false;
    for (std::uint16_t i = 0; i < engine_.workers(); ++i) {
      worked = engine_.worker(i).poll() || worked;
    }
  } while (worked);
}

}  // namespace culvert::test
