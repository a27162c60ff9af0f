# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# What the labs check. Every function reports by pass or fail and goes on.
# shellcheck disable=SC2154  # the lab's declarations, see lib.sh

ok_if() { # ok_if DESCRIPTION COMMAND…
  local description="$lab: $1"
  shift
  if "$@"; then pass "$description"; else fail "$description"; fi
}

# Shows what a failed command said, as a comment below its line.
comment() { printf '#   %s\n' "${1//$'\n'/$'\n#   '}"; }

# --- counters ---------------------------------------------------------------------------------

# counter NODE:TUNNEL rx|tx: packets
counter() {
  ask "${1%:*}" -j -s link show "${1#*:}" | jq -e ".[0].stats64.$2.packets"
}
counter_is_at_least() {
  local now
  now=$(counter "$1" "$2") && ((now >= $3))
}

# Drops as "REASON PACKETS" lines, without those that are zero or noise.
drops() {
  gw "$1" -j drops | jq -r --arg noise "$noise" \
    '.[] | select(.packets > 0 and (.reason | test($noise) | not)) | "\(.reason) \(.packets)"'
}

# Nothing that a lab sends before this may be dropped.
check_no_drops() {
  local gateway dropped
  for gateway in "${gateways[@]}"; do
    if dropped=$(drops "$gateway") && [[ -z $dropped ]]; then
      pass "$lab: $gateway dropped nothing"
    else
      fail "$lab: $gateway dropped nothing"
      comment "$dropped"
    fi
  done
}

# --- pings ------------------------------------------------------------------------------------

declare -gA before
remember_counters() {
  local end
  for end in "$@"; do
    before[$end:rx]=$(counter "$end" rx) || before[$end:rx]=0
    before[$end:tx]=$(counter "$end" tx) || before[$end:tx]=0
  done
}

# Requests cross each end one way, replies the other: both counters rise by what was sent.
check_counters_rose() {
  local sent=$1 what=$2 end
  shift 2
  for end in "$@"; do
    if within 2 counter_is_at_least "$end" rx "$((${before[$end:rx]} + sent))" &&
        within 2 counter_is_at_least "$end" tx "$((${before[$end:tx]} + sent))"; then
      pass "$lab: $what counted by ${end/:/ on } both ways"
    else
      fail "$lab: $what counted by ${end/:/ on } both ways"
      comment "received $(counter "$end" rx), before ${before[$end:rx]}; sent $(
        counter "$end" tx), before ${before[$end:tx]}; expected $sent more of each"
    fi
  done
}

# check_trip FROM ADDRESS GATEWAY:TUNNEL…
check_trip() {
  local from=$1 to=$2 sent=5 output
  shift 2
  remember_counters "$@"
  if output=$(in_ns "$from" ping -n -c "$sent" -i 0.2 -W 2 "$to" 2>&1) &&
      [[ $output == *" 0% packet loss"* ]]; then
    pass "$lab: $from pings $to, $sent of $sent answered"
  else
    fail "$lab: $from pings $to, $sent of $sent answered"
    comment "$output"
  fi
  check_counters_rose "$sent" "$from's pings to $to" "$@"
}

answers() { in_ns "$1" ping -n -q -c 2 -i 0.2 -W 1 "$2" >/dev/null 2>&1; }
is_silent() { ! answers "$1" "$2"; }

# check_ping FROM ADDRESS DESCRIPTION
check_ping() { ok_if "$1 pings $2, $3" answers "$1" "$2"; }

# check_answer DESCRIPTION FROM PATTERN PING-ARGUMENT…: ping's output must match
check_answer() {
  local output
  output=$(in_ns "$2" ping -n -c 1 -W 2 "${@:4}" 2>&1) || true
  if grep -qE "$3" <<<"$output"; then
    pass "$lab: $1"
  else
    fail "$lab: $1"
    comment "$output"
  fi
}

# check_mtu FROM ADDRESS MTU: what fits the tunnel passes whole, one byte more is answered
check_mtu() {
  local headers=28 refusal="Frag needed and DF set \(mtu = $3\)"
  if [[ $2 == *:* ]]; then
    headers=48 refusal="Packet too big: mtu=$3"
  fi
  local fits=$(($3 - headers))
  check_answer "$1's packet of $3 bytes to $2 crosses whole" "$1" ' 0% packet loss' \
    -M 'do' -s "$fits" "$2"
  check_answer "$1's packet of $(($3 + 1)) bytes hears of mtu $3" "$1" "$refusal" \
    -M 'do' -s $((fits + 1)) "$2"
  # What the last answer taught the host is not for the checks that follow.
  ip -n "$lab-$1" route flush cache
  ip -n "$lab-$1" -6 route flush cache
}

# --- the packets on the wire ------------------------------------------------------------------

helpers=()                           # pids of what runs beside the checks
end_helper() {
  kill "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

# matching FILE FILTER: how many packets
matching() { tcpdump -nr "$1" "$2" 2>/dev/null | wc -l; }
matches_at_least() { (($(matching "$1" "$2") >= $3)); }

# start_capture GATEWAY PORT FILE.pcap: ready when it returns. AppArmor wants that suffix.
start_capture() {
  ip netns exec "$lab-$1" tcpdump -Z root --immediate-mode -U -ni "$2" -w "$3" 2>"$3.log" 9>&- &
  helpers+=($!)
  within 10 grep -qs 'listening on' "$3.log"
}

# check_outer GATEWAY PORT FROM ADDRESS LOCAL REMOTE FILTER: five pings, as the underlay sees them.
# By default a tunnel sets DF and takes over the inner TTL, decremented by the gateway: 63.
check_outer() {
  local file=$state/underlay.pcap bad
  local wrapped="$7 and ip[8] = 63 and ip[6:2] = 0x4000"
  start_capture "$1" "$2" "$file"
  in_ns "$3" ping -n -q -c 5 -i 0.2 -W 2 "$4" >/dev/null 2>&1 || true
  within 5 matches_at_least "$file" "src $6 and dst $5" 5 || true
  end_helper "${helpers[-1]}"
  ok_if "on the underlay, 5 requests in $5 > $6, $7" \
    matches_at_least "$file" "src $5 and dst $6 and $wrapped" 5
  ok_if "on the underlay, 5 replies in $6 > $5, $7" \
    matches_at_least "$file" "src $6 and dst $5 and $wrapped" 5
  ok_if "on the underlay, no echo outside the tunnel" \
    test "$(matching "$file" 'icmp or icmp6')" -eq 0
  bad=$(tcpdump -nvvr "$file" 2>/dev/null | grep -c 'bad cksum' || true)
  ok_if "on the underlay, every header checksum right" test "$bad" -eq 0
}

# --- a transfer -------------------------------------------------------------------------------

fetch='import sys, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=10) as reply:
    while block := reply.read(65536):
        sys.stdout.buffer.write(block)'

accepts() { in_ns "$1" python3 -c 'import socket, sys
socket.create_connection((sys.argv[1], 8000), 1)' "$2" 2>/dev/null; }

# check_tcp CLIENT SERVER ADDRESS: 8 MB from the server to the client. Its first segments are too
# long for the tunnel: the server learns the path MTU from the gateway on its way.
check_tcp() {
  local directory=$state/served url="http://$3:8000/data" sum
  [[ $3 == *:* ]] && url="http://[$3]:8000/data"
  mkdir -p "$directory"
  head -c 8M /dev/urandom >"$directory/data"
  sum=$(sha256sum <"$directory/data")
  ip netns exec "$lab-$2" python3 -m http.server --bind "$3" --directory "$directory" 8000 \
    >/dev/null 2>&1 9>&- &
  helpers+=($!)
  within 10 accepts "$2" "$3" || true
  ok_if "$1 fetches 8 MB from $2 over TCP, unharmed" \
    test "$(in_ns "$1" timeout 60 python3 -c "$fetch" "$url" 2>/dev/null | sha256sum)" = "$sum"
  end_helper "${helpers[-1]}"
}

# --- a stopped gateway ------------------------------------------------------------------------

# If this ping is answered without Culvert, the lab proves nothing.
check_stopped() {
  local gateway=$1 pid from to
  ((${#trips[@]} > 0)) || return 0
  read -r from to _ < <(printf '%s\n' "${trips[@]}" | grep " $gateway:")
  pid=$(pid_of "$gateway") || { fail "$lab: $gateway is running" && return; }
  kill -STOP "$pid"
  ok_if "$from no longer reaches $to with $gateway stopped" is_silent "$from" "$to"
  kill -CONT "$pid"
  ok_if "$from reaches $to with $gateway going on" within 5 answers "$from" "$to"
}

# `wait` knows how it ended, since the test itself started it.
check_ends_cleanly() {
  local gateway=$1 pid status=0
  pid=$(cat "$state/$gateway.pid")
  ask_to_end "$gateway" "$pid"
  wait "$pid" || status=$?
  ok_if "$gateway ends with status 0 when asked to" test "$status" -eq 0
  ((status == 0)) || comment "status $status"$'\n'"$(tail -n 20 "$state/$gateway.log")"
}
