# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: BSD-3-Clause
# 6rd between Culvert and Linux: interop.sh has the drawing, but each site's IPv6 prefix contains its
# gateway's outer address. User-mode Linux has no 6rd, so the kernel runs under QEMU.

# shellcheck source=tools/labs/interop.sh
source "$tree/tools/labs/interop.sh"
about='6rd between Culvert and a Linux kernel'
backend=qemu
mode=sit
payloads=(6)
site6=([a]=2001:db8:ac10:102:: [b]=2001:db8:ac10:202::)
inner6=([a]=2001:db8:ac10:102::2 [b]=2001:db8:ac10:202::2)
trips=(
  "ha ${site6[b]}10 a:tun1 b:tun1"
  "hb ${site6[a]}10 a:tun1 b:tun1"
  "ha ${inner6[b]} a:tun1 b:tun1"
  "hb ${inner6[a]} a:tun1 b:tun1"
)

tunnel_lines() {
  cat <<END
tunnel add $tunnel mode sit local ${outer[$1]} ${*:2}
tunnel 6rd dev $tunnel 6rd-prefix 2001:db8::/32
link set $tunnel up
addr add ${inner6[$1]}/128 dev $tunnel
route add 2001:db8::/32 dev $tunnel
END
}

options() {
  check_options 20
  check_options 20 ttl 64 tos 0x10
}
