#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Sends the same random mix to two gateways that were told the same, and compares what each emits.

    difference.py --one LAN,WAN,MAC,MAC --two LAN,WAN,MAC,MAC [--packets N] [--seed S]

Each gateway is named by the interfaces that lead to it and the MACs of its NICs there. Within a step
the order does not count, nor does the IP ident of packets that the gateway made. A step that differs
is sent again before it counts, with more time each time: a difference is what differs in each of
ATTEMPTS attempts. Exit status 1 if there is one that allowed.py does not name.
"""
import argparse
import collections
import itertools
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
ATTEMPTS = 5
# In seconds, at the first attempt; twice as much at each further one.
QUIET = 0.03        # without a frame after which a step is over, once its mark was seen
PATIENCE = 3.0      # to wait for the mark
LATE = 0.3          # to wait, behind it, for what only one of them has emitted yet
MARKS = 1 << 31     # the marks' numbers begin here, above those of all packets
MARK = 0            # the number under which the marks of all attempts are compared
SEQUENCE = re.compile(r"\('sequence', (\d+)\)")
HOSTS = {"lan": b"\x02\0\0\0\x0a\x01", "wan": b"\x02\0\0\0\x0b\x01"}


class Gateway:
    def __init__(self, words):
        self.newest = -1    # the sequence number that it gave last
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
                    emitted[number].append(self.in_order(repr((side, p.describe(frame[14:])))))
                    some = True
        return some

    def in_order(self, text):
        """A sequence number only as whether it is above all before, as it has to be: which packet gets
        which is a matter of the order."""
        found = SEQUENCE.search(text)
        if not found:
            return text
        newer = int(found[1]) > self.newest
        self.newest = max(self.newest, int(found[1]))
        return text.replace(found[0], f"('sequence', {'newer' if newer else 'older'})")


def drain(gateways, quiet):
    """Forgets what is still on its way from before."""
    links = [link for gateway in gateways for link in gateway.links.values()]
    while select.select(links, [], [], quiet)[0]:
        for gateway in gateways:
            gateway.receive(collections.defaultdict(list))


class Attempt:
    """A step, sent to both gateways once, and what each emits."""

    def __init__(self, gateways, step, mark):
        self.gateways = gateways
        self.emitted = [collections.defaultdict(list) for _ in gateways]
        self.first, self.mark = step[0][1], mark
        # What is merely forwarded comes last: when it is there, the rest was dealt with, but for ICMP.
        last = ("lan", MARK, p.udp4(HOST4, FOREIGN, p.payload(mark, 16), df=True))
        self.sent = [*step, last]

    def run(self, longer):
        """Waits until both have gone quiet, `longer` times as long as usual."""
        for side, _, packet in self.sent:
            for gateway in self.gateways:
                gateway.send(side, packet)
        links = [link for gateway in self.gateways for link in gateway.links.values()]
        last_seen = time.monotonic()
        while True:
            select.select(links, [], [], 0.01)
            now = time.monotonic()
            if any([gateway.receive(said) for gateway, said in zip(self.gateways, self.emitted)]):
                last_seen = now
            quiet, marked = (now - last_seen) / longer, self.is_marked()
            if marked and quiet > QUIET and not self.differing()[0]:
                break
            if quiet > (LATE if marked else PATIENCE):
                break

    def is_marked(self):
        return all(self.mark in said for said in self.emitted)

    def is_late(self, number):
        """Of an earlier step, or the mark of an earlier attempt."""
        return number < self.first or MARKS <= number < self.mark

    def late(self):
        """How many frames came late."""
        return sum(len(frames) for said in self.emitted for number, frames in said.items()
                   if self.is_late(number))

    def made(self):
        """What each made of this step, and of nothing else."""
        for said in self.emitted:
            yield {MARK if number == self.mark else number: sorted(frames)
                   for number, frames in said.items() if not self.is_late(number)}

    def differing(self):
        """Packets of which the two made different things that nothing allows: number -> both."""
        sent = collections.defaultdict(list)
        for side, number, packet in self.sent:
            sent[number].append((side, packet))
        one, two = self.made()
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
        if MARK not in one and MARK not in two:
            found[MARK] = (sent[MARK], [], [])
        return found, allowed


class Comparison:
    def __init__(self, gateways, mix):
        self.gateways, self.mix = gateways, mix
        self.marks = itertools.count(MARKS)
        self.sent, self.again, self.late = 0, 0, 0
        self.allowed = collections.Counter()

    def step(self):
        """Sends a step until nothing is left that differed each time: number -> both."""
        rewind = self.mix.rewind()
        step = self.mix.step(STEP)
        found, granted = self.attempt(step, 1)
        for attempt in range(1, ATTEMPTS):
            if not found:
                break
            self.again += attempt == 1
            for side, packet in rewind:
                for gateway in self.gateways:
                    gateway.send(side, packet)
            differing, granted = self.attempt(step, 2 ** attempt)
            found = {number: differing[number] for number in found if number in differing}
        self.sent += len(step)
        self.allowed += granted
        return found

    def attempt(self, step, longer):
        drain(self.gateways, QUIET * longer)
        attempt = Attempt(self.gateways, step, next(self.marks))
        attempt.run(longer)
        self.late += attempt.late()
        return attempt.differing()


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--one", type=Gateway, required=True)
    parser.add_argument("--two", type=Gateway, required=True)
    parser.add_argument("--packets", type=int, default=100000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    comparison = Comparison((options.one, options.two), Mix(random.Random(options.seed)))
    unexplained = 0
    while comparison.sent < options.packets and unexplained < 20:
        for packets, ours, theirs in comparison.step().values():
            unexplained += 1
            print("sent  ", *((side, p.describe(packet)) for side, packet in packets), sep="\n       ")
            print("one   ", *ours, sep="\n       ")
            print("two   ", *theirs, sep="\n       ", flush=True)
    for reason, count in sorted(comparison.allowed.items()):
        print(f"{count} times: {reason}")
    print(f"{comparison.again} steps were sent again, {comparison.late} frames came late")
    print(f"{comparison.sent} packets to {GATEWAY}, seed {options.seed}: "
          f"{unexplained} unexplained differences")
    return unexplained != 0 or comparison.sent < options.packets


if __name__ == "__main__":
    sys.exit(main())
