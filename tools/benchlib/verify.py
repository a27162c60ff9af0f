# SPDX-License-Identifier: BSD-3-Clause
"""A fast wrong packet is no packet: samples of what came out, decoded by scapy and checked.

scapy, not Culvert, says what a header means and which checksum is right.
"""
import ipaddress
import itertools
import logging

from . import case as plan
from .errors import BenchError
from .ports._pcap_files import PcapFiles

SAMPLE = 256                                     # frames
PROTOCOL = {"ipip": 4, "sit": 41, "gre": 47}
ETHER_TYPE = {4: 0x0800, 6: 0x86dd}


class WrongPacket(Exception):
    pass


def scapy():
    """The oracle, or an error that says how to get it."""
    try:
        logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
        from scapy import all as everything
        return everything
    except ImportError:
        raise BenchError("samples are decoded by scapy, which is not installed: Debian's package "
                         "python3-scapy has it (tools/install-deps --bench installs it)") from None


def require(what, found, wanted):
    if found != wanted:
        raise WrongPacket(f"{what} is {found}, not {wanted}")


def with_own_checksum(layer, field="chksum"):
    """The same bytes with the checksum that scapy computes."""
    copy = layer.copy()
    delattr(copy, field)
    return bytes(copy)


def check_checksum(what, layer):
    if with_own_checksum(layer) != bytes(layer):
        raise WrongPacket(f"{what} checksum {layer.chksum:#06x} is wrong")


def check_ipv4(what, header, room):
    """A header without options, whole, of a packet that fills its frame."""
    require(f"{what} version", header.version, 4)
    require(f"{what} header length", header.ihl, 5)
    require(f"{what} total length", header.len, room)
    require(f"{what} fragment offset", header.frag, 0)
    check_checksum(f"{what} IPv4", header)


class Checker:
    """What a contestant's output for a case has to be."""

    def __init__(self, contestant, case):
        self.s = scapy()
        self.kind, self.outer_ttl = contestant.expected(case), contestant.outer_ttl
        self.case = case
        self.prefixes = None

    # --- a frame of which is known what was sent ---

    def check(self, sent, frame):
        """Raises WrongPacket unless the frame is what becomes of the one sent."""
        if self.kind == "as is":
            require("the frame", frame.hex(), sent.hex())
        elif self.kind == "macswap":
            require("the frame", frame.hex(), (sent[6:12] + sent[:6] + sent[12:]).hex())
        elif self.kind in ("mac", "csum"):
            require("what follows the addresses", frame[12:].hex(), sent[12:].hex())
        else:
            require("the packet", self.unwrap(frame).hex(), self.forwarded(sent).hex())

    def forwarded(self, sent):
        """The packet of a frame sent, without outer header, one hop further."""
        packet = self.s.Ether(sent).payload
        if self.case.decapsulates:
            packet = packet.payload if self.case.mode != "gre" else packet.payload.payload
        packet = packet.copy()
        if packet.version == 4:
            packet.ttl -= 1
            return with_own_checksum(packet)[:packet.len]
        packet.hlim -= 1
        return bytes(packet)[:40 + packet.plen]

    # --- a frame by itself ---

    def check_alone(self, frame):
        """Raises WrongPacket unless the frame may be what becomes of one of the case's."""
        if self.kind != "gateway":
            return
        octets = self.unwrap(frame)
        packet = self.packet(octets)
        hops = packet.ttl if self.case.inner == 4 else packet.hlim
        require("TTL", hops, 63)
        if self.case.inner == 4:
            check_ipv4("inner", packet, len(octets))
        elif self.s.UDP in packet:
            self.check_udp(packet)
        self.prefix_of(packet.dst)

    def check_udp(self, packet):
        again = packet.copy()
        del again[self.s.UDP].chksum
        require("UDP checksum", packet[self.s.UDP].chksum,
                self.packet(bytes(again))[self.s.UDP].chksum)

    def packet(self, octets):
        return (self.s.IP if self.case.inner == 4 else self.s.IPv6)(octets)

    def unwrap(self, frame):
        """The packet that is forwarded; all before it has been checked."""
        ether = self.s.Ether(frame)
        require("Ethernet destination", ether.dst, plan.SINK_MAC)
        require("Ethernet source", ether.src, plan.OUT_MAC)
        packet, room = ether.payload, len(frame) - 14
        if not self.case.encapsulates:
            require("Ethernet type", ether.type, ETHER_TYPE[self.case.inner])
            length = packet.len if self.case.inner == 4 else packet.plen + 40
            if room > length and room > 46:
                raise WrongPacket(f"{room} bytes carry a packet of {length}")
            return frame[14:14 + length]
        require("Ethernet type", ether.type, 0x0800)
        check_ipv4("outer", packet, room)
        require("outer protocol", packet.proto, PROTOCOL[self.case.mode])
        require("outer source", packet.src, plan.LOCAL)
        inner = frame[14 + self.case.outer_length:]
        self.check_gre(packet.payload)
        self.check_outer(packet, self.packet(inner))
        return inner

    def check_gre(self, gre):
        if self.case.mode != "gre":
            return
        require("GRE version", gre.version, 0)
        require("GRE flags (C, K, S)",
                (gre.chksum_present, gre.key_present, gre.seqnum_present),
                (int(self.case.csum), int(self.case.key), 0))
        require("GRE protocol", gre.proto, ETHER_TYPE[self.case.inner])
        if self.case.key:
            require("GRE key", gre.key, plan.KEY)
        if self.case.csum:
            check_checksum("GRE", gre)

    def check_outer(self, outer, inner):
        """The outer header belongs to the inner one."""
        hops = inner.ttl if self.case.inner == 4 else inner.hlim
        require("outer TTL", outer.ttl, self.outer_ttl or hops)
        number = self.prefix_of(inner.dst)
        base = ipaddress.IPv4Address(plan.REMOTE_BASE)
        require("outer destination", outer.dst, str(base + number % self.case.tunnels))

    def prefix_of(self, address):
        """The number of the prefix that an inner destination is in."""
        room, length = self.case.prefixes
        number = (int(ipaddress.ip_address(address)) - int(room.network_address)) \
            >> (room.max_prefixlen - length)
        if not 0 <= number < self.case.prefix_count:
            raise WrongPacket(f"inner destination {address} is none of the case's")
        return number


def read(path, most=None):
    """The first frames of a capture."""
    return [frame for frame, _ in itertools.islice(scapy().RawPcapReader(str(path)), most)]


def signature(frame):
    """The UDP payload: no two frames of a sample have the same."""
    everything = scapy()
    ether = everything.Ether(frame)
    return ether[everything.Raw].load if everything.Raw in ether else frame


def check_all(contestant, case, sent, received):
    """Every frame received is what became of a frame sent, and all came; each once, unless the
    contestant was sent them again and again."""
    checker = Checker(contestant, case)
    originals = {signature(frame): frame for frame in sent}
    seen = set()
    for number, frame in enumerate(received, 1):
        mark = signature(frame)
        try:
            if mark not in originals:
                raise WrongPacket("it was not sent")
            if mark in seen and not contestant.loses_at_start:
                raise WrongPacket("it comes a second time")
            checker.check(originals[mark], frame)
        except WrongPacket as wrong:
            raise wrong_frame(contestant, case, number, frame, wrong) from None
        seen.add(mark)
    if len(seen) < len(sent):
        raise BenchError(f"{contestant.label}, {case.name}: {len(sent) - len(seen)} of {len(sent)} "
                         "frames did not come out")


def check_alone(contestant, case, received):
    """Every frame received may be what became of one of the case's."""
    checker = Checker(contestant, case)
    for number, frame in enumerate(received, 1):
        try:
            checker.check_alone(frame)
        except WrongPacket as wrong:
            raise wrong_frame(contestant, case, number, frame, wrong) from None


def wrong_frame(contestant, case, number, frame, wrong):
    return BenchError(f"{contestant.label}, {case.name}: frame {number} of what it sent is wrong: "
                      f"{wrong}\n  {frame.hex()}")


def verify(bench, contestant, case):
    """Has a contestant, configured as it will be measured, forward a file of frames to another."""
    file = bench.frames(case, SAMPLE)
    wanted = SAMPLE * (8 if contestant.loses_at_start else 1)
    with bench.workspace.child() as scope:
        ports = PcapFiles(scope, bench.options, file)
        ports.repeats = contestant.loses_at_start
        device = contestant.start(scope, ports, case)
        try:
            device.await_forwarding(wanted, timeout=20)
        except BenchError as error:
            raise BenchError(f"{contestant.label}, {case.name}: {device.forwarded()} of {SAMPLE} "
                             f"frames of a sample came out; dropped: {device.drops()}") from error
        bench.stop(contestant, device)
        check_all(contestant, case, read(file), read(ports.output, wanted))
    bench.progress(f"verified  {case.name:28} {contestant.label:20} {SAMPLE} frames")


def verify_all(bench):
    for case in bench.cases:
        for contestant in bench.contestants:
            if not contestant.refuses(case):
                verify(bench, contestant, case)
