# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: BSD-3-Clause
# sit between Culvert and Linux: interop.sh has the drawing.

# shellcheck source=tools/labs/interop.sh
source "$tree/tools/labs/interop.sh"
about='a sit tunnel between Culvert and a Linux kernel'
mode=sit
payloads=(6)
trips=(
  'ha 2001:db8:2::10 a:tun1 b:tun1'
  'hb 2001:db8:1::10 a:tun1 b:tun1'
  'ha 2001:db8::2 a:tun1 b:tun1'
  'hb 2001:db8::1 a:tun1 b:tun1'
)

options() {
  check_options 20
  check_options 20 ttl 64 tos 0x10
  check_options 20 tos inherit
  check_options 20 nopmtudisc
  check_options 20 many ttl 32
}
