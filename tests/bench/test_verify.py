# SPDX-License-Identifier: BSD-3-Clause
"""Whether a wrong packet is seen. The right ones are made by scapy; each byte is spoilt in turn."""
import unittest
from types import SimpleNamespace

from benchlib import case as cases
from benchlib import verify
from benchlib.errors import BenchError

try:
    from scapy.all import GRE, IP, UDP, Ether, IPv6, Raw
except ImportError:
    raise unittest.SkipTest("python3-scapy is not installed") from None

PAYLOAD = bytes(range(1, 19))


def contestant(kind="gateway", **more):
    return SimpleNamespace(label="X", expected=lambda case: kind,
                           **{"outer_ttl": None, "loses_at_start": False, **more})


def inner(family, ttl, destination=None, payload=PAYLOAD):
    if family == 4:
        network = IP(src="198.51.100.1", dst=destination or "198.18.0.1", ttl=ttl)
        return network / UDP(sport=1, dport=9, chksum=0) / Raw(payload)
    network = IPv6(src="2001:dbb::1", dst=destination or "2001:db8::1", hlim=ttl)
    return network / UDP(sport=1, dport=9) / Raw(payload)


def outer(case, source, destination, ttl):
    header = IP(src=source, dst=destination, ttl=ttl, flags="DF")
    if case.mode != "gre":
        return header
    return header / GRE(proto=0x0800 if case.inner == 4 else 0x86dd,
                        key_present=int(case.key), key=cases.KEY if case.key else None,
                        chksum_present=int(case.csum))


def frame(source, destination, packet):
    return bytes(Ether(src=source, dst=destination) / packet)


def sent(case, **more):
    packet = inner(case.inner, 64, **more)
    if case.decapsulates:
        packet = outer(case, cases.REMOTE_BASE, cases.LOCAL, 64) / packet
    return frame(cases.GENERATOR_MAC, cases.IN_MAC, packet)


def right(case, outer_ttl=63, remote=cases.REMOTE_BASE, **more):
    packet = inner(case.inner, 63, **more)
    if case.encapsulates:
        packet = outer(case, cases.LOCAL, remote, outer_ttl) / packet
    return frame(cases.OUT_MAC, cases.SINK_MAC, packet)


ALL = [cases.parse(text) for text in (
    "plain4", "plain6", "ipip-encap", "ipip-decap", "sit-encap", "sit-decap", "gre-encap",
    "gre-decap", "gre-key-encap", "gre-key-decap", "gre-csum-encap", "gre-csum-decap",
    "gre-encap@inner=6", "gre-csum-encap@inner=6")]


class Gateway(unittest.TestCase):
    def check(self, case, received, original=None, who=None):
        verify.check_all(who or contestant(), case, [original or sent(case)], [received])

    def test_right_packets_are_right(self):
        for case in ALL:
            with self.subTest(case.name):
                self.check(case, right(case))
                verify.check_alone(contestant(), case, [right(case)])

    def test_every_spoilt_byte_is_seen(self):
        for case in ALL:
            good = right(case)
            for place in range(len(good)):
                bad = good[:place] + bytes([good[place] ^ 0x41]) + good[place + 1:]
                with self.subTest(case.name, place=place), self.assertRaises(BenchError):
                    self.check(case, bad)

    def test_every_missing_or_additional_byte_is_seen(self):
        for case in ALL:
            for bad in (right(case)[:-1], right(case) + b"\0"):
                if case.encapsulates or len(bad) > 60:
                    with self.subTest(case.name), self.assertRaises(BenchError):
                        self.check(case, bad)

    def test_a_ttl_that_stays_is_seen(self):
        for case in ALL:
            packet = inner(case.inner, 64)
            if case.encapsulates:
                packet = outer(case, cases.LOCAL, cases.REMOTE_BASE, 64) / packet
            bad = frame(cases.OUT_MAC, cases.SINK_MAC, packet)
            with self.subTest(case.name):
                with self.assertRaises(BenchError):
                    self.check(case, bad)
                with self.assertRaises(BenchError):
                    verify.check_alone(contestant(), case, [bad])

    def test_a_wrong_outer_field_with_a_right_checksum_is_seen(self):
        case = cases.parse("ipip-encap")
        for field, value in (("src", "10.0.0.9"), ("dst", "10.128.0.9"), ("ttl", 9), ("proto", 41),
                             ("frag", 3)):
            packet = outer(case, cases.LOCAL, cases.REMOTE_BASE, 63) / inner(4, 63)
            setattr(packet, field, value)
            with self.subTest(field), self.assertRaises(BenchError):
                self.check(case, frame(cases.OUT_MAC, cases.SINK_MAC, packet))

    def test_the_tunnel_has_to_be_that_of_the_prefix(self):
        case = cases.parse("ipip-encap@tunnels=3")
        original = sent(case, destination="198.18.2.1")
        self.check(case, right(case, destination="198.18.2.1", remote="10.128.0.3"), original)
        with self.assertRaisesRegex(BenchError, "outer destination is 10.128.0.1, not 10.128.0.3"):
            self.check(case, right(case, destination="198.18.2.1"), original)

    def test_a_fixed_outer_ttl_is_the_contestants(self):
        case = cases.parse("gre-encap")
        self.check(case, right(case, outer_ttl=64), who=contestant(outer_ttl=64))
        with self.assertRaisesRegex(BenchError, "outer TTL is 63, not 64"):
            self.check(case, right(case), who=contestant(outer_ttl=64))

    def test_a_wrong_udp_checksum_is_seen_without_the_original(self):
        case = cases.parse("plain6")
        bad = bytearray(right(case))
        bad[-1] ^= 1
        with self.assertRaisesRegex(BenchError, "UDP checksum"):
            verify.check_alone(contestant(), case, [bytes(bad)])


class Samples(unittest.TestCase):
    case = cases.parse("plain4")
    both = [sent(case, payload=PAYLOAD), sent(case, payload=PAYLOAD[::-1])]
    answers = [right(case, payload=PAYLOAD[::-1]), right(case, payload=PAYLOAD)]

    def test_come_in_any_order(self):
        verify.check_all(contestant(), self.case, self.both, self.answers)

    def test_come_all(self):
        with self.assertRaisesRegex(BenchError, "1 of 2 frames did not come out"):
            verify.check_all(contestant(), self.case, self.both, self.answers[:1])

    def test_come_once(self):
        twice = [*self.answers, self.answers[0]]
        with self.assertRaisesRegex(BenchError, "frame 3 .* a second time"):
            verify.check_all(contestant(), self.case, self.both, twice)
        verify.check_all(contestant(loses_at_start=True), self.case, self.both, twice)

    def test_were_sent(self):
        foreign = right(self.case, payload=b"somebody else's...")
        with self.assertRaisesRegex(BenchError, "was not sent"):
            verify.check_all(contestant(), self.case, self.both, [*self.answers, foreign])


class Testpmd(unittest.TestCase):
    case = cases.parse("plain4")

    def check(self, kind, received):
        verify.check_all(contestant(kind), self.case, [sent(self.case)], [received])

    def test_does_what_its_mode_says(self):
        good = sent(self.case)
        swapped = good[6:12] + good[:6] + good[12:]
        self.check("as is", good)
        self.check("macswap", swapped)
        self.check("mac", bytes(12) + good[12:])
        for kind, bad in (("as is", swapped), ("macswap", good), ("mac", good[:-1] + b"?"),
                          ("csum", right(self.case))):
            with self.subTest(kind), self.assertRaises(BenchError):
                self.check(kind, bad)
