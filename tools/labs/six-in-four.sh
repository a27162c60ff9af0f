# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: BSD-3-Clause
# Two IPv6 sites over an IPv4 underlay.
#
#   ha ------------------ lan0 a wan0 --------------------------- wan0 b lan0 ------------------ hb
#   2001:db8:1::10   2001:db8:1::1  172.16.232.172   172.16.232.194  2001:db8:2::1   2001:db8:2::10
#                         sit1 2001:db8:42::1  =============  sit1 2001:db8:42::2

about='two IPv6 sites, one sit tunnel over IPv4'
family=6
gateways=(a b)
hosts=(ha hb)
noise='^(multicast|not_handled)$'    # hosts that speak IPv6 also speak MLD, and look for routers
trips=(
  'ha 2001:db8:2::10 a:sit1 b:sit1'
  'hb 2001:db8:1::10 a:sit1 b:sit1'
  'ha 2001:db8:42::2 a:sit1 b:sit1'
  'hb 2001:db8:42::1 a:sit1 b:sit1'
)

wires() {
  wire a wan0 b wan0
  host ha 2001:db8:1::10/64 2001:db8:1::1 a lan0
  host hb 2001:db8:2::10/64 2001:db8:2::1 b lan0
}

checks() {
  check_ping ha 2001:db8:1::1 "its own gateway's port"
  check_outer a wan0 ha 2001:db8:2::10 172.16.232.172 172.16.232.194 'ip proto 41'
  check_mtu ha 2001:db8:2::10 1480
  check_answer 'a hop limit of 1 is used up at a' ha \
    'From 2001:db8:1::1 .*Time exceeded: Hop limit' -t 1 2001:db8:2::10
  check_answer 'a hop limit of 2 is used up at b' ha \
    'From 2001:db8:42::2 .*Time exceeded: Hop limit' -t 2 2001:db8:2::10
  check_answer 'a has no route to 2001:db8:99::1 and says so' ha \
    'From 2001:db8:1::1 .*Destination unreachable: No route' 2001:db8:99::1
  check_tcp ha hb 2001:db8:2::10
}
