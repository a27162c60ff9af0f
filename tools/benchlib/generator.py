# SPDX-License-Identifier: BSD-3-Clause
"""The traffic generator, culvert-traffic: frames into files, and onto the ports of a run."""
import json
from pathlib import Path

from .errors import BenchError
from .workspace import run

DRAIN = 2.0                          # seconds that it receives after the last packet sent


def program(options):
    path = Path(options.traffic) if options.traffic else \
        Path(options.build[0].rpartition("=")[2]) / "apps/culvert-traffic/culvert-traffic"
    if not path.is_file():
        raise BenchError(f"there is no traffic generator {path}: build it first, or name it with "
                         "--traffic")
    return path


def write(options, case, count, path):
    """A file of `count` frames of a case."""
    run([program(options), "write", path, "--count", count, *case.traffic()])


class Offer:
    """What one run of the generator is to do."""

    def __init__(self, seconds, rate=None, latency=False, check=None, warmup=0):
        self.seconds, self.rate, self.latency = seconds, rate, latency
        self.check, self.warmup = check, warmup

    def arguments(self):
        words = ["--duration", self.seconds, "--drain", DRAIN, "--json"]
        words += ["--rate", round(self.rate)] if self.rate else []
        words += ["--latency"] if self.latency else []
        words += ["--warmup", self.warmup] if self.warmup else []
        words += ["--check", self.check] if self.check else []
        return [str(word) for word in words]


def command(options, scope, ports, case, offer):
    sent_by, received_by = ports.generator()
    words = [program(options), "run", "--tx", sent_by, "--rx", received_by, *offer.arguments(),
             *case.traffic()]
    words += ["--busy-poll"] if options.generator_busy_poll else []
    if ports.generator_joins:
        words += ["--primary", ports.prefix, "--"]
    else:
        prefix = scope.workspace.name("benchgen")
        scope.runtime_directory(prefix)
        words += ["--", f"--file-prefix={prefix}"]
    if options.generator_lcores:
        words.append(f"--lcores={options.generator_lcores}")
    if options.no_huge:
        words += ["--no-huge", "--iova-mode=va", f"-m{options.memory}"]
    words = [str(word) for word in [*words, *ports.generator_eal]]
    if ports.generator_namespace:
        words = ["ip", "netns", "exec", ports.generator_namespace, *words]
    return words


class Generator:
    """One run of it, under way."""

    def __init__(self, bench, scope, ports, case, offer):
        self.output = scope.workspace.file("traffic", ".json")
        self.offer = offer
        self.process = scope.start(command(bench.options, scope, ports, case, offer),
                                   stdout=self.output)
        bench.note_generator(self.process.argv)

    def result(self):
        """What it counted, when it has ended."""
        status = self.process.wait(self.offer.seconds + self.offer.warmup + 60)
        if status != 0:
            raise BenchError(f"culvert-traffic ended with status {status}: {self.process.tail()}")
        return json.loads(self.output.read_text())
