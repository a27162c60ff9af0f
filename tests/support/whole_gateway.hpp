// SPDX-License-Identifier: BSD-3-Clause
// tests/support: a whole gateway in the test's own thread: told lines of `ip`, given frames,
// stepped through a time that only the test moves. The workers are the real ones, run by hand.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "culvert/control/gateway.hpp"

#include "support/memory_port.hpp"

namespace culvert::test {

/// As `ip` would have it.
struct Reply {
  int status = 0;
  std::string output{};
  std::string error{};  ///< without the final newline
};

class WholeGateway {
 public:
  /// With no limit to ICMP errors. Of several at a time each has a name of its own.
  explicit WholeGateway(const std::string& name = {},
                        std::uint16_t mbuf_size = RTE_MBUF_DEFAULT_BUF_SIZE,
                        std::uint16_t workers = 1, const Spread::Options& spread = {});
  /// Fails the test if an mbuf is missing.
  ~WholeGateway();
  WholeGateway(const WholeGateway&) = delete;
  WholeGateway& operator=(const WholeGateway&) = delete;

  /// A port with a wire in memory, down. No link-local address by itself.
  void add_port(const std::string& name, std::string_view mac);
  /// One line, without the word `ip`.
  Reply run(const std::string& line);
  /// The same; throws CommandError if it is refused. Returns its output.
  std::string must_run(const std::string& line);

  /// A frame arrives, and all that follows at this moment happens.
  void receive(const std::string& port, const Bytes& frame);
  /// A frame that arrives when the port is polled next.
  void put(const std::string& port, const Bytes& frame) { ports_.at(port)->put(frame); }
  /// The gateway itself sends this IP packet.
  void send(const Bytes& packet);
  /// Until then everything happens that is due.
  void wait_until(Clock::duration since_start);
  /// What has left by the port since the last call.
  [[nodiscard]] std::vector<Bytes> sent(const std::string& port) { return ports_.at(port)->take(); }

  [[nodiscard]] Engine& engine() noexcept { return engine_; }
  /// All happens that is due now.
  void settle();

 private:
  Engine engine_;
  std::optional<Gateway> gateway_;
  std::map<std::string, std::unique_ptr<MemoryPort>> ports_;
  Time now_;
};

}  // namespace culvert::test
