# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: BSD-3-Clause
# Two container hosts as container networks set them up: each container has a /32 and nothing but a
# default route; the port that it hangs on answers by proxy ARP whatever it asks for. The containers
# of a (ha, hb) point at 169.254.1.1, which nobody has; that of b (hc) at the address of its port.
#
#   ha 10.42.1.10 --- cont0 a wan0 ------------------- wan0 b cont0 --- 10.42.2.10 hc
#   hb 10.42.1.11 --- cont1 |  172.16.232.172   172.16.232.194
#                       tunl0 10.42.1.0  =======  tunl0 10.42.2.0

about='containers behind ports with proxy ARP, an ipip tunnel between their hosts'
gateways=(a b)
hosts=(ha hb hc)
trips=(
  'ha 10.42.2.10 a:tunl0 b:tunl0'
  'hb 10.42.2.10 a:tunl0 b:tunl0'
  'hc 10.42.1.10 a:tunl0 b:tunl0'
  'hc 10.42.1.11 a:tunl0 b:tunl0'
  'ha 10.42.2.0 a:tunl0 b:tunl0'
  'hc 10.42.1.0 a:tunl0 b:tunl0'
  'ha 10.42.1.11'
  'hb 10.42.1.10'
)

# container NAME ADDRESS VIA GATEWAY PORT
container() {
  wire "$1" eth0 "$4" "$5"
  address "$1" eth0 "$2/32"
  route "$1" default via "$3" dev eth0 onlink
}

wires() {
  wire a wan0 b wan0
  container ha 10.42.1.10 169.254.1.1 a cont0
  container hb 10.42.1.11 169.254.1.1 a cont1
  container hc 10.42.2.10 10.42.2.1 b cont0
}

proxied() { [[ $(ip -n "$lab-$1" neigh show "$2" dev eth0) == *lladdr* ]]; }

checks() {
  ok_if 'a answered ARP for 169.254.1.1 towards ha' proxied ha 169.254.1.1
  ok_if 'b answered ARP for 10.42.2.1 towards hc' proxied hc 10.42.2.1
}
