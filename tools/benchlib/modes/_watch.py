# SPDX-License-Identifier: BSD-3-Clause
"""A device on ports that need no generator, watched while it forwards."""
import time


def add_options(parser):
    parser.add_argument("--seconds", type=float, default=1, help="of each measurement [1]")
    parser.add_argument("--warmup", type=float, default=0.3, help="seconds before it [0.3]")


def watch(bench, contestant, case):
    """One process: CPU time of each worker in ns, packets that came and left, drops by reason, and
    what the device counts beside them."""
    with bench.workspace.child() as scope:
        ports = bench.ports(scope, case, contestant.options)
        device = contestant.start(scope, ports, case)
        bench.note(contestant, case, device)
        device.await_forwarding()
        time.sleep(bench.options.warmup)
        dropped, aside = device.drops(), device.handed_over()
        (cpu, packets), came = device.sample(), device.received()
        time.sleep(bench.options.seconds)
        came = device.received() - came
        cpu_after, packets_after = device.sample()
        drops = {reason: count - dropped.get(reason, 0) for reason, count in device.drops().items()
                 if count != dropped.get(reason, 0)}
        aside = device.handed_over() - aside
        bench.stop(contestant, device)
    return {"cpu": [cpu_after[thread] - before for thread, before in cpu.items()],
            "received": came, "packets": packets_after - packets, "drops": drops,
            "handed_over": aside}


def by_busiest(watched):
    """Packets a second that the workers would carry if the slowest had a CPU to itself."""
    return watched["packets"] / (max(watched["cpu"]) * 1e-9)
