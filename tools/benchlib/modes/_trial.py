# SPDX-License-Identifier: BSD-3-Clause
"""What the modes with a generator share: a device under test with traffic offered to it."""
import contextlib
import time

from ..errors import BenchError
from ..generator import Generator, Offer, offer
from ..verify import check_alone, read

SAMPLE_RATE = 2000                   # packets a second while the sample is taken


def require_generated(bench):
    if not bench.generated:
        raise BenchError(f"mode {bench.options.mode} needs a generator: ports {bench.options.ports} "
                         "have none (--ports memif, af-packet, af-xdp or pci)")


@contextlib.contextmanager
def running(bench, contestant, case):
    """(scope, ports, device): forwarding for as long as the context lasts, a sample checked."""
    with bench.workspace.child() as scope:
        ports = bench.ports(scope, case)
        device = contestant.start(scope, ports, case)
        bench.note(contestant, case, device)
        check_sample(bench, scope, ports, contestant, case)
        yield scope, ports, device
        device.stop()


def check_sample(bench, scope, ports, contestant, case):
    """What the generator gets back over these very ports is decoded, at a rate without loss."""
    capture = scope.workspace.file("sample", ".pcap")
    counted = offer(bench, scope, ports, case, Offer(0.5, SAMPLE_RATE, check=capture))
    if counted["received"] == 0:
        raise BenchError(f"{contestant.label}, {case.name}: of {counted['sent']} packets sent none "
                         "came back")
    check_alone(contestant, case, read(capture))


def books(device):
    """What the device under test has dropped so far, by reason; what its ports missed, too."""
    missed = device.counters()["in"]
    found = {**device.drops(), "rx_missed": missed["imissed"], "rx_errors": missed["ierrors"],
             "rx_nombuf": missed["rx_nombuf"]}
    return {reason: count for reason, count in found.items() if count}


def since(before, after):
    return {reason: count - before.get(reason, 0) for reason, count in after.items()
            if count != before.get(reason, 0)}


def offered(bench, scope, ports, case, device, what):
    """Offers traffic; what the generator counted, with the worker's cost over the middle of it."""
    before, forwarded = books(device), device.forwarded()
    generator = Generator(bench, scope, ports, case, what)
    generator.process.await_(lambda: device.forwarded() > forwarded, "packet through the device")
    time.sleep(what.seconds * 0.1)
    cost = worker_cost(bench, device, what.seconds * 0.6)
    counted = generator.result()
    return {**counted, **cost, "drops": since(before, books(device))}


def worker_cost(bench, device, seconds):
    """Cycles a packet of all workers together, and the packets that the busiest would do alone."""
    cpu, packets = device.sample()
    time.sleep(seconds)
    after, packets_after = device.sample()
    forwarded = packets_after - packets
    spent = [after[thread] - start for thread, start in cpu.items()]
    return {"cycles": sum(spent) * 1e-9 * bench.tsc_hz / forwarded if forwarded else None,
            "pps_by_busiest": forwarded / (max(spent) * 1e-9) if max(spent) else None,
            "workers": len(spent)}


def search(trial, top, limit, resolution):
    """The highest rate whose loss is within the limit, by halving; None if there is none.

    trial(rate) gives a dictionary with `loss`; the one of the rate found is returned with it.
    """
    low, high, best = 0.0, float(top), None
    rate = high
    while high - low > top * resolution:
        result = trial(rate)
        if result["loss"] <= limit:
            low, best = rate, {"rate": rate, **result}
            if rate == top:
                break
        else:
            high = rate
        rate = (low + high) / 2
    return best


def loss_of(counted):
    """What did not come back of what was to be sent: what the port refused at a rate is lost."""
    intended = counted["sent"] + counted["refused"]
    return 1 - min(1, (counted["received"] - counted["duplicated"]) / intended) if intended else 1


def find_throughput(bench, contestant, case, scope, ports, device):
    """RFC 2544 section 26.1; None where not even the lowest rate that is tried is within limits."""
    options = bench.options
    top = options.max_rate or offer(bench, scope, ports, case, Offer(options.seconds))["tx_pps"]
    trials = []

    def trial(rate):
        counted = offer(bench, scope, ports, case, Offer(options.seconds, rate))
        loss = loss_of(counted)
        trials.append({"rate": rate, "loss": loss})
        bench.progress(f"  {case.name:28} {contestant.label:20} {rate:14,.0f} packets/s: "
                       f"{loss * 100:.4f} % lost")
        return {"loss": loss, "sent": counted["sent"], "received": counted["received"]}

    best = search(trial, top, options.loss / 100, options.resolution / 100)
    return best, trials


def search_options(parser):
    parser.add_argument("--loss", type=float, default=0.001, help="limit in %% [0.001]")
    parser.add_argument("--resolution", type=float, default=1,
                        help="of the search, in %% of the highest rate [1]")
    parser.add_argument("--max-rate", type=float, metavar="PPS",
                        help="where the search begins [as fast as the port takes]")
