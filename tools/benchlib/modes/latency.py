# SPDX-License-Identifier: BSD-3-Clause
"""How long packets are under way, in µs, at a share of the throughput (RFC 2544 section 26.2).

The throughput is searched for first, unless --rate says what to offer.
"""
from ..errors import BenchError
from ..generator import Offer
from ..verify import verify_all
from . import _search, each
from . import _trial as trials

about = "latency percentiles at a share of the throughput"
defaults = {"dut": ["culvertd", "testpmd-macswap"], "ports": "memif", "case": ["ipip-encap"],
            "rounds": 1}
PERCENTILES = ("min", "p50", "p90", "p99", "p99.9", "max")
COLUMNS = (("offered", "packets/s"), *((name, name) for name in PERCENTILES))
chart = ("p99", "99th percentile of latency, µs")


def add_options(parser):
    parser.add_argument("--seconds", type=float, default=5, help="of each trial [5]")
    parser.add_argument("--share", type=float, default=90, help="of the throughput, in %% [90]")
    parser.add_argument("--rate", type=float, metavar="PPS", help="offer this instead")
    _search.add_options(parser)


def measure(bench, contestant, case):
    options = bench.options
    rate = options.rate
    if not rate:
        best, _ = _search.find_throughput(bench, contestant, case)
        if best is None:
            raise BenchError(f"{contestant.label}, {case.name}: no rate is within the limit of "
                             f"{options.loss} % loss; say what to offer with --rate")
        rate = best["offered"] * options.share / 100
    counted = trials.offer(bench, contestant, case, Offer(options.seconds, rate, latency=True))
    if counted["latency_ns"] is None:
        raise BenchError(f"{contestant.label}, {case.name}: nothing came back")
    micro = {name: value / 1000 for name, value in counted["latency_ns"].items()}
    return {"rate": rate, **trials.offered(counted), "mean": micro["mean"],
            **{name: micro[name] for name in PERCENTILES},
            "loss": trials.loss_of(counted)}


def run(bench):
    trials.require_generated(bench)
    verify_all(bench)
    trials.check_samples(bench)
    yield from each(bench, measure, lambda found: f"p50 {found['p50']:.1f} µs, "
                    f"p99 {found['p99']:.1f} µs at {found['offered']:,.0f} packets/s")
