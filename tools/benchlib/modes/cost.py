# SPDX-License-Identifier: BSD-3-Clause
"""Cycles of CPU time that a worker spends on a packet, and how many of them are not I/O.

Cycles are the CPU time of the worker's thread times the rate of the time-stamp counter, divided by
the packets that left: a counter read in a loop would count what else the machine does meanwhile.
A machine drifts, so contestants alternate within a round, each in a process of its own, and costs
are compared within a round. `scaled` figures are those of a round in which testpmd io, on 256
frames of 64 bytes, costs what --scale says. `busiest`, with several workers, is the packets a
second that they would carry if the slowest of them had a CPU to itself.
"""
from .. import case as cases
from ..errors import BenchError
from ..verify import verify_all
from . import _watch, rounds, say

about = "cycles of CPU time a packet, of each contestant and over testpmd io"
defaults = {"dut": ["culvertd", "testpmd-io"], "ports": "pcap-null",
            "case": ["plain4", "ipip-encap", "ipip-decap"]}
COLUMNS = (("cycles", "cycles"), ("over_io", "over io"), ("scaled", "scaled"),
           ("scaled_over_io", "scaled over io"), ("pps_by_busiest", "busiest"))
chart = ("scaled_over_io", "cycles a packet over testpmd io, scaled")

YARDSTICK = "yardstick"
ENOUGH = 0.99                        # of what came must have left: some are under way
yardstick_case = cases.parse("plain4")


def add_options(parser):
    _watch.add_options(parser)
    parser.add_argument("--scale", type=float, default=34,
                        help="what testpmd io counts as in scaled figures [34]")


def measure(bench, contestant, case):
    """One process, one figure."""
    seen = _watch.watch(bench, contestant, case)
    forwarded, came, drops = seen["packets"], seen["received"], seen["drops"]
    if drops or forwarded < ENOUGH * came:
        raise BenchError(f"{contestant.label}, {case.name}: {forwarded} packets forwarded of "
                         f"{came}, dropped: {drops or 'nothing'}")
    spent = sum(seen["cpu"]) * 1e-9
    several = len(seen["cpu"]) > 1
    return {"cycles": spent * bench.tsc_hz / forwarded, "packets": forwarded, "received": came,
            "cpu_seconds": spent, "workers": len(seen["cpu"]),
            "pps_by_busiest": _watch.by_busiest(seen) if several else None}


def run(bench):
    baseline = next((one for one in bench.contestants if one.is_baseline), None)
    if baseline is None:
        raise BenchError("mode cost compares with testpmd-io: name it as one of the --dut")
    if bench.generated:
        raise BenchError("mode cost is for ports that repeat a file (--ports pcap-null); with a "
                         "generator, mode rate tells cycles, too")
    verify_all(bench)
    for number, case, contestants in rounds(bench):
        yield from one_round(bench, baseline, number, case, contestants)


def one_round(bench, baseline, number, case, contestants):
    done = []
    for contestant in contestants:
        one = measure(bench, contestant, case)
        say(bench, number, case, contestant, f"{one['cycles']:8.1f} cycles")
        done.append({"round": number, "case": case.name, "contestant": contestant.label, **one})
    io = next(one["cycles"] for one in done if one["contestant"] == baseline.label)
    # Long frames, or many, make I/O itself dearer: what it costs then is no measure of the machine.
    yardstick = io if case.is_small else measure(bench, baseline, yardstick_case)["cycles"]
    scale = bench.options.scale / yardstick
    for one in done:
        over = one["cycles"] - io
        yield {**one, "over_io": over, "scaled": one["cycles"] * scale,
               "scaled_over_io": over * scale, YARDSTICK: yardstick}
