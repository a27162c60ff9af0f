# SPDX-License-Identifier: BSD-3-Clause
"""The devices under test. A kind is a file here with a function `variants()` that gives
{name: (a line for --help, a function that gives its Contestants by the options)}.
"""
import importlib
import pkgutil
import time

from ..errors import BenchError
from ..machine import cpu_ns, threads
from ..telemetry import Telemetry


class Contestant:
    """A device that can be started, again and again, for one case after another."""
    label = ""
    outer_ttl = None                 # of what it encapsulates; None: the inner one
    loses_at_start = False           # the first packets, before it has come up in full
    counts_drops = False             # drops() has every packet that it did not forward
    is_baseline = False              # what it does is the least: costs are compared with it

    def refuses(self, case):
        """Why it cannot do a case, or None."""
        del case
        return None

    def version(self):
        """What it says it is; an error if it is not there."""
        raise NotImplementedError

    def start(self, scope, ports, case):
        """A Running device; forwarding, or as soon as its ports' links are up."""
        raise NotImplementedError

    def expected(self, case):
        """What verification is to find: "as is", "mac", "macswap", "csum" or "gateway"."""
        raise NotImplementedError


class Running:
    """A DPDK process under way: its worker threads, and what its ports counted."""
    configuration = ()               # lines that it was told, beside its command line
    worker_names = ("rte-worker", "lcore-worker", "dpdk-worker")  # by DPDK's version

    def __init__(self, process, runtime_directory, devices):
        self.process = process
        self._directory = runtime_directory
        self._telemetry = process.await_(self._connect, "telemetry socket")
        self._ports = process.await_(lambda: self._find(devices), "its ports")

    def _connect(self):
        try:
            return Telemetry(self._directory)
        except OSError:
            return None

    def _find(self, devices):
        """Port numbers, in the order of the devices given (arguments start with the name), once all
        are there and count: some drivers cannot tell before they are started."""
        known = self._telemetry.ports()
        numbers = [known.get(device.split(",")[0]) for device in devices]
        ready = None not in numbers and all(map(self._telemetry.has_stats, numbers))
        return numbers if ready else None

    @property
    def command(self):
        return self.process.argv

    @property
    def dpdk(self):
        return self._telemetry.version

    @property
    def pid(self):
        return self._telemetry.pid

    def workers(self):
        found = [thread for thread, name in threads(self.pid).items()
                 if name.startswith(self.worker_names)]
        if not found:
            raise BenchError(f"{self.process.name} has no worker thread: {self.process.tail()}")
        return found

    def worker_ns(self):
        """CPU time of each worker thread so far, in ns."""
        return {thread: cpu_ns(self.pid, thread) for thread in self.workers()}

    def sample(self, tries=20, enough=0.0003):
        """(CPU time of each worker in ns, packets forwarded), both of the same moment.

        The telemetry thread may have to wait for a CPU before it answers: the answer that came
        soonest counts, and the CPU time in the middle of waiting for it.
        """
        best = None
        for _ in range(tries):
            began, before = time.perf_counter(), self.worker_ns()
            forwarded = self.forwarded()
            after, took = self.worker_ns(), time.perf_counter() - began
            if best is None or took < best[0]:
                best = took, {thread: (before[thread] + after[thread]) / 2
                              for thread in before}, forwarded
            if took < enough:
                break
        return best[1], best[2]

    def received(self):
        return self._telemetry.stats(self._ports[0])["ipackets"]

    def forwarded(self):
        return self._telemetry.stats(self._ports[1])["opackets"]

    def counters(self):
        """{"in": …, "out": …}: what DPDK counted at each port"""
        return dict(zip(("in", "out"), (self._telemetry.stats(port) for port in self._ports)))

    def await_forwarding(self, packets=1, timeout=60):
        self.process.await_(lambda: self.forwarded() >= packets, "packet forwarded", timeout)

    def drops(self):
        """{reason: packets} of what it dropped, where it counts that."""
        return {}

    def handed_over(self):
        """Packets that one worker gave to another, where it counts that."""
        return 0

    def stop(self):
        """Ends it in good order, so that what it writes is written. A complaint, or None."""
        status = self.process.stop()
        if status == 0:
            return None
        return f"{self.process.name} ended with status {status}: {self.process.tail(1)}"


def eal_arguments(scope, options, ports):
    """What every contestant's EAL gets, so that they differ in nothing that is DPDK's."""
    words = [f"--file-prefix={ports.prefix}", f"--lcores={options.lcores}"]
    if options.no_huge:
        words += ["--no-huge", "--iova-mode=va", f"-m{options.memory}"]
    scope.runtime_directory(ports.prefix)
    return [*words, *ports.eal]


def in_namespace(ports, argv):
    return ["ip", "netns", "exec", ports.namespace, *argv] if ports.namespace else argv


def variants():
    found = {}
    for module in pkgutil.iter_modules(__path__):
        found.update(importlib.import_module(f"{__name__}.{module.name}").variants())
    return found


