# SPDX-License-Identifier: BSD-3-Clause
"""Throughput of RFC 2544: the highest rate at which no more than --loss percent is lost.

The rate is searched for by halving, for each frame size. For tunnels the cases are those of RFC
8219 section 7: encapsulation and decapsulation each alone, the tester on both sides. What the port
refuses at a rate counts as lost. What the generator came too late for was not offered: the figure
is what was. Mbit/s are those of the frames sent, with 20 bytes between them as
on a wire.
"""
from ..case import MIXED
from ..verify import verify_all
from . import _search, each
from . import _trial as trials

about = "RFC 2544 throughput for each frame size, by binary search"
defaults = {"dut": ["culvertd", "testpmd-macswap"], "ports": "memif",
            "case": ["ipip-encap", "ipip-decap"], "rounds": 1}
COLUMNS = (("offered", "packets/s"), ("mbit", "Mbit/s"), ("loss_percent", "loss %"),
           ("skipped_percent", "not offered %"))
chart = ("offered", "throughput, packets a second")
IMIX_SIZE = (7 * 64 + 4 * 576 + 1518) / 12
GAP = 20                             # preamble and inter-frame gap


def add_options(parser):
    parser.add_argument("--seconds", type=float, default=5, help="of each trial [5]")
    _search.add_options(parser)


def mbit(rate, size):
    return rate * ((IMIX_SIZE if size == MIXED else size) + GAP) * 8 / 1e6


def measure(bench, contestant, case):
    best, tried = _search.find_throughput(bench, contestant, case)
    best = best or {"rate": 0, "offered": 0, "loss": None, "sent": 0, "received": 0}
    return {**best, "mbit": mbit(best["offered"], case.size), "trials": tried,
            "loss_percent": None if best["loss"] is None else best["loss"] * 100}


def run(bench):
    trials.require_generated(bench)
    verify_all(bench)
    trials.check_samples(bench)
    yield from each(bench, measure, lambda found: f"{found['offered']:14,.0f} packets/s")
