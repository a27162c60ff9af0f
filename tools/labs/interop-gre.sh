# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: BSD-3-Clause
# gre between Culvert and Linux, with every option of its header: interop.sh has the drawing.

# shellcheck source=tools/labs/interop.sh
source "$tree/tools/labs/interop.sh"
about='a gre tunnel between Culvert and a Linux kernel'
mode=gre
payloads=(4 6)
trips=(
  'ha 10.42.2.10 a:tun1 b:tun1'
  'hb 10.42.1.10 a:tun1 b:tun1'
  'ha 2001:db8:2::10 a:tun1 b:tun1'
  'hb 2001:db8:1::10 a:tun1 b:tun1'
)

options() {
  check_options 24
  check_options 28 key 1.2.3.4 ttl 64 tos 0x10
  check_options 28 csum tos inherit
  check_options 28 seq ttl 32
  check_options 36 key 7 csum seq
  check_options 24 nopmtudisc
  payloads=(4)
  check_options 28 many key 42
}
