# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Peers: nodes of a lab in which tools/kernel-peer boots a Linux kernel, in the place where other
# nodes have Culvert. A peer understands the same `ip` lines. Sourced by lib.sh.
# shellcheck disable=SC2154  # the lab's declarations

is_a_peer() { is_one_of "$1" "${peers[@]}"; }

# ask NODE WORDS…: what `ip` or `culvert` would be told, to whichever of the two runs there
ask() {
  if is_a_peer "$1"; then
    peer_shell "$1" ip "${@:2}"
  else
    gw "$@"
  fi
}

# tell NODE: the lines on standard input, as `ip -batch` takes them
tell() {
  if is_a_peer "$1"; then
    peer_shell "$1" "ip -batch - <<'end'"$'\n'"$(cat)"$'\n'end
  else
    gw "$1" -batch -
  fi
}

peer_shell() { timeout 60 "$tree/tools/kernel-peer" --ask "$(socket_of "$1")" "${@:2}"; }

# Its interfaces become the NICs of the guest, under the same names.
start_peer() {
  local interface nics=()
  while read -r interface; do
    nics+=(--nic "$interface")
  done < <(ip -n "$lab-$1" -j link show type veth | jq -r '.[].ifname')
  # What a killed one leaves behind goes with the rest of the lab.
  TMPDIR=$state ip netns exec "$lab-$1" setsid "$tree/tools/kernel-peer" --backend "$backend" \
    "${nics[@]}" --serve "$(socket_of "$1")" "$tree/conf/labs/$lab/$1.conf" \
    </dev/null >"$state/$1.log" 2>&1 9>&- &
  printf '%d\n' $! >"$state/$1.pid"
}

# A machine that can boot no guest is no failure of Culvert's: the lab is skipped, and says why.
await_peer() {
  local pid status=0
  pid=$(cat "$state/$1.pid")
  within 300 ready_or_ended "$1" "$pid" || true
  ! is_ready "$1" || return 0
  if ! kill -0 "$pid" 2>/dev/null; then
    wait "$pid" || status=$?
  fi
  if ((status == 3)); then
    comment "$(tail -n 30 "$state/$1.log")"
    no_guest
  fi
  printf '%s-%s did not come up:\n' "$lab" "$1" >&2
  tail -n 20 "$state/$1.log" >&2
  return 1
}

no_guest() {
  [[ -n $tally ]] || die "this machine boots no Linux guest ($backend), which $lab needs"
  skip "$lab: this machine boots no Linux guest ($backend)"
  exit 0
}
