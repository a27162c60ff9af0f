# SPDX-License-Identifier: BSD-3-Clause
"""The difference test's random mix: what hosts and far ends send to the gateway under test.

The gateway is told conf/labs/difference/b.conf: two NICs, a tunnel of each kind to each of three far
ends, a prefix behind each tunnel.
"""
import packets as p

HOST4, HOST6 = "10.1.0.10", "2001:db8:1::10"
GATEWAY = "10.2.0.1"
FOREIGN = "10.2.0.9"
# name: far end, how the outer packet is made, whether IPv4 and IPv6 are inside, prefix number
TUNNELS = {
    "ip1": ("10.2.0.2", "ipip", (4,), 101),
    "ip2": ("10.2.0.3", "ipip", (4,), 102),
    "ip3": ("10.2.0.4", "ipip", (4,), 103),
    "gr1": ("10.2.0.2", "key", (4, 6), 111),
    "gr2": ("10.2.0.3", "csum seq", (4, 6), 112),
    "gr3": ("10.2.0.4", "gre", (4, 6), 113),
    "si1": ("10.2.0.2", "sit", (6,), 121),
    "si2": ("10.2.0.3", "sit", (6,), 122),
}
KEY = 0x01020304
ROUTER_ALERT = b"\x94\x04\0\0"
RECORD_ROUTE = b"\x07\x07\x04\0\0\0\0\0"


def far4(prefix):
    return f"10.{prefix}.0.9"


def far6(prefix):
    return f"2001:db8:{prefix}::9"


class Mix:
    # What comes to a gre tunnel without options; most of it is what it should be.
    PLAIN_GRE = [lambda protocol, inner: p.gre(protocol, inner)] * 12 + [
        lambda protocol, inner: p.gre(protocol, inner, key=7),
        lambda protocol, inner: p.gre(protocol, inner, sequence=9),
        lambda protocol, inner: p.gre(protocol, inner, with_checksum=True),
        lambda protocol, inner: p.gre(protocol, inner, with_checksum=True, bad_checksum=True),
        lambda protocol, inner: p.gre(protocol, inner, flags=0x0001),    # version 1
        lambda protocol, inner: p.gre(protocol, inner, flags=0x4000),    # routing
        lambda protocol, inner: p.gre(p.WCCP, inner),
        lambda protocol, inner: p.gre(0x8847, inner),
        lambda protocol, inner: p.gre(protocol, inner[:12]),
    ]

    def __init__(self, random):
        self.random = random
        self.number = 0
        self.sequence = 1

    def chance(self, one_in):
        return self.random.randrange(one_in) == 0

    def size(self):
        """Bytes of UDP payload: small, around the limits of the tunnels and of Ethernet."""
        near = self.random.choice((16, 64, 512, 1200, 1380, 1428, 1440, 1452, 1472))
        return max(16, min(1472, near + self.random.randrange(-8, 9)))

    def step(self, length):
        """Packets to send one after another: (side, number, IP packet)."""
        result = []
        while len(result) < length:
            self.number += 1
            make = self.random.choice((self.outward, self.outward, self.inward, self.inward,
                                       self.foreign, self.icmp))
            result += [(side, self.number, packet) for side, packet in make()]
        return result

    def rewind(self):
        """Packets that bring the sequence numbers of gr2 back to where they are now, from wherever they
        will be: each is newer than the one before, by less than half of all numbers (RFC 2890)."""
        inner = p.udp4(far4(112), HOST4, p.payload(0, 16))
        numbers = [self.sequence + ahead for ahead in (1 << 30, 2 << 30, 3 << 30, 0)]
        return [("wan", p.ipv4(TUNNELS["gr2"][0], GATEWAY, 47,
                               p.gre(0x0800, inner, with_checksum=True, sequence=number)))
                for number in numbers]

    def inner(self, version, source, destination, size):
        data = p.payload(self.number, size)
        tos = self.random.randrange(256)
        ttl = self.random.choice((64, 64, 64, 255, 3, 2, 1))
        if version == 6:
            return p.udp6(source, destination, data[:1452], traffic_class=tos, hop_limit=ttl)
        options = self.random.choice((ROUTER_ALERT, RECORD_ROUTE)) if self.chance(12) else b""
        return p.udp4(source, destination, data[:1460 - len(options)], tos=tos, ttl=ttl,
                      df=self.chance(2), options=options, bad_checksum=self.chance(40))

    def outward(self):
        """From the host into a tunnel."""
        _, _, versions, prefix = self.random.choice(list(TUNNELS.values()))
        version = self.random.choice(versions)
        source, destination = (HOST4, far4(prefix)) if version == 4 else (HOST6, far6(prefix))
        packet = self.inner(version, source, destination, self.size())
        if version == 4 and packet[0] == 0x45 and packet[6] & 0x40 == 0 and self.chance(6) \
                and len(packet) > 200:
            return [("lan", piece) for piece in p.fragments(packet, [64])]
        return [("lan", packet)]

    def inward(self):
        """From a far end to the host, by a tunnel; some with what a tunnel must refuse."""
        remote, kind, versions, prefix = self.random.choice(list(TUNNELS.values()))
        version = self.random.choice(versions)
        source, destination = (far4(prefix), HOST4) if version == 4 else (far6(prefix), HOST6)
        inner = self.inner(version, source, destination, min(self.size(), 1400))
        protocol, data = self.wrap(kind, version, inner)
        packet = p.ipv4(remote, GATEWAY, protocol, data, tos=self.random.randrange(256),
                        ttl=self.random.choice((64, 255, 1)), df=self.chance(2),
                        ident=self.number & 0xFFFF, bad_checksum=self.chance(40))
        if packet[6] & 0x40 == 0 and len(packet) > 400 and self.chance(6):
            pieces = list(p.fragments(packet, [200 // 8 * 8]))
            self.random.shuffle(pieces)
            return [("wan", piece) for piece in pieces]
        return [("wan", packet)]

    def wrap(self, kind, version, inner):
        if kind == "ipip":
            return 4, inner
        if kind == "sit":
            return 41, inner
        protocol = 0x0800 if version == 4 else 0x86DD
        wrong = self.chance(10)
        if kind == "key":
            return 47, p.gre(protocol, inner, key=self.random.choice((None, 7)) if wrong else KEY)
        if kind == "gre":
            return 47, self.random.choice(self.PLAIN_GRE)(protocol, inner)
        self.sequence += -2 if self.chance(10) else 1
        return 47, p.gre(protocol, inner, with_checksum=True, sequence=self.sequence,
                         bad_checksum=wrong)

    def foreign(self):
        """Tunnel packets of somebody who is no far end, and plain ones that are only forwarded."""
        if self.chance(2):
            return [("lan", self.inner(4, HOST4, FOREIGN, self.size()))]
        inner = self.inner(4, far4(101), HOST4, 64)
        protocol, data = self.random.choice(((4, inner), (47, p.gre(0x0800, inner))))
        return [("wan", p.ipv4(FOREIGN, GATEWAY, protocol, data))]

    def icmp(self):
        """What asks the gateway itself for an echo, and errors that quote what it never sent."""
        data = p.payload(self.number, self.random.choice((16, 64, 1200)))
        if self.chance(2):
            side, source, destination = self.random.choice((
                ("lan", HOST4, "10.1.0.1"), ("wan", FOREIGN, GATEWAY), ("lan", HOST4, GATEWAY)))
            return [(side, p.ipv4(source, destination, 1, p.icmp(8, self.random.choice((0, 0, 1)), 7,
                                                                 data),
                                  tos=self.random.randrange(256), df=self.chance(2)))]
        quoted = p.ipv4(GATEWAY, FOREIGN, self.random.choice((4, 41, 47)), bytes(8) + data)
        kind, code = self.random.choice(((3, 1), (3, 3), (3, 4), (11, 0), (12, 0)))
        return [("wan", p.ipv4(FOREIGN, GATEWAY, 1, p.icmp(kind, code, 1300, quoted)))]
