# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: BSD-3-Clause
# Two gateways, one tunnel, a host behind each.
#
#   ha ---------- lan0 a wan0 ------------------------- wan0 b lan0 ---------- hb
#   10.42.1.10    .254   172.16.232.172    172.16.232.194   .254    10.42.2.10
#                 tunl0 10.42.1.1  ==================  tunl0 10.42.2.1

about='two gateways, one ipip tunnel'
gateways=(a b)
hosts=(ha hb)
mtu=1480
outer='ip proto 4'
trips=(
  'ha 10.42.2.10 a:tunl0 b:tunl0'
  'hb 10.42.1.10 a:tunl0 b:tunl0'
  'ha 10.42.2.1 a:tunl0 b:tunl0'
  'hb 10.42.1.1 a:tunl0 b:tunl0'
)

wires() {
  wire a wan0 b wan0
  host ha 10.42.1.10/24 10.42.1.254 a lan0
  host hb 10.42.2.10/24 10.42.2.254 b lan0
}

checks() {
  check_ping ha 10.42.1.254 "its own gateway's port"
  check_ping ha 10.42.1.1 "its own gateway's tunnel address"
  check_outer a wan0 ha 10.42.2.10 172.16.232.172 172.16.232.194 "$outer"
  check_mtu ha 10.42.2.10 "$mtu"
  check_mtu hb 10.42.1.10 "$mtu"
  check_answer 'a TTL of 1 is used up at a' ha 'From 10.42.1.254 .*Time to live exceeded' \
    -t 1 10.42.2.10
  check_answer 'a TTL of 2 is used up at b' ha 'From 10.42.2.1 .*Time to live exceeded' \
    -t 2 10.42.2.10
  check_answer 'a has no route to 192.0.2.1 and says so' ha \
    'From 10.42.1.254 .*Destination Net Unreachable' 192.0.2.1
  check_tcp ha hb 10.42.2.10
  check_tcp hb ha 10.42.1.10
}
