# SPDX-License-Identifier: BSD-3-Clause
"""Packets a second that come back when the generator sends as fast as the ports take.

Contestants alternate within a round; `ratio` is to testpmd macswap on the same ports in the same
round.
`busiest` is what the workers would carry if the slowest of them had a CPU to itself.
"""
from ..generator import Offer
from ..verify import verify_all
from . import _trial as trials
from . import rounds, say

about = "packets a second as fast as it goes, and the ratio to testpmd macswap"
defaults = {"dut": ["culvertd", "testpmd-macswap"], "ports": "memif", "case": ["ipip-encap"]}
COLUMNS = (("rx_pps", "packets/s"), ("ratio", "ratio"), ("cycles", "cycles"),
           ("pps_by_busiest", "busiest"))
chart = ("ratio", "packet rate, testpmd macswap = 1")
REFERENCE = "testpmd macswap"


def add_options(parser):
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement [3]")


def measure(bench, contestant, case):
    return trials.offer(bench, contestant, case, Offer(bench.options.seconds))


def run(bench):
    trials.require_generated(bench)
    verify_all(bench)
    trials.check_samples(bench)
    for number, case, contestants in rounds(bench):
        done = []
        for contestant in contestants:
            counted = measure(bench, contestant, case)
            say(bench, number, case, contestant, f"{counted['rx_pps']:14,.0f} packets/s")
            done.append({"round": number, "case": case.name, "contestant": contestant.label,
                         **counted})
        yield from with_ratio(done)


def with_ratio(done):
    reference = next((one["rx_pps"] for one in done if one["contestant"] == REFERENCE), None)
    for one in done:
        yield {**one, "ratio": one["rx_pps"] / reference if reference else None}
