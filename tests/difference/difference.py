#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Sends the same random mix to two gateways that were told the same, and compares what each emits.

    difference.py --one LAN,WAN,MAC,MAC --two LAN,WAN,MAC,MAC [--packets N] [--seed S]

Each gateway is named by the interfaces that lead to it and the MACs of its NICs there. Within a step
the order does not count, nor does the IP ident of packets that the gateway made. A step that differs
is sent again before it counts: only what differs three times is a difference. Exit status 1 if there
is one that allowed.py does not name.
"""
import argparse
import collections
import random
import re
import select
import socket
import sys
import time

import packets as p
from allowed import allowance
from mix import Mix, FOREIGN, GATEWAY, HOST4

STEP = 128
QUIET = 0.03        # seconds without a frame after which a step is over, once its last was seen
PATIENCE = 3.0      # seconds to wait for the last packet of a step
LATE = 0.3          # seconds to wait, behind it, for what only one of them has emitted yet
ATTEMPTS = 3
HOSTS = {"lan": b"\x02\0\0\0\x0a\x01", "wan": b"\x02\0\0\0\x0b\x01"}


class Gateway:
    def __init__(self, words):
        names, macs = words.split(",")[:2], words.split(",")[2:]
        self.links = {}
        self.to = {}
        for side, name, mac in zip(("lan", "wan"), names, macs):
            link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            link.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE
            link.bind((name, 0))
            link.setblocking(False)
            self.links[side] = link
            self.to[side] = bytes.fromhex(mac.replace(":", "")) + HOSTS[side]

    def send(self, side, packet):
        kind = b"\x08\0" if packet[0] >> 4 == 4 else b"\x86\xdd"
        self.links[side].setblocking(True)
        self.links[side].send(self.to[side] + kind + packet)
        self.links[side].setblocking(False)

    def receive(self, emitted):
        """Adds what has come to `emitted`: number of the packet it came of -> what it says."""
        some = False
        for side, link in self.links.items():
            while True:
                try:
                    frame, where = link.recvfrom(65536)
                except BlockingIOError:
                    break
                if where[2] == socket.PACKET_OUTGOING or frame[12:14] not in (b"\x08\0", b"\x86\xdd"):
                    continue
                number = p.number_in(frame)
                if number is not None:
                    emitted[number].append((side, p.describe(frame[14:])))
                    some = True
        return some


SEQUENCE = re.compile(r"\('sequence', (\d+)\)")


def by_rank(emitted):
    """Sequence numbers as ranks within the step: what one of the two lost before is no difference."""
    texts = {number: sorted(map(repr, said)) for number, said in emitted.items()}
    used = {int(found) for said in texts.values() for text in said for found in SEQUENCE.findall(text)}
    ranks = {str(sequence): rank for rank, sequence in enumerate(sorted(used))}
    return {number: [SEQUENCE.sub(lambda found: f"('sequence', rank {ranks[found[1]]})", text)
                     for text in said] for number, said in texts.items()}


def drain(gateways):
    """Forgets what is still on its way from before."""
    links = [link for gateway in gateways for link in gateway.links.values()]
    while select.select(links, [], [], QUIET)[0]:
        for gateway in gateways:
            gateway.receive(collections.defaultdict(list))


def exchange(gateways, step, last):
    """Sends a step to both; gives what each emitted, when both have gone quiet."""
    drain(gateways)
    emitted = [collections.defaultdict(list) for _ in gateways]
    for side, _, packet in step:
        for gateway in gateways:
            gateway.send(side, packet)
    # What is merely forwarded comes last: when it is there, the rest was dealt with, but for ICMP.
    mark = p.udp4(HOST4, FOREIGN, p.payload(last, 16), df=True)
    for gateway in gateways:
        gateway.send("lan", mark)
    last_seen = time.monotonic()
    while True:
        select.select([link for gateway in gateways for link in gateway.links.values()], [], [], 0.01)
        now = time.monotonic()
        if any([gateway.receive(said) for gateway, said in zip(gateways, emitted)]):
            last_seen = now
        complete = all(last in said for said in emitted)
        if complete and now - last_seen > QUIET and not differing(step, *map(by_rank, emitted))[0]:
            break
        if now - last_seen > (LATE if complete else PATIENCE):
            break
    return map(by_rank, emitted)


def differing(step, one, two):
    """Packets of which the two made different things that nothing allows: number -> both."""
    sent = collections.defaultdict(list)
    for side, number, packet in step:
        sent[number].append((side, packet))
    found, allowed = {}, collections.Counter()
    for number in sorted(set(one) | set(two)):
        ours, theirs = one.get(number, []), two.get(number, [])
        if ours == theirs:
            continue
        reason = allowance(sent.get(number, []), ours, theirs)
        if reason:
            allowed[reason] += 1
        else:
            found[number] = (sent.get(number, []), ours, theirs)
    return found, allowed


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--one", type=Gateway, required=True)
    parser.add_argument("--two", type=Gateway, required=True)
    parser.add_argument("--packets", type=int, default=100000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    gateways = (options.one, options.two)
    mix = Mix(random.Random(options.seed))
    sent, unexplained, allowed = 0, 0, collections.Counter()
    while sent < options.packets and unexplained < 20:
        step = mix.step(STEP)
        for _ in range(ATTEMPTS):
            mix.number += 1
            found, granted = differing(step, *exchange(gateways, step, mix.number))
            if not found:
                break
        sent += len(step)
        allowed += granted
        for packets, ours, theirs in found.values():
            unexplained += 1
            print("sent  ", *((side, p.describe(packet)) for side, packet in packets), sep="\n       ")
            print("one   ", *ours, sep="\n       ")
            print("two   ", *theirs, sep="\n       ", flush=True)
    for reason, count in sorted(allowed.items()):
        print(f"{count} times: {reason}")
    print(f"{sent} packets to {GATEWAY}, seed {options.seed}: {unexplained} unexplained differences")
    return unexplained != 0 or sent < options.packets


if __name__ == "__main__":
    sys.exit(main())
