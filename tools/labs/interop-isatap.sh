# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: BSD-3-Clause
# ISATAP between Culvert and Linux, each the other's potential router: interop.sh has the drawing,
# the tunnel's own addresses are 2001:db8::5efe:172.16.N.2.

# shellcheck source=tools/labs/interop.sh
source "$tree/tools/labs/interop.sh"
about='an isatap tunnel between Culvert and a Linux kernel'
mode=isatap
payloads=(6)
inner6=([a]=2001:db8::5efe:ac10:102 [b]=2001:db8::5efe:ac10:202)
trips=(
  'ha 2001:db8:2::10 a:tun1 b:tun1'
  'hb 2001:db8:1::10 a:tun1 b:tun1'
  "ha ${inner6[b]} a:tun1 b:tun1"
  "hb ${inner6[a]} a:tun1 b:tun1"
)

tunnel_lines() {
  local far=${other[$1]}
  cat <<END
tunnel add $tunnel mode isatap local ${outer[$1]} ${*:2}
tunnel prl dev $tunnel prl-default ${outer[$far]}
link set $tunnel up
addr add ${inner6[$1]}/64 dev $tunnel
route add ${site6[$far]}/64 via ${inner6[$far]/2001:db8/fe80} dev $tunnel
END
}

options() {
  check_options 20
  check_options 20 ttl 64 tos 0x10
  check_options 20 ttl 32 tos inherit
}
