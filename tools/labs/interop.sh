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

# `tunnel show` of both ends reads the same, when the addresses change places.
check_same_text() {
  local ours theirs
  ours=$(ask a tunnel show "$tunnel")
  theirs=$(ask b tunnel show "$tunnel" | sed "s/${outer[a]}/@/; s/${outer[b]}/${outer[a]}/; s/@/${outer[b]}/")
  ok_if "$words: both show the same tunnel" test "${ours%% }" = "${theirs%% }" ||
    return 0
  [[ ${ours%% } == "${theirs%% }" ]] || comment "Culvert: $ours"$'\n'"Linux:   $theirs"
}

# The outer headers that each end makes have the same TTL, TOS and DF.
check_same_outer() {
  local version=$1 file=$state/outer.pcap ttl tos df node
  ttl=$(word_after ttl 63 "$@") tos=$(word_after tos 0 "${@:2}")
  [[ $ttl != inherit ]] || ttl=63
  [[ $tos != inherit ]] || tos=0x48
  start_capture r1 to-r2 "$file"
  in_ns ha ping -n -q -c 3 -i 0.1 -W 5 -Q 0x48 "$(host_of b "$version")" >/dev/null 2>&1 || true
  for node in a b; do
    df=0x40
    # ping asks with DF, its answers have none; with nopmtudisc the tunnel adds none
    [[ " $* " == *' nopmtudisc '* && $version$node != 4a ]] && df=0
    within 5 matches_at_least "$file" "src ${outer[$node]}" 3 || true
    ok_if "$words, IPv$version inside: $node sends TTL $ttl, TOS $tos, DF $df" matches_at_least "$file" \
      "src ${outer[$node]} and ip[8] = $ttl - 1 and ip[1] = $tos and ip[6] & 0x40 = $df" 3
  done
  end_helper "${helpers[-1]}"
}

word_after() { # word_after WORD DEFAULT WORDS…
  local words=" ${*:3} "
  [[ $words != *" $1 "* ]] && printf '%s' "$2" && return
  words=${words#*" $1 "}
  printf '%s' "${words%% *}"
}

# --- path MTU ---------------------------------------------------------------------------------

forget_paths() {
  local node
  for node in ha hb; do
    ip -n "$lab-$node" route flush cache
    ip -n "$lab-$node" -6 route flush cache
  done
  for node in a b; do
    ask "$node" route flush cache >/dev/null 2>&1 || true
  done
}

hears_of() { # hears_of FROM ADDRESS SIZE PATTERN
  ip -n "$lab-$1" route flush cache
  ip -n "$lab-$1" -6 route flush cache
  grep -q "$4" <<<"$(in_ns "$1" ping -n -c 1 -W 1 -M 'do' -s "$3" "$2" 2>&1)"
}

# check_path_mtu FROM ADDRESS MTU: the first packets that are too long may be lost on the way, while
# the gateway learns; from then on the sender hears of it, and what fits comes through.
check_path_mtu() {
  local headers=28
  [[ $2 == *:* ]] && headers=48
  ok_if "$words: $1 hears that $3 bytes fit on the way to $2" \
    within 20 hears_of "$1" "$2" $(($3 - headers + 1)) "mtu *= *$3"
  ok_if "$words: $1's packets of $3 bytes reach $2" \
    within 20 hears_of "$1" "$2" $(($3 - headers)) ' 0% packet loss'
}

echoes_asked_of() { in_ns "$1" awk '/^Icmp: [0-9]/ { print $10 }' /proc/net/snmp; }
asked_more() { (($(echoes_asked_of "$1") > $2)); }

# Packets that may be fragmented reach the other side at full length: whole, in pieces, or in pieces
# of their outer packet. From Linux only with nopmtudisc: otherwise it loses them.
check_without_df() {
  local ha=$1 hb=$2 asked
  shift 2
  if [[ " $* " == *' nopmtudisc '* ]]; then
    check_answer "$words: 1500 bytes without DF, there and back" ha ' 0% packet loss' \
      -c 3 -i 0.1 -W 5 -M dont -s 1472 "$hb"
    check_answer "$words: 1500 bytes without DF, back and there" hb ' 0% packet loss' \
      -c 3 -i 0.1 -W 5 -M dont -s 1472 "$ha"
    return
  fi
  asked=$(echoes_asked_of hb)
  in_ns ha ping -n -q -c 1 -W 1 -M dont -s 1472 "$hb" >/dev/null 2>&1 || true
  ok_if "$words: 1500 bytes without DF reach hb" within 5 asked_more hb "$asked"
}

# --- a transfer -------------------------------------------------------------------------------

# serve HOST ADDRESS: a file of 1 MB by HTTP, as long as the lab is up
serve() {
  mkdir -p "$state/served"
  [[ -e $state/served/data ]] || head -c 1M /dev/urandom >"$state/served/data"
  ip netns exec "$lab-$1" python3 -m http.server --bind "$2" --directory "$state/served" 8000 \
    >/dev/null 2>&1 9>&- &
  helpers+=($!)
  within 30 accepts "$1" "$2"
}

# check_fetch CLIENT ADDRESS: nobody knows anything of the path when it begins
check_fetch() {
  local url="http://$2:8000/data"
  [[ $2 == *:* ]] && url="http://[$2]:8000/data"
  forget_paths
  ok_if "$words: $1 fetches 1 MB from $2 over TCP" cmp -s "$state/served/data" \
    <(in_ns "$1" timeout 60 python3 -c "$fetch" "$url" 2>/dev/null)
}

# --- counters ---------------------------------------------------------------------------------

# What a router did not forward because it was too long and had DF.
refused_by() { in_ns "$1" awk '/^Ip: [0-9]/ { print $19 }' /proc/net/snmp; }
remember_lost() { lost[a]=$(refused_by r1) lost[b]=$(refused_by r2); }
declare -gA lost

# agree FROM ROUTER TO: what one end sent is what the other got and what the router refused
agree() {
  (($(counter "$1:$tunnel" tx) == $(counter "$3:$tunnel" rx) + $(refused_by "$2") - lost[$1]))
}

check_counters_agree() {
  local from router
  while read -r from router; do
    ok_if "$words: ${other[$from]} got what $from counts as sent" \
      within 10 agree "$from" "$router" "${other[$from]}" || return 0
    agree "$from" "$router" "${other[$from]}" ||
      comment "sent $(counter "$from:$tunnel" tx), received $(counter "${other[$from]}:$tunnel" rx), \
lost at $router $(($(refused_by "$router") - lost[$from]))"
  done <<<$'a r1\nb r2'
}

# --- the route --------------------------------------------------------------------------------

hops() { # hops FROM ADDRESS
  in_ns "$1" traceroute -I -n -q 1 -w 2 -m 8 "$2" 2>/dev/null | awk 'NR > 1 { printf "%s ", $2 }'
}
hops_are() { [[ $(hops "$1" "$2") == "$3" ]]; }

# With a TTL of its own the way between the ends is one hop. One that is inherited is used up by the
# routers on that way, of whom the sender hears nothing.
check_route() {
  local version=$1 node far between
  shift
  for node in a b; do
    far=${other[$node]}
    between="$(inner "$far" "$version") "
    [[ $(word_after ttl inherit "$@") != inherit ]] || between='* * '
    ok_if "$words: h$node traces the route to $(host_of "$far" "$version")" within 10 hops_are "h$node" \
      "$(host_of "$far" "$version")" "$(site "$node" "$version")1 $between$(host_of "$far" "$version") "
  done
}
