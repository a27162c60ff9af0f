# SPDX-License-Identifier: BSD-3-Clause
"""One run of the harness: what the modes are given to measure with."""
import sys
from datetime import datetime, timezone

from . import generator, machine
from .ports import kind_of


LINES = 40                           # of a device's configuration that a result keeps


class Bench:
    def __init__(self, options, workspace, contestants, cases):
        self.options, self.workspace = options, workspace
        self.contestants, self.cases = contestants, cases
        self.tsc_hz = options.tsc_mhz * 1e6 if options.tsc_mhz else machine.tsc_hz()
        self.started = datetime.now(timezone.utc).isoformat(timespec="seconds")
        self.machine = machine.description(self.tsc_hz)
        self.commands, self.generator_command = {}, None
        self._kind = kind_of(options.ports)
        self._files = {}

    def ports(self, scope, case, options=None):
        """The ports of the run, made anew within a scope; with the options of a contestant that has
        others."""
        file = None if self._kind.generated else self.frames(case, case.frame_count)
        return self._kind(scope, options or self.options, file)

    def frames(self, case, count):
        """A file of a case's frames; made once."""
        key = (tuple(case.traffic()), count)
        if key not in self._files:
            self._files[key] = self.workspace.file("frames", ".pcap")
            generator.write(self.options, case, count, self._files[key])
        return self._files[key]

    def note(self, contestant, case, device):
        """Keeps by which command a contestant was started for a case."""
        known = self.commands.setdefault(contestant.label, {
            "version": contestant.version(), "dpdk": device.dpdk, "commands": {}})
        lines = list(device.configuration)
        if len(lines) > LINES:
            lines[LINES:] = [f"… and {len(lines) - LINES} more of the kind"]
        known["commands"][case.name] = {"command": device.command, "configuration": lines}

    @property
    def generated(self):
        return self._kind.generated

    def note_generator(self, command):
        self.generator_command = command

    def stop(self, contestant, device):
        """Ends a device; what it complains of is worth knowing, but measured is measured."""
        if complaint := device.stop():
            self.progress(f"note: {contestant.label}: {complaint}")

    def progress(self, text):
        print(text, file=sys.stderr, flush=True)
