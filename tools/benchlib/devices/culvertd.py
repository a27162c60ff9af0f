# SPDX-License-Identifier: BSD-3-Clause
"""Culvert itself, from a build directory, configured as a user would."""
import contextlib
import json
import socket
from pathlib import Path

from .. import case as plan
from ..errors import BenchError
from ..workspace import run
from . import Contestant, Running, eal_arguments, in_namespace
from .testpmd import mbufs


def lines_for(case, inside, outside):
    """The configuration: what `ip -batch` reads. The port that packets come in by is set up when
    everything that forwards them is there, so that a file of frames loses none."""
    yield f"link add inside type port device {inside}"
    yield f"link add outside type port device {outside}"
    first, last = ("inside", "outside") if case.decapsulates else ("outside", "inside")
    yield f"link set {first} address {plan.OUT_MAC}"
    yield f"link set {last} address {plan.IN_MAC}"
    if case.outside_mtu > 1500:
        yield f"link set outside mtu {case.outside_mtu}"
    yield f"addr add {plan.INSIDE}/24 dev inside"
    yield f"addr add {plan.INSIDE6}/64 dev inside nodad"
    yield f"addr add {plan.LOCAL}/24 dev outside"
    yield f"addr add {plan.OUTSIDE6}/64 dev outside nodad"
    yield from set_up(first)
    yield from tunnels_for(case)
    yield from routes_for(case)
    yield from set_up(last)


def set_up(link):
    """With its neighbours, and the way to the remote endpoints: all need the link to be up."""
    yield f"link set {link} up"
    hosts = (plan.INSIDE_HOST, plan.INSIDE_HOST6) if link == "inside" else \
        (plan.UNDERLAY, plan.OUTSIDE_HOST6)
    for address in hosts:
        yield f"neigh add {address} lladdr {plan.SINK_MAC} dev {link}"
    if link == "outside":
        yield f"route add {plan.REMOTES} via {plan.UNDERLAY} dev outside"


def tunnels_for(case):
    if not case.mode:
        return
    options = f" key {plan.KEY}" if case.key else ""
    options += " csum" if case.csum else ""
    for number, remote in enumerate(case.remotes()):
        yield (f"tunnel add t{number} mode {case.mode} remote {remote} local {plan.LOCAL}{options}")
        yield f"link set t{number} up"


def way_out(case, number):
    """Where the prefix of that number is routed."""
    if case.encapsulates:
        return f"dev t{number % case.tunnels}"
    if case.decapsulates:
        return f"via {plan.INSIDE_HOST6 if case.inner == 6 else plan.INSIDE_HOST} dev inside"
    return f"via {plan.OUTSIDE_HOST6 if case.inner == 6 else plan.UNDERLAY} dev outside"


def routes_for(case):
    for number, prefix in enumerate(case.routes_to()):
        yield f"route add {prefix} {way_out(case, number)}"


class Gateway(Running):
    def __init__(self, *arguments, control, configuration, worker_count):
        super().__init__(*arguments)
        self.control, self.configuration = control, configuration
        self.worker_count = worker_count

    def ask(self, line):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as conversation:
            conversation.settimeout(30)
            conversation.connect(str(self.control))
            conversation.sendall(line.encode() + b"\n")
            with conversation.makefile("r") as replies:
                reply = json.loads(replies.readline())
        if "error" in reply:
            raise BenchError(f"culvertd refuses \"{line}\": {reply['error']['message']}")
        return reply["result"]

    def handed_over(self):
        return sum(self._telemetry.ask(f"/culvert/worker,{number}")["handed_over"]
                   for number in range(self.worker_count))

    def drops(self):
        return {row["reason"]: row["packets"] for row in self.ask("drops") if row["packets"]}


class Culvertd(Contestant):
    counts_drops = True

    def __init__(self, options, label, build):
        self.options, self.label = options, label
        self.build = Path(build)
        self.program = self.build / "apps/culvertd/culvertd"

    def version(self):
        """With how it was built, as far as meson and git know."""
        self.check()
        said = [run([self.program, "--version"]).strip()]
        information = self.build / "meson-info"
        with contextlib.suppress(OSError, ValueError, BenchError, KeyError):
            built = {option["name"]: option["value"] for option in
                     json.loads((information / "intro-buildoptions.json").read_text())}
            said.append(f"buildtype {built['buildtype']}")
            source = json.loads((information / "meson-info.json").read_text())
            said.append("source " + run(["git", "-C", source["directories"]["source"], "describe",
                                         "--always", "--dirty"]).strip())
        return ", ".join(said)

    def check(self):
        if not self.program.is_file():
            raise BenchError(f"there is no {self.program}: build it first (meson setup build "
                             "--buildtype=release && ninja -C build), or name another build "
                             "directory with --build")

    def expected(self, case):
        return "gateway"

    def start(self, scope, ports, case):
        self.check()
        options = self.options
        control = scope.workspace.file("control", ".sock")
        config = scope.workspace.file("gateway", ".conf")
        devices = [ports.device(0), ports.device(1)]
        inside, outside = reversed(devices) if case.decapsulates else devices
        lines = list(lines_for(case, inside, outside))
        config.write_text("".join(f"{line}\n" for line in lines))
        argv = [self.program, "--config", config, "--socket", control,
                "--workers", options.workers, "--burst", options.burst,
                "--mbufs", mbufs(options, case), "--tunnels", case.tunnels + 16,
                "--next-hops", 2 * case.tunnels + 1024, *options.culvertd_option,
                "--", *eal_arguments(scope, options, ports)]
        argv = [str(word) for word in argv]
        process = scope.start(in_namespace(ports, argv))
        process.await_(lambda: "culvertd: ready" in process.log.read_text(), "readiness", 120)
        return Gateway(process, scope.runtime_directory(ports.prefix), devices, control=control,
                       configuration=lines, worker_count=options.workers)


def contestants(options):
    """One for each --build: DIR or NAME=DIR."""
    for word in options.build:
        name, equals, directory = word.partition("=")
        yield Culvertd(options, f"culvertd {name}" if equals else "culvertd",
                       directory if equals else word)


def variants():
    return {"culvertd": ("the gateway of each --build", contestants)}
