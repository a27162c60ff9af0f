# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: BSD-3-Clause
# A Linux router between the two gateways, who are not neighbours; addresses with a peer. Often
# taught with namespaces ns1 and ns2, which are a and b here.
#
#   ha 192.168.1.10 --- lan0 a wan0 ------------- r ------------- wan0 b lan0 --- 192.168.2.10 hb
#                            10.10.10.2   .1     .1   10.10.20.2
#                       tun1 10.10.100.10  =========  tun2 10.10.200.10

about='a router between the two ends of an ipip tunnel'
gateways=(a b)
hosts=(ha hb)
routers=(r)
trips=(
  'ha 192.168.2.10 a:tun1 b:tun2'
  'hb 192.168.1.10 a:tun1 b:tun2'
  'ha 10.10.200.10 a:tun1 b:tun2'
  'hb 10.10.100.10 a:tun1 b:tun2'
)

wires() {
  wire a wan0 r to-a
  wire b wan0 r to-b
  address r to-a 10.10.10.1/24
  address r to-b 10.10.20.1/24
  host ha 192.168.1.10/24 192.168.1.1 a lan0
  host hb 192.168.2.10/24 192.168.2.1 b lan0
}

checks() {
  check_ping r 10.10.10.2 'on the underlay'
  check_ping r 10.10.20.2 'on the underlay'
  check_ping ha 10.10.10.2 "its own gateway's outer address"
}
