// SPDX-License-Identifier: BSD-3-Clause
// tests/path: the routers between the two gateways, written after RFC 791, 792, 1191 and 1812.
#pragma once

#include <set>
#include <vector>

#include "support/bytes.hpp"

namespace culvert::test {

/// How much of a packet an ICMP error quotes: RFC 792, or RFC 1812 section 4.3.2.3.
enum class Quote { eight_bytes, all_that_fits };

class Routers {
 public:
  static constexpr std::string_view address = "10.0.0.254";

  /// MTUs in bytes, in the order in which packets come; between any two of them is a router.
  explicit Routers(std::vector<unsigned> links) : links_(std::move(links)) {}

  struct Outcome {
    std::vector<Bytes> arrived{};
    std::vector<Bytes> errors{};  ///< back to the sender
  };
  /// An IPv4 packet that has crossed the first link. Nothing limits the rate of errors.
  [[nodiscard]] Outcome forward(const Bytes& packet);

  /// From now on, and nothing has been told.
  void start(Quote quote);
  /// How many different MTUs senders have been told.
  [[nodiscard]] std::size_t told() const noexcept { return told_.size(); }

 private:
  void pass(Bytes packet, unsigned mtu, std::vector<Bytes>& on, std::vector<Bytes>& errors);
  [[nodiscard]] Bytes refuse(const Bytes& packet, unsigned mtu);

  std::vector<unsigned> links_;
  Quote quote_ = Quote::eight_bytes;
  std::set<unsigned> told_;
};

}  // namespace culvert::test
