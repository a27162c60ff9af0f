// SPDX-License-Identifier: BSD-3-Clause
// control: results as the text that `ip` prints. This header includes no DPDK.
//
// A result is a JSON array of the shape that `ip -j` (iproute2 6.1) prints for the same command, so
// `-j` prints it as it is, and text is made from it alone: what is not in the JSON is not in the
// text. `{}` below is an object with its keys in this order; [key] is there only if it applies;
// "-s" and "-d" mark keys that are there only with that option. Keys that are ours, not `ip`'s, are
// marked (ours). Commands that print nothing have the result [].
//
// link show, addr show: one object per link, by ifindex
//   ifindex      2, 3, … (1 is lo's in the kernel's own results)
//   [link]       tunnels only: the device the tunnel is bound to, or null   (eth0@p0, tunl0@NONE)
//   ifname
//   flags        in this order, those that apply: "NO-CARRIER" (up without carrier), "BROADCAST",
//                "MULTICAST", "POINTOPOINT", "NOARP", "PROMISC", "UP", "LOWER_UP" (up with carrier)
//                port: BROADCAST MULTICAST; tunnel with a remote: POINTOPOINT NOARP; without: NOARP
//   mtu
//   qdisc        "noqueue"; "noop" while a link has never been up
//   operstate    port "UP" | "DOWN"; tunnel "UNKNOWN" when up, "DOWN"
//   [linkmode]   "DEFAULT", in `link show` only
//   group        "default"
//   txqlen       1000
//   the next three or four are not there in `-4 addr show` and `-6 addr show`, unless -d:
//   link_type    "ether" | "ipip" | "gre" | "sit"
//   address      MAC; tunnel: the local address, "0.0.0.0" if any
//   [link_pointtopoint]  true, where the flag POINTOPOINT is
//   broadcast    "ff:ff:ff:ff:ff:ff"; tunnel: the remote address, "0.0.0.0" if any
//   -d promiscuity, allmulti  0 | 1
//   -d min_mtu, max_mtu
//   -d linkinfo  {info_kind, info_data}, info_kind "port" (ours) | "ipip" | "gre" | "sit"
//        port:   {device, proxy_arp}              "net_af_packet0,iface=eth0", true | false
//        tunnel: {[proto], remote, local, [link], ttl, [tos], pmtudisc, [isatap] null,
//                 [prefix, prefixlen, [relay_prefix, relay_prefixlen]] (6rd), [ikey], [okey],
//                 [iseq], [oseq], [icsum], [ocsum]}
//                proto "ipip" | "ip6ip" (not for gre); remote and local "any" for 0.0.0.0; link the
//                bound device; ttl number, 0 inherit; tos "0x1" (inherit), "0x10", not there for 0;
//                pmtudisc true | false; keys "0.0.0.5"; iseq … ocsum true
//   -d num_tx_queues, num_rx_queues
//   [addr_info]  `addr show` only: array, IPv4 as added (secondary ones last), then IPv6 (the
//                latest first), each
//        {family "inet" | "inet6", local, [address] (the peer, if it is another), prefixlen,
//         [broadcast], scope "global" | "link" | "host", [secondary] true, [nodad] true,
//         [tentative] true, [dadfailed] true, [label] (IPv4 only: the link's name),
//         valid_life_time 4294967295, preferred_life_time 4294967295}
//   -s stats64   {rx: {bytes, packets, errors, dropped, over_errors, multicast, [missed_errors]},
//                 tx: {bytes, packets, errors, dropped, carrier_errors, collisions}}
//                missed_errors: what the port had no descriptor for (`ip` has it at -s -s only)
//   `-4 addr show` and `-6 addr show`: only links with such an address. `addr show up`,
//   `link show up`: only links that are up.
//
// tunnel show: one object per tunnel, by ifindex
//   ifname, mode "ip/ip" | "gre/ip" | "ipv6/ip", remote, local ("0.0.0.0" for any),
//   [prl]        isatap only: [{"pdr" | "pr": address}, …], the newest first (`ip -j` repeats the
//                keys "pdr" and "pr" in the tunnel's own object instead)
//   [dev], [ttl] (number; not there: inherit),
//   [tos]        not there for 0; as `ip` names it: "AF11", "0x10"; "0x11" for inherit/0x10;
//                "inherit" for 1 (ours: `ip -j` leaves it out). See traffic_class_name().
//   [nopmtudisc] null
//   [key] | [ikey], [okey]  numbers; key where both are there and equal
//   [6rd-prefix, 6rd-prefixlen, [6rd-relay_prefix, 6rd-relay_prefixlen]]  where one was given: the
//                2002::/16 that a sit tunnel has otherwise is not shown
//   [flags]      gre only: those of "rx_drop_ooseq" (iseq), "rx_csum", "tx_seq", "tx_csum", in
//                this order
//   [tcp_mss]    "pmtu" | number (ours)
//   [keepalive]  {seconds, retries, state "up" | "down" | "off" (the link is), -s sent, received}
//                (ours)
//   -s stats (ours: `ip -j -s` prints no JSON here)
//                {rx: {packets, bytes, errors, csum_errors, out_of_seq, multicast},
//                 tx: {packets, bytes, errors, dead_loop, no_route, no_buffers}}
//
// route show: one object per route, in the order of the prefixes (address, then length; then
// metric); IPv6: the default route last
//   [type]       not there for unicast unless -d: "unicast" | "blackhole" | "unreachable" |
//   "prohibit" dst          "default", "10.42.1.0/24", a host without its length: "10.10.200.10"
//   [gateway] | [via] {family "inet6", host} where an IPv4 route has an IPv6 next hop; not there
//                where the line asks for one `via`
//   [dev]        not there where the line asks for one `dev`; "lo" for IPv6 routes that refuse
//   [protocol]   "kernel" for connected routes, "static"; "boot" (the default) only with -d
//   [scope]      IPv4: "link" for a route without gateway, "host"; "global" only with -d.
//                IPv6: -d only, "global"
//   [prefsrc]
//   [metric]     IPv4: not there for 0; IPv6: always (256 connected, 1024 by default)
//   flags        [] or those of "dead", "onlink", "linkdown"
//   [pref]       IPv6: "medium"
//
// route get: one object
//   IPv4: {[type] ("local", "broadcast"; "unicast" only with -d), dst, [gateway | via], dev,
//          -d table "main", prefsrc, flags [], uid 0, cache [], [expires],
//          [metrics] [{mtu}]} with ["local"] or ["local", "brd"] for cache; dev "lo" if local;
//         expires (seconds) and metrics if a path MTU was learned for the address
//   IPv6: {[type], dst, from "::", [gateway], dev, [table] "local" if local ("main" only with -d),
//          [protocol] as above, -d scope, prefsrc, metric, flags [], pref "medium"}
//
// neigh show: one object per neighbour
//   dst, [dev] (not there where the line asks for one `dev`),
//   [lladdr]     MAC, or the outer IPv4 address on a gre tunnel
//   [router]     null: the neighbour says that it is a router (IPv6)
//   -s used, confirmed, updated (seconds ago), probes
//   state        one of ["PERMANENT"], ["REACHABLE"], ["STALE"], ["DELAY"], ["PROBE"],
//                ["INCOMPLETE"], ["FAILED"]. FAILED ones are shown too, as by `ip`.
//
// drops (ours): {reason, packets, description} for every reason there is; the text leaves out those
// that never happened, unless -s or -d.
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "culvert/control/command.hpp"

namespace culvert {

/// The command is one that prints a result: `show`, `get`, `drops`.
[[nodiscard]] bool shows_something(const Command& command);

/// What `ip` prints for `result`, ending in a newline; empty for commands that print nothing.
[[nodiscard]] std::string render_text(const Command& command, const nlohmann::ordered_json& result);

/// The value of the key "tos" of `tunnel show`, for a `tos` that is not 0.
[[nodiscard]] std::string traffic_class_name(std::uint8_t tos);

}  // namespace culvert
