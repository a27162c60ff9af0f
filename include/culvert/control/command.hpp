// SPDX-License-Identifier: BSD-3-Clause
// control: what one line of the command language says, as data. The grammar makes it, the executor
// carries it out. This header includes no DPDK.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>

#include "culvert/codec/mode.hpp"
#include "culvert/net/address.hpp"
#include "culvert/net/transition.hpp"

namespace culvert {

enum class Family : std::uint8_t { any, ipv4, ipv6 };

/// What stands before the object on the line: -4, -6, -s, -d.
struct CommandOptions {
  Family family = Family::any;
  bool statistics = false;
  bool details = false;
};

struct LinkAdd {
  std::string name;
  std::string device;  ///< DPDK device arguments: "net_af_packet0,iface=eth0", "0000:01:00.0"
};
struct LinkSet {
  std::string name;
  std::optional<bool> up;
  std::optional<std::uint32_t> mtu;
  std::optional<MacAddress> address;
  std::optional<bool> link_local;  ///< `addrgenmode eui64`, or `none`
  std::optional<bool> proxy_arp;
};
struct LinkDel {
  std::string name;
};
struct LinkShow {
  std::optional<std::string> name;
  bool up_only = false;
};

namespace tcp_mss_option {
inline constexpr std::uint16_t none = 0;        ///< left alone
inline constexpr std::uint16_t pmtu = 0xffffU;  ///< as the path's MTU is
}  // namespace tcp_mss_option

/// Ours; as Cisco's routers have it.
struct KeepaliveOption {
  std::uint16_t seconds = 0;  ///< between two of them; 0: none are sent
  std::uint8_t retries = 0;   ///< as many as that unanswered mean that the line is down

  [[nodiscard]] bool is_on() const noexcept { return seconds != 0; }
};

/// The parameters of `ip tunnel add|change`; an empty one was not on the line.
struct TunnelSpec {
  std::string name;
  std::optional<TunnelMode> mode;
  bool isatap = false;                ///< a way of sit's to find the other end
  std::optional<Ipv4Address> remote;  ///< 0.0.0.0: any
  std::optional<Ipv4Address> local;   ///< 0.0.0.0: any
  std::optional<std::uint8_t> ttl;    ///< 0: inherit
  std::optional<std::uint8_t> tos;    ///< odd: inherit, the rest of it for payloads that are not IP
  std::optional<std::uint32_t> input_key;
  std::optional<std::uint32_t> output_key;
  bool input_checksum = false;
  bool output_checksum = false;
  bool input_sequence = false;
  bool output_sequence = false;
  std::optional<bool> pmtudisc;
  std::optional<std::string> dev;
  std::optional<std::uint16_t> tcp_mss;  ///< bytes, or of tcp_mss_option (ours)
  std::optional<KeepaliveOption> keepalive;
};
struct TunnelAdd {
  TunnelSpec spec;
};
struct TunnelChange {
  TunnelSpec spec;
};
struct TunnelDel {
  TunnelSpec spec;
};
struct TunnelShow {
  TunnelSpec filter;  ///< name empty: all of them
};

struct TunnelSixRd {
  std::string dev;
  std::optional<SixRdDomain> domain;  ///< empty: `6rd-reset`
};
struct TunnelPrl {
  enum class Action : std::uint8_t { add_default, add, remove };
  std::string dev;
  Action action = Action::add;
  Ipv4Address router;
};

struct AddressSpec {
  IpAddress local;
  IpAddress peer;                        ///< equal to local where the line names none
  unsigned length = 0;                   ///< of the peer's prefix
  std::optional<Ipv4Address> broadcast;  ///< shown only; it is the last address of the prefix
  std::string dev;
};
struct AddressAdd {
  AddressSpec spec;
};
struct AddressDel {
  AddressSpec spec;
  bool any_length = false;  ///< IPv4 without a length on the line: the first `local` that there is
};
struct AddressShow {
  std::optional<std::string> dev;
  bool up_only = false;
};

enum class RouteType : std::uint8_t { unicast, unreachable, prohibit, blackhole };
/// Who made a route, with rtnetlink's numbers; `fixed` is what `ip` calls "static".
enum class RouteProtocol : std::uint8_t { kernel = 2, boot = 3, fixed = 4 };
struct RouteSpec {
  IpPrefix prefix;
  RouteType type = RouteType::unicast;
  std::optional<IpAddress> via;
  std::optional<std::string> dev;
  std::optional<std::uint32_t> metric;
  std::optional<IpAddress> source;  ///< `src`: the preferred source address
  bool onlink = false;
  RouteProtocol protocol = RouteProtocol::boot;  ///< shown only
};
struct RouteAdd {
  RouteSpec spec;
};
struct RouteReplace {
  RouteSpec spec;
};
struct RouteDel {
  RouteSpec spec;
};
struct RouteShow {
  /// `exact`: this prefix; `root`: it and those inside it; `match`: it and those around it.
  enum class Match : std::uint8_t { all, exact, root, match };
  Family family = Family::ipv4;
  Match match = Match::all;
  std::optional<IpPrefix> prefix;
  std::optional<std::string> dev;
  std::optional<IpAddress> via;
};
struct RouteGet {
  IpAddress address;
};
/// What was learned of paths, not the routes.
struct RouteFlush {
  Family family = Family::any;
};

struct NeighbourSpec {
  IpAddress address;
  std::optional<std::variant<MacAddress, Ipv4Address>>
      lladdr;  ///< Ipv4Address: a tunnel's outer one
  std::string dev;
};
struct NeighbourAdd {
  NeighbourSpec spec;
  bool replace = false;
};
struct NeighbourDel {
  NeighbourSpec spec;
};
struct NeighbourShow {
  Family family = Family::any;
  std::optional<std::string> dev;
  std::optional<IpPrefix> prefix;  ///< only neighbours with an address in it
};

struct DropsShow {};

using CommandBody =
    std::variant<LinkAdd, LinkSet, LinkDel, LinkShow, TunnelAdd, TunnelChange, TunnelDel,
                 TunnelShow, TunnelSixRd, TunnelPrl, AddressAdd, AddressDel, AddressShow, RouteAdd,
                 RouteReplace, RouteDel, RouteShow, RouteGet, RouteFlush, NeighbourAdd,
                 NeighbourDel, NeighbourShow, DropsShow>;

struct Command {
  CommandOptions options;
  CommandBody body;
};

/// A command refused. `what()` is what `ip` would write to its standard error, without the final
/// newline; `status` is the exit status `ip` would end with: 255 and 1 for a line it cannot read,
/// 2 for one the kernel refuses, 1 for a tunnel ioctl that fails.
class CommandError : public std::runtime_error {
 public:
  CommandError(int status, const std::string& message)
      : std::runtime_error(message), status_(status) {}
  [[nodiscard]] int status() const noexcept { return status_; }

 private:
  int status_;
};

}  // namespace culvert
