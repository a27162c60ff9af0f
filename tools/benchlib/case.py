# SPDX-License-Identifier: BSD-3-Clause
"""A case: the traffic of a measurement, and what the device under test does with it.

    PATH[@OPTION[=VALUE],...]     plain4, ipip-encap, gre-key-decap@tunnels=1000, plain4@routes=1000

The devices under test have two ports, `inside` and `outside`. Packets to the destinations come in
by `inside`; they leave by `outside`, in a tunnel if the case has one. For decapsulation they come
in by `outside` as tunnels' packets, and leave by `inside`.
"""
import ipaddress
import math
import re
from dataclasses import dataclass

from .errors import BenchError

# Who has which address; the generator's defaults say the same.
IN_MAC, GENERATOR_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"
OUT_MAC, SINK_MAC = "02:00:00:00:00:03", "02:00:00:00:00:04"
LOCAL, UNDERLAY, REMOTE_BASE, REMOTES = "10.0.0.1", "10.0.0.2", "10.128.0.1", "10.128.0.0/9"
INSIDE, INSIDE_HOST = "192.0.2.1", "192.0.2.2"
INSIDE6, INSIDE_HOST6 = "2001:db9::1", "2001:db9::2"
OUTSIDE6, OUTSIDE_HOST6 = "2001:dba::1", "2001:dba::2"
KEY = 4711
OUTER_LENGTH = {None: 0, "ipip": 20, "sit": 20, "gre": 24}
MIXED = "imix"

PATHS = re.compile(r"plain(?P<inner>[46])|"
                   r"(?P<mode>ipip|gre|sit)(?P<option>-key|-csum)?-(?P<way>encap|decap)")


@dataclass(frozen=True)
class Case:
    """`tunnels` and `routes` are what is configured. Packets are of all tunnels, mixed at random;
    they go to one destination, unless there are several tunnels to encapsulate into, or `random`
    says all."""
    name: str
    mode: str | None = None
    way: str | None = None
    key: bool = False
    csum: bool = False
    inner: int = 4
    tunnels: int = 1
    routes: int = 1
    random: bool = False
    size: int | str = 64
    flows: int = 256
    frames: int = 0

    @property
    def encapsulates(self):
        return self.way == "encap"

    @property
    def decapsulates(self):
        return self.way == "decap"

    @property
    def outer_length(self):
        return OUTER_LENGTH[self.mode] + 4 * (self.key + self.csum)

    @property
    def prefix_count(self):
        return max(self.routes, self.tunnels if self.encapsulates else 1)

    @property
    def destination_count(self):
        """Of how many prefixes the packets' destinations are."""
        spread = self.random or (self.encapsulates and self.tunnels > 1)
        return self.prefix_count if spread else 1

    @property
    def prefixes(self):
        """(room, length): `prefix_count` prefixes one after the other, from the room's start on.

        Few stay within what RFC 2544 has for tests. Many are spread over an eighth of all
        addresses: a table is not measured by a corner of it.
        """
        if self.inner == 6:
            return ipaddress.IPv6Network("2001:db8::/32"), 64
        if self.prefix_count <= 512:
            return ipaddress.IPv4Network("198.18.0.0/15"), 24
        return (ipaddress.IPv4Network("32.0.0.0/3"),
                min(24, 32 - int(math.log2(2**29 / self.prefix_count))))

    def routes_to(self):
        """Every prefix as text, in order."""
        room, length = self.prefixes
        step = 1 << (room.max_prefixlen - length)
        for number in range(self.prefix_count):
            yield f"{room.network_address + number * step}/{length}"

    def remotes(self):
        base = int(ipaddress.IPv4Address(REMOTE_BASE))
        for number in range(self.tunnels):
            yield str(ipaddress.IPv4Address(base + number))

    @property
    def frame_count(self):
        """How many different frames a port that repeats a file is given."""
        return self.frames or min(16384, max(256, self.tunnels, self.destination_count))

    @property
    def is_small(self):
        """Whether its frames stay in the nearest caches, as those do that costs are scaled by."""
        return self.frame_count <= 256 and self.size == 64 and not self.decapsulates

    @property
    def outside_mtu(self):
        """What its longest packet needs where it is in a tunnel."""
        return (1518 if self.size == MIXED else self.size) - 18 + self.outer_length

    def traffic(self):
        """The generator's options."""
        room, length = self.prefixes
        words = ["--inner", f"ipv{self.inner}", "--flows", self.flows,
                 "--destinations", f"{room},{self.destination_count},{length}",
                 "--dst-mac", IN_MAC, "--src-mac", GENERATOR_MAC]
        words += ["--imix"] if self.size == MIXED else ["--size", self.size]
        if self.decapsulates:
            words += ["--tunnel", self.mode, "--tunnels", self.tunnels,
                      "--outer-local", LOCAL, "--outer-remote", REMOTE_BASE]
            words += ["--key", KEY] if self.key else []
            words += ["--csum"] if self.csum else []
        return [str(word) for word in words]


def _number(name, text):
    if not text or not text.isdecimal() or int(text) < 1:
        raise BenchError(f"case option {name} takes a number of 1 or more, not \"{text}\"")
    return int(text)


def _option(word):
    """(name, value) of a case's option"""
    name, _, value = word.partition("=")
    if name == "random" and not value:
        return name, True
    if name == "size" and value == MIXED:
        return name, value
    if name == "inner" and value in ("4", "6"):
        return name, int(value)
    if name in ("tunnels", "routes", "size", "flows", "frames"):
        return name, _number(name, value)
    raise BenchError(f"case option \"{word}\" is none of tunnels=N, routes=N, random, size=N|imix, "
                     "inner=4|6, flows=N, frames=N")


def parse(text, **defaults):
    """The case that a text names; defaults are options that it does not mention."""
    path, _, options = text.partition("@")
    found = PATHS.fullmatch(path)
    if not found or (found["option"] and found["mode"] != "gre"):
        raise BenchError(f"case \"{path}\" is none of plain4, plain6, and ipip, gre, gre-key, "
                         "gre-csum or sit with -encap or -decap")
    values = dict(defaults)
    values["inner"] = int(found["inner"] or (6 if found["mode"] == "sit" else 4))
    values.update(_option(word) for word in options.split(",") if word)
    case = Case(name=text, mode=found["mode"], way=found["way"],
                key=found["option"] == "-key", csum=found["option"] == "-csum", **values)
    if case.mode == "sit" and case.inner == 4 or case.mode == "ipip" and case.inner == 6:
        raise BenchError(f"case \"{text}\": {case.mode} does not carry IPv{case.inner}")
    if case.inner == 4 and case.prefix_count > 1 << 20:
        raise BenchError(f"case \"{text}\": at most {1 << 20} IPv4 routes")
    if case.tunnels > 1 and not case.mode:
        raise BenchError(f"case \"{text}\": plain forwarding has no tunnels")
    return case


def with_sizes(texts, sizes):
    """The same cases once for each frame size of a list."""
    if not sizes:
        return texts
    return [f"{text}{',' if '@' in text else '@'}size={size}"
            for text in texts for size in sizes.split(",")]
