// SPDX-License-Identifier: BSD-3-Clause
// control: links as they are configured: ports and tunnels, by name and by index.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "culvert/codec/mode.hpp"
#include "culvert/control/command.hpp"
#include "culvert/dataplane/port.hpp"
#include "culvert/fib/sit.hpp"
#include "culvert/net/address.hpp"

namespace culvert {

template <typename Address>
struct InterfaceAddress {
  Address local;
  Address peer;  ///< equal to local where there is none
  unsigned length = 0;
  bool shows_broadcast = false;  ///< IPv4: was added with `broadcast`

  [[nodiscard]] Prefix<Address> prefix() const noexcept {
    return Prefix<Address>::of(peer, length);
  }
  friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;
};

/// `ip tunnel`'s parameters, complete.
struct TunnelParameters {
  TunnelMode mode{};
  bool isatap = false;  ///< mode sit only
  Ipv4Address remote;
  Ipv4Address local;
  std::uint8_t ttl = 0;  ///< 0: inherit
  std::uint8_t tos = 0;  ///< odd: inherit
  bool pmtudisc = true;
  std::optional<std::uint32_t> input_key;   ///< host byte order
  std::optional<std::uint32_t> output_key;  ///< host byte order
  std::uint8_t input_fields = 0;            ///< of gre_field: icsum, iseq
  std::uint8_t output_fields = 0;           ///< of gre_field: ocsum, oseq
  std::uint16_t tcp_mss = 0;                ///< bytes, or of tcp_mss_option
  KeepaliveOption keepalive;
  int dev = 0;  ///< ifindex of the port it is bound to, or 0

  /// What no two tunnels may share.
  [[nodiscard]] auto identity() const noexcept {
    return std::tuple{mode, local, remote, dev, input_key};
  }
};

/// An entry of an ISATAP tunnel's potential router list (RFC 5214 section 8.3.1).
struct PotentialRouter {
  Ipv4Address address;
  bool is_default = false;  ///< shown only: we ask no router for anything
};

struct Link {
  int index = 0;
  std::string name;
  bool up = false;
  bool was_up = false;
  bool link_local = true;  ///< gets an IPv6 link-local address when it comes up
  std::uint32_t mtu = 1500;
  std::vector<InterfaceAddress<Ipv4Address>> ipv4;
  std::vector<InterfaceAddress<Ipv6Address>> ipv6;

  // A port:
  std::unique_ptr<Port> port;
  bool proxy_arp = false;

  // A tunnel:
  TunnelParameters tunnel;
  std::uint32_t tunnel_index = 0;                     ///< of its counters
  bool line_up = true;                                ///< keepalives are answered, if any are sent
  std::map<IpAddress, Ipv4Address> outer_neighbours;  ///< `neigh … lladdr OUTER`
  std::optional<SixRdDomain> sixrd;                   ///< as configured; else 6to4
  std::vector<PotentialRouter> routers;               ///< the newest first
  std::shared_ptr<const SitRules> sit;                ///< what workers see of the two, if they do

  [[nodiscard]] bool is_port() const noexcept { return port != nullptr; }
  [[nodiscard]] bool is_tunnel() const noexcept { return port == nullptr; }
  [[nodiscard]] bool has_carrier() const noexcept {
    return is_port() ? port->link_is_up() : line_up;
  }
  template <typename Address>
  [[nodiscard]] auto& addresses() noexcept {
    if constexpr (std::is_same_v<Address, Ipv4Address>) {
      return ipv4;
    } else {
      return ipv6;
    }
  }
  template <typename Address>
  [[nodiscard]] const auto& addresses() const noexcept {
    return const_cast<Link*>(this)->addresses<Address>();
  }
};

/// All links. Indices are never used again, as on Linux; those of ports and of tunnels' counters
/// are, since they are places in tables.
class Links {
 public:
  explicit Links(std::size_t tunnel_capacity) : tunnel_capacity_(tunnel_capacity) {}

  [[nodiscard]] Link* find(std::string_view name) noexcept;
  [[nodiscard]] Link* find(int index) noexcept;
  [[nodiscard]] Link* find_port(std::uint16_t port_index) noexcept { return ports_[port_index]; }
  [[nodiscard]] const Link* find(std::string_view name) const noexcept;
  [[nodiscard]] const Link* find(int index) const noexcept;
  [[nodiscard]] const Link* find_port(std::uint16_t port_index) const noexcept {
    return ports_[port_index];
  }
  /// The tunnel that these parameters would clash with, or null.
  [[nodiscard]] Link* find_tunnel(const TunnelParameters& parameters) noexcept;

  /// The tunnel whose counters have this index, or null.
  [[nodiscard]] Link* find_tunnel(std::uint32_t index) noexcept {
    return index < by_tunnel_index_.size() ? by_tunnel_index_[index] : nullptr;
  }
  [[nodiscard]] const Link* find_tunnel(std::uint32_t index) const noexcept {
    return const_cast<Links*>(this)->find_tunnel(index);
  }

  /// Throws std::system_error (ENFILE) when there is no place for another one.
  [[nodiscard]] std::uint16_t free_port_index() const;
  Link& add_port(const std::string& name, std::unique_ptr<Port> port);
  /// Throws std::system_error (ENFILE).
  Link& add_tunnel(const std::string& name, const TunnelParameters& parameters);
  void change_tunnel(Link& link, const TunnelParameters& parameters);
  void remove(Link& link);
  /// The counters of a tunnel that was removed are zero again and touched by nobody.
  void recycle_tunnel_index(std::uint32_t index) { free_tunnels_.push_back(index); }

  [[nodiscard]] const std::map<int, std::unique_ptr<Link>>& by_index() const noexcept {
    return by_index_;
  }

 private:
  Link& add(const std::string& name);

  std::size_t tunnel_capacity_;
  int next_index_ = 2;  // as on Linux, where 1 is the loopback device
  std::uint32_t next_tunnel_ = 0;
  std::vector<std::uint32_t> free_tunnels_;
  std::vector<Link*> by_tunnel_index_;
  std::map<int, std::unique_ptr<Link>> by_index_;
  std::map<std::string, Link*, std::less<>> by_name_;
  std::map<decltype(TunnelParameters{}.identity()), Link*> tunnels_;
  std::array<Link*, max_ports> ports_{};
};

}  // namespace culvert
