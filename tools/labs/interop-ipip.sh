# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: BSD-3-Clause
# ipip between Culvert and Linux: interop.sh has the drawing.

# shellcheck source=tools/labs/interop.sh
source "$tree/tools/labs/interop.sh"
about='an ipip tunnel between Culvert and a Linux kernel'
mode=ipip
payloads=(4)
trips=(
  'ha 10.42.2.10 a:tun1 b:tun1'
  'hb 10.42.1.10 a:tun1 b:tun1'
  'ha 10.42.0.2 a:tun1 b:tun1'
  'hb 10.42.0.1 a:tun1 b:tun1'
)

options() {
  check_options 20
  check_options 20 ttl 64 tos 0x10
  check_options 20 tos inherit
  check_options 20 nopmtudisc
  check_options 20 many ttl 32
}
