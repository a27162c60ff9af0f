# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# What every lab is made of: namespaces, wires, gateways. Sourced by tools/lab, then the file of the
# lab itself, which declares (all names without the LAB- before them):
#
#   about       one line for `tools/lab list`
#   gateways    namespaces in which culvertd runs, with conf/labs/LAB/NAME.conf
#   peers       namespaces in which a Linux kernel runs as a guest, told the same in the same file
#   backend     what they run in: uml (user-mode Linux) or qemu
#   hosts       ordinary Linux hosts
#   routers     Linux routers
#   switches    namespaces with a bridge, the Ethernet that more than two gateways share
#   culvertd_options  for culvertd's command line
#   wires       a function: who is wired to whom, and the Linux side's addresses and routes
#   trips       "FROM ADDRESS GATEWAY:TUNNEL…": a ping, and the tunnel ends that it must cross
#   family      6 where the hosts speak IPv6
#   noise       drops that come from elsewhere than the trips: a regular expression of their names
#   checks      a function: what the lab's test does beyond the trips
#
# shellcheck disable=SC2034,SC2154  # the declarations are used by tools/lab, $lab comes from there

about='' family=4 noise='^$' backend=uml
gateways=() peers=() hosts=() routers=() switches=() trips=() culvertd_options=()
wires() { :; }
checks() { :; }

run=/run/culvert
state=$run/$lab                      # logs, pids, captures
culvertd=$build/apps/culvertd/culvertd
culvert=$build/apps/culvert/culvert

socket_of() { printf '%s/%s-%s.sock' "$run" "$lab" "$1"; }
in_ns() { ip netns exec "$lab-$1" "${@:2}"; }
# The gateway's own client: gw a tunnel show
gw() { timeout 10 "$culvert" --socket "$(socket_of "$1")" "${@:2}"; }
is_one_of() { [[ " ${*:2} " == *" $1 "* ]]; }

# within SECONDS COMMAND…: until it succeeds; looks twenty times a second.
within() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS <= deadline)) || return 1
    sleep 0.05
  done
}

# --- namespaces and wires ---------------------------------------------------------------------

# sysctl itself may not be installed
kernel_setting() { [[ ! -e /proc/sys/$2 ]] || in_ns "$1" sh -c "echo $3 >/proc/sys/$2"; }

make_namespace() {
  local forward=0
  is_one_of "$1" "${routers[@]}" && forward=1
  ip netns add "$lab-$1"
  ip -n "$lab-$1" link set lo up
  kernel_setting "$1" net/ipv4/ip_forward "$forward"
  kernel_setting "$1" net/ipv4/conf/all/rp_filter 0
  # In a gateway's namespace the kernel must stay silent, or it answers in Culvert's place. Hosts
  # that speak IPv4 only shall not ask for IPv6 routers either: it would be noise in the counters.
  if ((family == 4)) || ! is_one_of "$1" "${hosts[@]}"; then
    kernel_setting "$1" net/ipv6/conf/default/disable_ipv6 1
  fi
}

make_switch() {
  ip -n "$lab-$1" link add br0 type bridge mcast_snooping 0  # it would speak IGMP
  ip -n "$lab-$1" link set br0 up
}

# wire NODE INTERFACE NODE INTERFACE
wire() {
  ip link add "$2" netns "$lab-$1" type veth peer name "$4" netns "$lab-$3"
  finish_end "$1" "$2"
  finish_end "$3" "$4"
}

# No offloads: a veth hands over packets whose checksum and segments nobody has finished.
finish_end() {
  in_ns "$1" ethtool -K "$2" tx off tso off gso off gro off >/dev/null
  if is_one_of "$1" "${gateways[@]}"; then
    ip -n "$lab-$1" link set dev "$2" arp off
  elif is_one_of "$1" "${switches[@]}"; then
    ip -n "$lab-$1" link set dev "$2" master br0
  fi
  ip -n "$lab-$1" link set dev "$2" up
}

# address NODE INTERFACE PREFIX
address() {
  if [[ $3 == *:* ]]; then
    ip -n "$lab-$1" addr add "$3" dev "$2" nodad
  else
    ip -n "$lab-$1" addr add "$3" dev "$2"
  fi
}

# route NODE ROUTE…: as `ip route add` takes it
route() { ip -n "$lab-$1" route add "${@:2}"; }

# host NAME PREFIX VIA GATEWAY PORT: a host behind a gateway's port
host() {
  wire "$1" eth0 "$4" "$5"
  address "$1" eth0 "$2"
  route "$1" default via "$3"
}

# --- gateways ---------------------------------------------------------------------------------

# The socket on its command line tells it from whatever else may have got that pid since.
pid_of() {
  local pid
  pid=$(cat "$state/$1.pid" 2>/dev/null) &&
    grep -qaF "$(socket_of "$1")" "/proc/$pid/cmdline" 2>/dev/null && printf '%s' "$pid"
}
is_running() { pid_of "$1" >/dev/null; }
is_gone() { ! is_running "$1"; }
is_ready() { grep -qE '^(culvertd|kernel-peer): ready' "$state/$1.log" 2>/dev/null; }

start_gateway() {
  # In a session of its own, so that an interrupt at the terminal does not reach it.
  ip netns exec "$lab-$1" setsid "$culvertd" --config "$tree/conf/labs/$lab/$1.conf" \
    --socket "$(socket_of "$1")" "${culvertd_options[@]}" </dev/null >"$state/$1.log" 2>&1 9>&- &
  printf '%d\n' $! >"$state/$1.pid"
}

ready_or_ended() { is_ready "$1" || ! kill -0 "$2" 2>/dev/null; }

await_gateway() {
  local pid
  pid=$(cat "$state/$1.pid")
  if ! within 60 ready_or_ended "$1" "$pid" || ! is_ready "$1"; then
    printf '%s-%s did not come up:\n' "$lab" "$1" >&2
    tail -n 20 "$state/$1.log" >&2
    return 1
  fi
}

# ask_to_end NAME PID: also one that is stopped hears it
ask_to_end() {
  kill -TERM "$2" 2>/dev/null || true
  kill -CONT "$2" 2>/dev/null || true
  within 10 is_gone "$1" || kill -KILL "$2" 2>/dev/null || true
}

stop_gateway() {
  local pid
  pid=$(pid_of "$1") || return 0
  ask_to_end "$1" "$pid"
}

# shellcheck source=tools/labs/peers.sh
source "$tree/tools/labs/peers.sh"
