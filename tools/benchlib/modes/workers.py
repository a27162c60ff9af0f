# SPDX-License-Identifier: BSD-3-Clause
"""What more workers bring: packets a second that they would carry if the slowest of them had a CPU
to itself.

In "queues" each worker has a receive queue of its own, as many peers and RSS have it; in "fat" all
packets come in by one queue, as what one peer sends by one tunnel does, and --spread says whether
inner flows go to other workers. The source never runs dry, so a worker that has to share its CPU
cannot empty its ring meanwhile, and "lost" shows that: pin each to one of its own (--lcores 1,2,3).
"""
import copy

from ..errors import BenchError
from ..verify import verify_all
from . import each
from ._watch import add_options, by_busiest, watch

about = "packets by the busiest of several workers, and what spreading flows brings"
defaults = {"dut": ["culvertd"], "ports": "pcap-null", "case": ["ipip-decap@flows=512"],
            "workers": 2}
COLUMNS = (("pps_by_busiest", "busiest"), ("handed", "handed over %"), ("lost", "lost %"))
chart = ("pps_by_busiest", "packets a second by the busiest worker")

__all__ = ["add_options"]

# label: (workers, queues, --spread); None: as many as there are
ARRANGEMENTS = {"one worker": (1, 1, "off"),
                "queues": (None, None, "off"), "queues, auto": (None, None, "auto"),
                "fat, off": (None, 1, "off"), "fat, on": (None, 1, "on"),
                "fat, auto": (None, 1, "auto")}


def arranged(contestant, label):
    """The same contestant with other workers and queues."""
    workers, queues, spread = ARRANGEMENTS[label]
    options = copy.copy(contestant.options)
    options.workers = workers or options.workers
    options.queues = queues or options.workers
    options.culvertd_option = [*options.culvertd_option, f"--spread={spread}"]
    other = copy.copy(contestant)
    other.options, other.label = options, f"{contestant.label} {label}"
    return other


def measure(bench, contestant, case):
    seen = watch(bench, contestant, case)
    lost = sum(seen["drops"].values())
    all_of_them = max(seen["packets"] + lost, 1)
    return {**seen, "pps_by_busiest": by_busiest(seen), "lost": 100 * lost / all_of_them,
            "handed": 100 * seen["handed_over"] / all_of_them}


def run(bench):
    if bench.generated or bench.options.workers < 2:
        raise BenchError("mode workers is for two workers or more (--workers), on ports that repeat "
                         "a file (--ports pcap-null)")
    if bench.options.dut != ["culvertd"]:
        raise BenchError("mode workers is for culvertd: no other device spreads flows")
    verify_all(bench)
    bench.contestants = [arranged(one, label) for one in bench.contestants for label in ARRANGEMENTS]
    yield from each(bench, measure, lambda one: f"{one['pps_by_busiest']:14,.0f} packets/s, "
                                                f"lost {one['lost']:.1f} %")
