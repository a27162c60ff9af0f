# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: BSD-3-Clause
# Three gateways on one Ethernet (namespace s), one tunnel without remote on each; the next hop of a
# route names the outer address.
#
#   ha 10.42.1.10 --- lan0 a wan0 172.16.165.33  --+
#   hb 10.42.2.10 --- lan0 b wan0 172.16.165.244 --s     each: tunl0 10.42.N.0/32, lan0 10.42.N.1/24
#   hc 10.42.3.10 --- lan0 c wan0 172.16.168.113 --+

about='three gateways, one ipip tunnel on each to both others'
gateways=(a b c)
hosts=(ha hb hc)
switches=(s)
trips=(
  'ha 10.42.2.10 a:tunl0 b:tunl0'
  'ha 10.42.3.10 a:tunl0 c:tunl0'
  'hb 10.42.1.10 b:tunl0 a:tunl0'
  'hb 10.42.3.10 b:tunl0 c:tunl0'
  'hc 10.42.1.10 c:tunl0 a:tunl0'
  'hc 10.42.2.10 c:tunl0 b:tunl0'
  'ha 10.42.2.0 a:tunl0 b:tunl0'
  'ha 10.42.3.0 a:tunl0 c:tunl0'
  'hb 10.42.1.0 b:tunl0 a:tunl0'
  'hb 10.42.3.0 b:tunl0 c:tunl0'
  'hc 10.42.1.0 c:tunl0 a:tunl0'
  'hc 10.42.2.0 c:tunl0 b:tunl0'
)

wires() {
  wire a wan0 s to-a
  wire b wan0 s to-b
  wire c wan0 s to-c
  host ha 10.42.1.10/24 10.42.1.1 a lan0
  host hb 10.42.2.10/24 10.42.2.1 b lan0
  host hc 10.42.3.10/24 10.42.3.1 c lan0
}
