# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: BSD-3-Clause
# Two tunnels on one gateway. Often taught with ns1 and ns2 on one machine and ns3 on another: they
# are a, b and c here, the two machines are the routers r1 and r2.
#
#   ha --- lan0 a wan0 --- r1 192.168.21.11 --------- 192.168.21.12 r2 --- wan0 c lan0 --- hc
#               10.10.10.2  |                                   10.10.30.2
#                           +--- wan0 b lan0 --- hb
#                                10.10.20.2
#   a tun1 172.16.10.10  ====== 172.16.20.20 tun1 b
#   a tun2 172.16.100.10 ====== 172.16.30.30 tun1 c
#   hosts: 192.168.1.10, 192.168.2.10, 192.168.3.10; b and c reach each other through a

about='two ipip tunnels on one gateway, across two routers'
gateways=(a b c)
hosts=(ha hb hc)
routers=(r1 r2)
trips=(
  'ha 192.168.2.10 a:tun1 b:tun1'
  'hb 192.168.1.10 a:tun1 b:tun1'
  'ha 192.168.3.10 a:tun2 c:tun1'
  'hc 192.168.1.10 a:tun2 c:tun1'
  'hb 192.168.3.10 b:tun1 a:tun1 a:tun2 c:tun1'
  'hc 192.168.2.10 b:tun1 a:tun1 a:tun2 c:tun1'
  'ha 172.16.20.20 a:tun1 b:tun1'
  'hb 172.16.10.10 a:tun1 b:tun1'
  'ha 172.16.30.30 a:tun2 c:tun1'
  'hc 172.16.100.10 a:tun2 c:tun1'
)

wires() {
  wire a wan0 r1 to-a
  wire b wan0 r1 to-b
  wire c wan0 r2 to-c
  wire r1 eth0 r2 eth0
  address r1 to-a 10.10.10.1/24
  address r1 to-b 10.10.20.1/24
  address r2 to-c 10.10.30.1/24
  address r1 eth0 192.168.21.11/24
  address r2 eth0 192.168.21.12/24
  route r1 10.10.30.0/24 via 192.168.21.12
  route r2 10.10.0.0/16 via 192.168.21.11
  host ha 192.168.1.10/24 192.168.1.1 a lan0
  host hb 192.168.2.10/24 192.168.2.1 b lan0
  host hc 192.168.3.10/24 192.168.3.1 c lan0
}
