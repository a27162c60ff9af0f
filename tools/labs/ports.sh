# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Whether a gateway's ports show it the packets as they were sent. Drivers for kernel interfaces are
# tempted not to: fragments put together, checksums left unfinished, segments glued to larger ones.
# shellcheck disable=SC2154  # the lab's declarations

arrival='import hashlib, socket, sys
address = (sys.argv[1], 9000)
family = socket.AF_INET
data = [hashlib.shake_256(b"%d" % size).digest(size) for size in (100, 2000, 300000)]
if sys.argv[2] == "send":
    with socket.socket(family, socket.SOCK_DGRAM) as datagrams:
        for datagram in data[:2]:
            datagrams.sendto(datagram, address)
    with socket.create_connection(address, 20) as stream:
        stream.sendall(data[2])
else:
    datagrams = socket.socket(family, socket.SOCK_DGRAM)
    datagrams.bind(address)
    datagrams.settimeout(20)
    listener = socket.create_server(address)
    listener.settimeout(20)
    print("ready", flush=True)
    stream, _ = listener.accept()
    with stream.makefile("rb") as file:
        received = [datagrams.recv(4096), datagrams.recv(4096), file.read()]
    sys.exit(received != data)'

# check_ports FROM TO INTERFACE ADDRESS: a datagram, one in two fragments, and a stream go from one
# node to the other, through a gateway but no tunnel; INTERFACE is where they arrive.
check_ports() {
  local what="$1 to $2 through the ports" file=$state/ports.pcap fragments=() receiver
  start_capture "$2" "$3" "$file"
  ip netns exec "$lab-$2" timeout 60 python3 -c "$arrival" "$4" receive >"$state/arrival" 9>&- &
  receiver=$!
  within 20 grep -qs ready "$state/arrival" || true
  in_ns "$1" timeout 30 python3 -c "$arrival" "$4" send || true
  ok_if "$what: UDP and TCP arrive as sent" wait "$receiver"
  within 5 matches_at_least "$file" "dst $4 and ip[6:2] & 0x3fff != 0" 2 || true
  end_helper "${helpers[-1]}"
  mapfile -t fragments < <(tcpdump -nvr "$file" "dst $4 and ip[6:2] & 0x3fff != 0" 2>/dev/null |
    grep -o 'length [0-9]*)')
  ok_if "$what: two fragments stay two" test "${fragments[*]}" = 'length 1500) length 548)'
  ok_if "$what: every checksum is right" no_bad_checksum "$file"
}

no_bad_checksum() { ! grep -qE 'bad.*cksum|\(incorrect' <<<"$(tcpdump -nvvr "$1" 2>/dev/null)"; }
