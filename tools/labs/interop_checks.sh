# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# What the labs interop-* check for each set of options; interop.sh says when. $words names the set in
# the results.
# shellcheck disable=SC2154  # the lab's declarations

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

# What came to a node's wan0 faster than a busy machine let it take it in.
missed_by() {
  if is_a_peer "$1"; then
    in_ns "$1" cat /sys/class/net/tap-wan0/statistics/tx_dropped
  else
    ask "$1" -j -s link show wan0 | jq '.[0].stats64.rx.missed_errors'
  fi
}

# Of what was on its way to a node, before the set of options.
declare -gA refused missed
remember_lost() {
  refused[a]=$(refused_by r2) refused[b]=$(refused_by r1)
  missed[a]=$(missed_by a) missed[b]=$(missed_by b)
}

# agree FROM ROUTER TO: what one end sent is what the other got, the router refused and it missed
agree() {
  local lost
  lost=$(($(counter "$1:$tunnel" tx) - $(counter "$3:$tunnel" rx) - ($(refused_by "$2") - refused[$3])))
  ((lost >= 0 && lost <= $(missed_by "$3") - missed[$3]))
}

check_counters_agree() {
  local from router to
  while read -r from router to; do
    ok_if "$words: $to got what $from counts as sent" within 10 agree "$from" "$router" "$to"
    agree "$from" "$router" "$to" ||
      comment "sent $(counter "$from:$tunnel" tx), received $(counter "$to:$tunnel" rx), refused by \
$router $(($(refused_by "$router") - refused[$to])), missed $(($(missed_by "$to") - missed[$to]))"
  done <<<$'a r1 b\nb r2 a'
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
