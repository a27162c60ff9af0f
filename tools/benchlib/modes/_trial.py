# SPDX-License-Identifier: BSD-3-Clause
"""What the modes with a generator share: a device under test with traffic offered to it.

Each time traffic is offered, both are new processes: what a device keeps from the last time is not
measured (nor what DPDK's memif does when its peer goes away: threads that poll can crash).
"""
import time

from ..errors import BenchError
from ..generator import DRAIN, Generator, Offer
from ..verify import check_alone, read

SAMPLE_RATE = 2000                   # packets a second while the sample is taken
QUIET = 0.3                          # seconds without a packet: all are through


def require_generated(bench):
    if not bench.generated:
        raise BenchError(f"mode {bench.options.mode} needs a generator: ports "
                         f"{bench.options.ports} have none (--ports memif, ring, af-packet, "
                         "af-xdp or pci)")


def check_samples(bench):
    """What the generator gets back over the very ports is decoded, at a rate without loss."""
    for case in bench.cases:
        for contestant in bench.contestants:
            if contestant.refuses(case):
                continue
            capture = bench.workspace.file("sample", ".pcap")
            offer(bench, contestant, case, Offer(0.5, SAMPLE_RATE, check=capture))
            frames = read(capture)
            check_alone(contestant, case, frames)
            bench.progress(f"sampled   {case.name:28} {contestant.label:20} {len(frames)} frames")


def books(device):
    """What the device under test has dropped so far, by reason; what its ports missed, too."""
    missed = device.counters()["in"]
    found = {**device.drops(), "rx_missed": missed["imissed"], "rx_errors": missed["ierrors"],
             "rx_nombuf": missed["rx_nombuf"]}
    return {reason: count for reason, count in found.items() if count}


def since(before, after):
    return {reason: count - before.get(reason, 0) for reason, count in after.items()
            if count != before.get(reason, 0)}


def offer(bench, contestant, case, what, beside=None):
    """Offers traffic to a contestant; what the generator counted, and the device under test.

    beside(device) makes something that is started with the traffic and stopped with it; what its
    stop() gives is part of the result.
    """
    with bench.workspace.child() as scope:
        ports = bench.ports(scope, case)
        device = contestant.start(scope, ports, case)
        bench.note(contestant, case, device)
        before, idle = books(device), device.forwarded()
        generator = Generator(bench, scope, ports, case, what)
        generator.process.await_(lambda: device.forwarded() > idle, "packet through the device")
        end = time.monotonic() + what.warmup + what.seconds
        companion = beside(device) if beside else None
        if companion:
            companion.start()
        result = worker_cost(bench, device, what) if what.seconds >= 1 else {}
        time.sleep(max(0, end - time.monotonic()))
        if companion:
            result |= companion.stop()
        await_quiet(device)
        result["drops"] = since(before, books(device))
        result |= generator.result()
        if ports.outlives_peer:
            bench.stop(contestant, device)
    return result


def await_quiet(device):
    """Until nothing comes or goes any more. The generator still receives, so all has arrived."""
    deadline, last, since_when = time.monotonic() + DRAIN - QUIET, None, time.monotonic()
    while time.monotonic() < deadline:
        now = device.received(), device.forwarded()
        if now != last:
            last, since_when = now, time.monotonic()
        elif time.monotonic() - since_when > QUIET:
            return
        time.sleep(0.03)


def worker_cost(bench, device, what):
    """Over the middle of the time: cycles a packet of all workers together, and the packets a
    second that they would carry if the busiest had a CPU of its own."""
    time.sleep(what.warmup + what.seconds * 0.2)
    cpu, packets = device.sample()
    time.sleep(what.seconds * 0.5)
    after, packets_after = device.sample()
    forwarded = packets_after - packets
    spent = [after[thread] - start for thread, start in cpu.items()]
    return {"cycles": sum(spent) * 1e-9 * bench.tsc_hz / forwarded if forwarded else None,
            "pps_by_busiest": forwarded / (max(spent) * 1e-9) if max(spent) else None,
            "workers": len(spent)}


def offered(counted):
    """Packets a second that were offered indeed, and the percentage of those due that were not: a
    generator that has to share its CPU comes too late for them."""
    due = counted["sent"] + counted["refused"] + counted["skipped"]
    return {"offered": (counted["sent"] + counted["refused"]) / counted["seconds"],
            "skipped_percent": 100 * counted["skipped"] / due if due else 0.0}


def loss_of(counted):
    """What did not come back of what was to be sent: what the port refused at a rate is lost."""
    intended = counted["sent"] + counted["refused"]
    return 1 - min(1, (counted["received"] - counted["duplicated"]) / intended) if intended else 1
