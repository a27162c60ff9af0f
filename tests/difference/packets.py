# SPDX-License-Identifier: BSD-3-Clause
"""Packets for the difference test: built byte by byte, taken apart into what may be compared.

Every packet carries its number, again and again, in its payload: whatever comes of it, a fragment, an
ICMP error that quotes it, shows which packet it came of.
"""
import socket
import struct
import zlib

WCCP = 0x883E
MAGIC = b"\xc5\x1e\xd1\xff"


def payload(number, size):
    """`size` bytes of an eight-byte pattern that contains the number."""
    pattern = MAGIC + struct.pack("!I", number)
    return (pattern * (size // 8 + 1))[:size]


def number_in(frame):
    """The number of the packet that this came of; None where nothing shows it."""
    at = frame.find(MAGIC)
    if at < 0 or at + 8 > len(frame):
        return None
    return struct.unpack_from("!I", frame, at + 4)[0]


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF


def address(text):
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def ipv4(source, destination, protocol, data, *, tos=0, ttl=64, df=False, more=False, offset=0,
         ident=0x1234, options=b"", bad_checksum=False):
    """offset in bytes; options of a multiple of four bytes."""
    length = 20 + len(options)
    flags = (0x4000 if df else 0) | (0x2000 if more else 0) | offset // 8
    header = struct.pack("!BBHHHBBH4s4s", 0x40 | length // 4, tos, length + len(data), ident, flags,
                         ttl, protocol, 0, address(source), address(destination)) + options
    value = checksum(header) ^ (0x0101 if bad_checksum else 0)
    return header[:10] + struct.pack("!H", value) + header[12:] + data


def ipv6(source, destination, following, data, *, traffic_class=0, hop_limit=64, flow=0):
    return struct.pack("!IHBB16s16s", 6 << 28 | traffic_class << 20 | flow, len(data), following,
                       hop_limit, address(source), address(destination)) + data


def gre(protocol, data, *, key=None, with_checksum=False, sequence=None, bad_checksum=False, flags=0):
    """`flags` are bits beyond those that the options set."""
    flags |= (0x8000 if with_checksum else 0) | (0x2000 if key is not None else 0)
    flags |= 0x1000 if sequence is not None else 0
    words = b"" if key is None else struct.pack("!I", key)
    words += b"" if sequence is None else struct.pack("!I", sequence & 0xFFFFFFFF)
    head = struct.pack("!HH", flags, protocol)
    if not with_checksum:
        return head + words + data
    value = checksum(head + bytes(4) + words + data) ^ (0x0101 if bad_checksum else 0)
    return head + struct.pack("!HH", value, 0) + words + data


def icmp(kind, code, rest, data):
    head = struct.pack("!BBHI", kind, code, 0, rest)
    return head[:2] + struct.pack("!H", checksum(head + data)) + head[4:] + data


def udp4(source, destination, data, **fields):
    """Over IPv4, without a UDP checksum: fragments of it are right as they are."""
    return ipv4(source, destination, 17, struct.pack("!HHHH", 4000, 5000, 8 + len(data), 0) + data,
                **fields)


def udp6(source, destination, data, **fields):
    head = struct.pack("!HHHH", 4000, 5000, 8 + len(data), 0)
    pseudo = address(source) + address(destination) + struct.pack("!IxxxB", 8 + len(data), 17)
    value = checksum(pseudo + head + data) or 0xFFFF
    return ipv6(source, destination, 17, head[:6] + struct.pack("!H", value) + data, **fields)


def fragments(packet, sizes):
    """Cuts an IPv4 packet without options after each of the offsets `sizes`, multiples of eight."""
    header, data = packet[:20], packet[20:]
    edges = [0, *sizes, len(data)]
    for begin, end in zip(edges, edges[1:]):
        flags = (0x2000 if end < len(data) else 0) | begin // 8
        piece = header[:2] + struct.pack("!H", 20 + end - begin) + header[4:6]
        piece += struct.pack("!H", flags) + header[8:10] + b"\0\0" + header[12:]
        yield piece[:10] + struct.pack("!H", checksum(piece)) + piece[12:] + data[begin:end]


# --- taking apart -----------------------------------------------------------------------------

def short(data):
    """Bytes as text: their beginning, their number, a sum over all."""
    return f"{data[:48].hex()} {len(data)} {zlib.crc32(data):08x}"


def describe(packet):
    """An IP packet as nested tuples of what it says, without what may differ (IPv4's ident where the
    packet was made by the one who sends it) and with checksums as right or wrong."""
    if not packet:
        return ("nothing",)
    version = packet[0] >> 4
    if version == 4 and len(packet) >= 20:
        return _describe_ipv4(packet)
    if version == 6 and len(packet) >= 40:
        return _describe_ipv6(packet)
    return ("bytes", short(packet))


def _describe_ipv4(packet):
    head = (packet[0] & 15) * 4
    total, _, flags = struct.unpack_from("!HHH", packet, 2)
    fields = ["ipv4", ("tos", packet[1]), ("length", total), ("flags", flags >> 13),
              ("offset", (flags & 0x1FFF) * 8), ("ttl", packet[8]), ("protocol", packet[9]),
              ("checksum", checksum(packet[:head]) == 0), ("from", socket.inet_ntoa(packet[12:16])),
              ("to", socket.inet_ntoa(packet[16:20])), ("options", packet[20:head].hex())]
    data = packet[head:total]
    if flags & 0x1FFF:
        return (*fields, ("data", short(data)))
    return (*fields, _describe_data(packet[9], data, bool(flags & 0x2000), packet))


def _describe_ipv6(packet):
    word, length, following, hop_limit = struct.unpack_from("!IHBB", packet)
    fields = ("ipv6", ("class", word >> 20 & 0xFF), ("flow", word & 0xFFFFF), ("length", length),
              ("next", following), ("hop limit", hop_limit),
              ("from", socket.inet_ntop(socket.AF_INET6, packet[8:24])),
              ("to", socket.inet_ntop(socket.AF_INET6, packet[24:40])))
    return (*fields, _describe_data(following, packet[40:40 + length], False, packet))


def _describe_data(protocol, data, is_fragment, packet):
    if is_fragment:
        return ("data", short(data))
    if protocol in (4, 41):
        return describe(data)
    if protocol == 47 and len(data) >= 4:
        return _describe_gre(data)
    if protocol == 1 and len(data) >= 8 and data[0] in (3, 11, 12):
        return ("icmp", data[0], data[1], ("checksum", checksum(data) == 0), ("rest", data[4:8].hex()),
                ("quote", short(data[8:])))
    if protocol == 58 and len(data) >= 8 and data[0] < 128:
        pseudo = packet[8:40] + struct.pack("!IxxxB", len(data), 58)
        return ("icmpv6", data[0], data[1], ("checksum", checksum(pseudo + data) == 0),
                ("rest", data[4:8].hex()), ("quote", short(data[8:])))
    return ("data", short(data))


def _describe_gre(data):
    flags, protocol = struct.unpack_from("!HH", data)
    at, fields = 4, [("flags", flags), ("protocol", protocol)]
    if flags & 0x8000:
        fields.append(("checksum", checksum(data) == 0))
        at += 4
    if flags & 0x2000:
        fields.append(("key", data[at:at + 4].hex()))
        at += 4
    if flags & 0x1000:
        fields.append(("sequence", struct.unpack_from("!I", data, at)[0]))
        at += 4
    return ("gre", *fields, describe(data[at:]))
