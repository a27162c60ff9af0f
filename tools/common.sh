# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: BSD-3-Clause
# What the scripts in tools/ share: where things are, words to the reader, root, the build, and the
# tally that check results are counted in. Sourced, never run.

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$(realpath -m "${CULVERT_BUILD:-$tree/build}")
peer_cache=/var/cache/culvert/peer  # the kernel of tools/kernel-peer --backend qemu

say() { printf '\n== %s\n' "$*"; }

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Starts the script again as root, by sudo. Comes back, with 1, only where that is not to be had.
become_root() {
  command -v sudo >/dev/null || return 1
  sudo -n true 2>/dev/null || { [[ -t 0 ]] && sudo -v; } || return 1
  exec sudo -- env CULVERT_BUILD="$build" "$0" "$@"
}

# The build belongs to whoever owns the tree, also when root starts it.
as_owner() {
  local owner
  owner=$(stat -c %U "$tree")
  if ((EUID == 0)) && [[ $owner != root ]] &&
      runuser -u "$owner" -- test -w "$tree" 2>/dev/null; then
    runuser -u "$owner" -- "$@"
  else
    "$@"
  fi
}

# Exactly what `ip netns` needs: a network namespace and a mount of its own for its /sys.
namespaces_allowed() {
  unshare --net --mount sh -c 'mount -t sysfs sysfs /sys' 2>/dev/null
}
no_namespaces="this machine does not let us make network namespaces: run this on a machine of \
your own, or in a container started with --privileged"

# configure DIRECTORY MESON-OPTION…: once; meson itself notices what changed later.
configure() {
  local directory=$1
  shift
  [[ -f $directory/build.ninja ]] || as_owner meson setup "$directory" "$tree" "$@"
}

# Results of checks: one line each, for the reader and for the count at the end.
tally=${CULVERT_TALLY:-}

start_tally() {
  tally=$(mktemp)
  export CULVERT_TALLY=$tally
}
record() { printf '%s\n' "$*" >>"$tally"; }
pass() { record "ok - $*" && printf 'ok - %s\n' "$*"; }
fail() { record "not ok - $*" && printf 'not ok - %s\n' "$*"; }
skip() { record "skip - $*" && printf 'skip - %s\n' "$*"; }
count() { grep -c "^$1 - " "$tally" || true; }
print_count() {
  printf '%d passed, %d failed, %d skipped\n' "$(count ok)" "$(count 'not ok')" "$(count skip)"
}
none_failed() { (($(count 'not ok') == 0)); }
