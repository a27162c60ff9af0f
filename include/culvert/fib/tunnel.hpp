// SPDX-License-Identifier: BSD-3-Clause
// fib: one tunnel as decapsulation sees it. No DPDK here.
#pragma once

#include <cstdint>

#include "culvert/codec/mode.hpp"
#include "culvert/net/address.hpp"
#include "culvert/net/endian.hpp"

namespace culvert {

struct SitRules;

/// Not bound to a port. Ports are numbered densely from 0.
inline constexpr std::uint16_t any_port = 0xffff;

/// Never changed once published: a change publishes another one. TunnelTable keeps each in a cache
/// line of its own, with room for 40 bytes here.
struct Tunnel {
  Ipv4Address local;   ///< 0.0.0.0: any
  Ipv4Address remote;  ///< 0.0.0.0: any
  be32 key;            ///< input key; zero unless keyed
  TunnelMode mode = TunnelMode::ipip;
  bool keyed = false;                   ///< packets carry the key; else they carry none
  std::uint16_t bound_port = any_port;  ///< `dev`
  bool up = false;                      ///< a tunnel that is down receives nothing
  bool local_is_ours = false;           ///< `local` is an address of this host
  std::uint8_t fields = 0;              ///< of gre_field: what a packet has to have
  bool clamps_mss = false;              ///< of TCP SYNs, to what fits where they are answered to
  std::uint32_t index = 0;              ///< dense: where its counters stand
  bool keepalive = false;               ///< answers to keepalives are waited for
  const SitRules* sit = nullptr;        ///< what inner addresses are held against, or nothing
};

/// What a received packet says.
struct TunnelQuery {
  Ipv4Address local;   ///< outer destination
  Ipv4Address remote;  ///< outer source, unicast
  be32 key;            ///< zero unless has_key
  TunnelMode mode = TunnelMode::ipip;
  bool has_key = false;
  std::uint16_t port = 0;  ///< ingress
};

}  // namespace culvert
