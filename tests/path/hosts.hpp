// SPDX-License-Identifier: BSD-3-Clause
// tests/path: the hosts: one sends a datagram as large as its path's MTU lets it, the other puts it
// together again.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/bytes.hpp"
#include "support/network.hpp"

namespace culvert::test {

enum class Traffic { ipv4, ipv4_df, ipv6 };
[[nodiscard]] std::string_view name_of(Traffic traffic);

struct Datagram {
  Traffic traffic{};
  std::uint32_t id = 0;
  Bytes body{};                  ///< behind the IP header
  std::vector<Bytes> packets{};  ///< that carry it
  unsigned longest = 0;          ///< bytes of the longest of these
};

class Sender {
 public:
  /// Longest packet in bytes.
  static constexpr unsigned link_mtu = 9000;

  Sender(Traffic traffic, const Node& self, const Node& other);

  /// For a packet of `size` bytes on a path of that MTU. Where it does not fit: IPv4 with DF sends
  /// less (as TCP does), IPv6 sends fragments (RFC 8200 section 4.5); without DF the MTU is no
  /// matter. Each has another ID.
  [[nodiscard]] Datagram make(unsigned size, unsigned path_mtu);

 private:
  [[nodiscard]] Bytes whole4(std::size_t size) const;
  [[nodiscard]] Bytes whole6(std::size_t size) const;
  [[nodiscard]] std::vector<Bytes> fragments6(std::size_t size, unsigned path_mtu) const;

  Traffic traffic_;
  Bytes longest_;  ///< a packet; shorter ones are its beginning
  std::uint32_t id_ = 0;
};

/// The MTU that an IP packet to `host` tells about a packet of this datagram; empty if it is no
/// such error.
[[nodiscard]] std::optional<unsigned> told_mtu(const Bytes& packet, const Datagram& datagram,
                                               const Node& host);

class Receiver {
 public:
  explicit Receiver(const Datagram& datagram) : expected_(datagram) {}

  /// An IP packet. False if it is no part of the datagram.
  [[nodiscard]] bool receive(const Bytes& packet);
  [[nodiscard]] bool is_whole() const;

 private:
  struct Part {
    std::uint32_t id;
    std::size_t header_length;
    std::size_t offset;
    bool last;
  };
  [[nodiscard]] static std::optional<Part> read4(const Bytes& packet);
  [[nodiscard]] static std::optional<Part> read6(const Bytes& packet);

  const Datagram& expected_;
  std::map<std::size_t, std::size_t> parts_{};  ///< begin, end
  bool has_last_ = false;
};

}  // namespace culvert::test
