// SPDX-License-Identifier: BSD-3-Clause
// control: what a tunnel's parameters have to be. No DPDK.
#include "culvert/control/grammar.hpp"

#include "words.hpp"

namespace culvert {

void check_tunnel(const TunnelSpec& spec) {
  using words::fail;
  using words::status_failure;
  const bool gre = spec.mode == TunnelMode::gre;
  if (spec.mode && !gre && (spec.input_key || spec.output_key)) {
    fail(status_failure, "Keys are not allowed with ipip and sit tunnels");
  }
  if (spec.mode && !gre &&
      (spec.input_checksum || spec.output_checksum || spec.input_sequence ||
       spec.output_sequence)) {
    fail(status_failure,
         "Checksums and sequence numbers are not allowed with ipip and sit tunnels");
  }
  const bool multicast = spec.remote && spec.remote->is_multicast();
  if (multicast && spec.local.value_or(Ipv4Address{}).is_any()) {
    fail(status_failure, "A broadcast tunnel requires a source address");
  }
  if (spec.ttl.value_or(0) != 0 && !spec.pmtudisc.value_or(true)) {
    fail(status_failure, "ttl != 0 and nopmtudisc are incompatible");
  }
  if (spec.mode && spec.keepalive.value_or(KeepaliveOption{}).is_on()) {
    if (!gre || multicast || spec.remote.value_or(Ipv4Address{}).is_any()) {
      fail(status_failure, "keepalive requires a gre tunnel with a remote address");
    }
    // They are routed as packets of our own are, not by that port.
    if (spec.dev) {
      fail(status_failure, "keepalive and dev are incompatible");
    }
  }
  if (!spec.mode) {
    fail(status_failure, "cannot determine tunnel mode (ipip, gre, vti or sit)");
  }
}

TunnelSpec changed_tunnel(const TunnelSpec& current, const TunnelSpec& change) {
  TunnelSpec result = current;
  const auto set = [](auto& value, const auto& changed) {
    if (changed) {
      value = changed;
    }
  };
  if (change.mode && change.mode != current.mode) {
    words::fail(words::status_usage, "You managed to ask for more than one tunnel mode.");
  }
  set(result.remote, change.remote);
  set(result.local, change.local);
  set(result.ttl, change.ttl);
  set(result.tos, change.tos);
  set(result.input_key, change.input_key);
  set(result.output_key, change.output_key);
  set(result.pmtudisc, change.pmtudisc);
  set(result.dev, change.dev);
  set(result.tcp_mss, change.tcp_mss);
  set(result.keepalive, change.keepalive);
  result.input_checksum |= change.input_checksum;
  result.output_checksum |= change.output_checksum;
  result.input_sequence |= change.input_sequence;
  result.output_sequence |= change.output_sequence;
  check_tunnel(result);
  return result;
}

}  // namespace culvert
