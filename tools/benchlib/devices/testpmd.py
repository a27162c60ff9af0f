# SPDX-License-Identifier: BSD-3-Clause
"""DPDK's own test program: the least that moving packets costs, on any ports."""
import subprocess

from ..workspace import tool
from . import Contestant, Running, eal_arguments, in_namespace

# name: what it does to a frame
MODES = {"io": "nothing", "mac": "sets the Ethernet addresses", "macswap": "swaps them",
         "csum": "computes checksums again"}


class Testpmd(Contestant):
    def __init__(self, options, mode):
        self.options, self.mode = options, mode
        self.label = f"testpmd {mode}"
        self.is_baseline = mode == "io"

    def version(self):
        return tool("dpdk-testpmd", "dpdk-dev")

    def expected(self, case):
        return {"io": "as is"}.get(self.mode, self.mode)

    def start(self, scope, ports, case):
        options = self.options
        devices = [ports.device(0), ports.device(1)]
        argv = [tool("dpdk-testpmd", "dpdk-dev"),
                *eal_arguments(scope, options, ports)]
        for device in devices:
            argv += ["-a", device] if is_pci(device) else ["--vdev", device]
        if not any(is_pci(device) for device in devices):
            argv.append("--no-pci")
        argv += ["--", f"--forward-mode={self.mode}", f"--burst={options.burst}",
                 f"--nb-cores={ports.queues}", f"--rxq={ports.queues}",
                 f"--txq={ports.queues}", f"--total-num-mbufs={mbufs(options, case)}",
                 "--no-flush-rx", "--disable-link-check", "--auto-start"]
        # It ends at the end of its standard input.
        process = scope.start(in_namespace(ports, argv), stdin=subprocess.PIPE)
        return Running(process, scope.runtime_directory(ports.prefix), devices)


def is_pci(device):
    """0000:03:00.0 and 03:00.0 are; net_memif0,… is not."""
    return ":" in device.split(",")[0]


def mbufs(options, case):
    """As many for every contestant: those of a repeated file are taken from them, too."""
    return options.mbufs + 2 * case.frame_count * options.workers


def variants():
    return {f"testpmd-{mode}": (f"testpmd in forward mode {mode}: {what} to a frame",
                                lambda options, mode=mode: [Testpmd(options, mode)])
            for mode, what in MODES.items()}
