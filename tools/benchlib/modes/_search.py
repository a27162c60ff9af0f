# SPDX-License-Identifier: BSD-3-Clause
"""The search for the throughput (RFC 2544 section 26.1)."""
from ..generator import Offer
from ._trial import loss_of, offer, offered


def add_options(parser):
    parser.add_argument("--loss", type=float, default=0.001, help="limit in %% [0.001]")
    parser.add_argument("--resolution", type=float, default=1,
                        help="of the search, in %% of the highest rate [1]")
    parser.add_argument("--max-rate", type=float, metavar="PPS",
                        help="where the search begins [as fast as the port takes]")


def search(trial, top, limit, resolution):
    """The highest rate whose loss is within the limit, by halving; None if there is none.

    trial(rate) gives a dictionary with `loss`; the one of the rate found is returned with it.
    """
    low, high, rate, best = 0.0, float(top), float(top), None
    while high - low > top * resolution:
        result = trial(rate)
        if result["loss"] <= limit:
            low, best = rate, {"rate": rate, **result}
        else:
            high = rate
        if low == high:
            break
        rate = (low + high) / 2
    return best


def find_throughput(bench, contestant, case):
    """(the best trial or None where not even the lowest rate is within limits, all trials)"""
    options = bench.options
    top = options.max_rate or offer(bench, contestant, case, Offer(options.seconds))["tx_pps"]
    trials = []

    def trial(rate):
        counted = offer(bench, contestant, case, Offer(options.seconds, rate))
        loss, pace = loss_of(counted), offered(counted)
        trials.append({"rate": rate, "loss": loss, **pace})
        bench.progress(f"  {case.name:28} {contestant.label:20} {rate:14,.0f} packets/s: "
                       f"{loss * 100:.4f} % lost, {pace['skipped_percent']:.1f} % not offered")
        return {"loss": loss, "sent": counted["sent"], "received": counted["received"], **pace}

    return search(trial, top, options.loss / 100, options.resolution / 100), trials
