# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: BSD-3-Clause
# What the labs interop-* have in common: Culvert (a) at one end of a tunnel, a Linux kernel (b) at
# the other, and a smaller link in the middle of the way between them. Both ends are told the same
# lines, for one set of options after another.
#
#   ha --- lan0 a wan0 ------- r1 === MTU 1400 === r2 ------- wan0 b lan0 --- hb
#   .10      .1   172.16.1.2   .1                  .1   172.16.2.2   .1      .10
#            tun1 10.42.0.1  ===========================  tun1 10.42.0.2
#   10.42.1.0/24  2001:db8::1                                  2001:db8::2     10.42.2.0/24
#   2001:db8:1::/64                                                         2001:db8:2::/64
#
# A lab declares mode, payloads (4, 6 or both) and options, a function that calls check_options for
# each set; one that is told other lines, its own tunnel_lines.

# shellcheck source=tools/labs/ports.sh
source "$tree/tools/labs/ports.sh"
# shellcheck source=tools/labs/interop_checks.sh
source "$tree/tools/labs/interop_checks.sh"

gateways=(a)
peers=(b)
hosts=(ha hb)
routers=(r1 r2)
family=6
noise='^(multicast|not_handled)$'    # hosts that speak IPv6 also speak MLD, and look for routers
tunnel=tun1
narrow=1400

declare -gA other=([a]=b [b]=a)
declare -gA outer=([a]=172.16.1.2 [b]=172.16.2.2)
declare -gA inner4=([a]=10.42.0.1 [b]=10.42.0.2)
declare -gA inner6=([a]=2001:db8::1 [b]=2001:db8::2)
declare -gA site4=([a]=10.42.1. [b]=10.42.2.)
declare -gA site6=([a]=2001:db8:1:: [b]=2001:db8:2::)

site() { local -n sites=site$2; printf '%s' "${sites[$1]}"; }          # site NODE 4|6
network() { case $2 in 4) echo "$(site "$@")0/24" ;; 6) echo "$(site "$@")/64" ;; esac; }
host_of() { printf '%s10' "$(site "$@")"; }
inner() { local -n inners=inner$2; printf '%s' "${inners[$1]}"; }

wires() {
  local node number=0
  for node in a b; do
    number=$((number + 1))
    wire "$node" wan0 "r$number" to-"$node"
    address "r$number" to-"$node" "172.16.$number.1/24"
    host "h$node" "$(host_of "$node" 4)/24" "$(site "$node" 4)1" "$node" lan0
    address "h$node" eth0 "$(host_of "$node" 6)/64"
    route "h$node" default via "$(site "$node" 6)1"
    kernel_setting "r$number" net/ipv4/icmp_ratelimit 0
  done
  wire r1 to-r2 r2 to-r1
  address r1 to-r2 172.16.0.1/24
  address r2 to-r1 172.16.0.2/24
  route r1 172.16.2.0/24 via 172.16.0.2
  route r1 10.42.1.0/24 via 172.16.1.2       # for what crosses a's ports, but no tunnel
  route r2 172.16.1.0/24 via 172.16.0.1
  ip -n "$lab-r1" link set to-r2 mtu "$narrow"
  ip -n "$lab-r2" link set to-r1 mtu "$narrow"
}

# --- the lines that both ends are told --------------------------------------------------------

# tunnel_lines NODE OPTION…: `many` among the options makes a tunnel without remote
tunnel_lines() {
  local node=$1 far=${other[$1]} end=(remote "${outer[${other[$1]}]}") version
  shift
  ! is_one_of many "$@" || end=()
  echo "tunnel add $tunnel mode $mode ${end[*]} local ${outer[$node]} ${*/#many/}"
  echo "link set $tunnel up"
  for version in "${payloads[@]}"; do
    case $version in
      4) echo "addr add $(inner "$node" 4)/24 dev $tunnel" ;;
      6) echo "addr add $(inner "$node" 6)/64 dev $tunnel" ;;
    esac
    if is_one_of many "$@"; then
      lines_to_one_of_many "$far" "$version"
    else
      echo "route add $(network "$far" "$version") dev $tunnel"
    fi
  done
}

# The far end is named by the route's gateway: its outer address itself, mapped into IPv6 for sit;
# with gre an inner address, and the neighbour table knows the outer one.
lines_to_one_of_many() {
  local via=${outer[$1]}
  case $mode in
    gre)
      via=$(inner "$1" "$2")
      echo "neigh add $via lladdr ${outer[$1]} dev $tunnel"
      ;;
    sit) via=::$via ;;
    ipip) echo "route add $(inner "$1" 4)/32 via $via dev $tunnel onlink" ;;
  esac
  echo "route add $(network "$1" "$2") via $via dev $tunnel onlink"
}

tell_both() {
  local node output
  for node in a b; do
    if ! output=$({ echo "tunnel del $tunnel"; tunnel_lines "$node" "$@"; } | tell "$node" 2>&1); then
      fail "$lab: $node takes its lines"
      comment "$output"
      return 1
    fi
  done
}

# --- one set of options -----------------------------------------------------------------------

checks() {
  local version
  peer_shell b 'echo 0 >/proc/sys/net/ipv4/icmp_ratelimit; echo 0 >/proc/sys/net/ipv6/icmp/ratelimit'
  check_ports ha r1 to-a 172.16.1.1
  check_ports r1 ha eth0 "$(host_of a 4)"
  for version in "${payloads[@]}"; do
    serve ha "$(host_of a "$version")"
    serve hb "$(host_of b "$version")"
  done
  options
}

# check_options OVERHEAD OPTION…: how many bytes the outer headers take, and the options
check_options() {
  local overhead=$1 version words
  shift
  words="$mode${*:+ $*}"
  say "$lab: $words"
  tell_both "$@" || return 0
  remember_lost
  check_same_text "$@"
  for version in "${payloads[@]}"; do
    check_payload "$version" "$@"
  done
  check_counters_agree
  for version in "${payloads[@]}"; do
    check_route "$version" "$@"
  done
}

check_payload() {
  local version=$1 ha hb limit
  shift
  ha=$(host_of a "$version") hb=$(host_of b "$version")
  check_answer "$words: ha reaches $hb" ha ' 0% packet loss' -c 3 -i 0.1 -W 5 "$hb"
  check_answer "$words: hb reaches $ha" hb ' 0% packet loss' -c 3 -i 0.1 -W 5 "$ha"
  check_same_outer "$version" "$@"
  check_fetch ha "$hb"
  check_fetch hb "$ha"
  # IPv6 has no DF for the outer header to take over: there the routers fragment instead.
  limit=$((narrow - overhead))
  [[ $version == 6 && " $* " == *' nopmtudisc '* ]] && limit=$((1500 - overhead))
  check_path_mtu ha "$hb" "$limit"
  check_path_mtu hb "$ha" "$limit"
  [[ $version == 6 ]] || check_without_df "$ha" "$hb" "$@"
}
