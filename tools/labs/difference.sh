# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: BSD-3-Clause
# The difference test: Culvert (a) and a Linux kernel (b), told the same, in the same place. The host
# d sends both the same random mix and compares what they emit: tests/difference.
#
#        +--- a-lan lan0 a wan0 a-wan ---+
#      d |                               | d
#        +--- b-lan lan0 b wan0 b-wan ---+

about='the same random packets through Culvert and through a Linux kernel'
gateways=(a)
peers=(b)
hosts=(d)
culvertd_options=(--icmp-rate 0 --icmp-rate-each 0)
packets=${CULVERT_DIFFERENCE_PACKETS:-100000}
seed=${CULVERT_DIFFERENCE_SEED:-1}

wires() {
  local node side
  for node in a b; do
    for side in lan wan; do
      wire "$node" "${side}0" d "$node-$side"
    done
  done
}

mac_of() { ask "$1" -j link show "$2" | jq -r '.[0].address'; }
gateway_words() { printf '%s-lan,%s-wan,%s,%s' "$1" "$1" "$(mac_of "$1" lan0)" "$(mac_of "$1" wan0)"; }

checks() {
  local output
  # No limits of rates; and no flow labels, which are anybody's choice (RFC 6437).
  peer_shell b 'cd /proc/sys/net; echo 0 >ipv4/icmp_ratelimit; echo 0 >ipv6/icmp/ratelimit
    echo 1000000 >ipv4/icmp_msgs_per_sec; echo 1000000 >ipv4/icmp_msgs_burst
    echo 0 >ipv6/auto_flowlabels'
  if output=$(in_ns d timeout 2400 python3 "$tree/tests/difference/difference.py" \
    --one "$(gateway_words a)" --two "$(gateway_words b)" --packets "$packets" --seed "$seed"); then
    pass "$lab: Culvert and Linux emit the same for $packets packets"
  else
    fail "$lab: Culvert and Linux emit the same for $packets packets"
  fi
  comment "$output"
}
