# SPDX-License-Identifier: BSD-3-Clause
"""The books of a long run: what was sent has come back or is counted as dropped, exactly.

For --seconds, --share percent of the rate are offered that came back when the generator sent as
fast as the ports take; with --updates, that many routes a second are changed meanwhile by the
control socket. `unaccounted` is what was sent, less what came back, less what the device under test
has counted as dropped. Anything but 0 fails the run, and so does a drop other than by a full ring
of a port; with --no-loss also that, as it should be where threads have CPUs of their own.
"""
from ..errors import BenchError
from ..generator import Offer
from ..verify import verify_all
from . import _trial as trials
from . import each
from ._updates import Updates

about = "a share of the rate for a long time, and whether every packet is accounted for"
defaults = {"dut": ["culvertd"], "ports": "memif", "case": ["ipip-encap"], "rounds": 1}
COLUMNS = (("offered", "packets/s"), ("sent", "sent"), ("received", "received"),
           ("full", "ring full"), ("other", "other drops"), ("unaccounted", "unaccounted"),
           ("updates", "updates"), ("updates_per_second", "updates/s"))
FULL = ("tx_full", "rx_missed")      # what the rings of the ports refused
chart = ("received", "packets received, all others accounted for")


def add_options(parser):
    parser.add_argument("--seconds", type=float, default=60, help="[60]")
    parser.add_argument("--share", type=float, default=90, help="of the rate, in %% [90]")
    parser.add_argument("--rate", type=float, metavar="PPS", help="offer this instead")
    parser.add_argument("--no-loss", action="store_true", help="full rings fail the run, too")
    parser.add_argument("--updates", type=float, default=0, metavar="N",
                        help="route changes a second meanwhile [none]")


def measure(bench, contestant, case):
    options = bench.options
    rate = options.rate
    if not rate:
        rate = trials.offer(bench, contestant, case, Offer(3))["rx_pps"] * options.share / 100
    beside = (lambda device: Updates(device, case, options.updates)) if options.updates else None
    counted = trials.offer(bench, contestant, case, Offer(options.seconds, rate), beside)
    return account(contestant, case, rate, counted, options.no_loss)


def account(contestant, case, rate, counted, no_loss=False):
    """The books, and whether they balance."""
    received = counted["received"] - counted["duplicated"]
    drops = counted["drops"]
    dropped = sum(drops.values())
    full = sum(drops.get(reason, 0) for reason in FULL)
    result = {"rate": rate, **trials.offered(counted), "sent": counted["sent"],
              "received": received, "full": full, "other": dropped - full, "drops": drops,
              "unaccounted": counted["sent"] - received - dropped, "refused": counted["refused"],
              "reordered": counted["reordered"], "duplicated": counted["duplicated"],
              "updates": counted.get("updates", 0),
              "updates_per_second": counted.get("updates_per_second"),
              "cycles": counted.get("cycles")}
    if result["unaccounted"] or result["other"] or counted["duplicated"] or no_loss and full:
        result["failed"] = (f"{contestant.label}, {case.name}: of {counted['sent']} packets sent, "
                            f"{received} came back and {dropped} were counted as dropped "
                            f"({reasons(drops)}): {result['unaccounted']} are not accounted for")
    return result


def reasons(drops):
    return ", ".join(f"{reason} {count:,}" for reason, count in drops.items()) or "none"


def told(result):
    return (f"sent {result['sent']:,}, received {result['received']:,}, dropped: "
            f"{reasons(result['drops'])}, not accounted for: {result['unaccounted']}")


def run(bench):
    trials.require_generated(bench)
    if any(not one.counts_drops for one in bench.contestants):
        raise BenchError("mode soak is for devices under test that count what they drop: culvertd")
    verify_all(bench)
    trials.check_samples(bench)
    yield from each(bench, measure, told)
