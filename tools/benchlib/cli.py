# SPDX-License-Identifier: BSD-3-Clause
"""The command line."""
import argparse
import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from . import case as cases
from . import chart, compare, devices, generator, machine, modes, ports, report, verify
from .bench import Bench
from .errors import BenchError
from .workspace import Workspace

HUGE_MB = 512                        # enough for a device under test and the generator
TREE = Path(__file__).resolve().parents[2]


def parser():
    top = argparse.ArgumentParser(
        prog="tools/bench", description="How fast a gateway is, beside others on the same ports. "
        "Needs root (hugepages, network namespaces).")
    top.add_argument("--compare", nargs=2, metavar=("A.json", "B.json"),
                     help="the ratio of each figure of two results, or of their directories")
    commands = top.add_subparsers(dest="mode", metavar="MODE")
    for name, mode in modes.all_modes().items():
        one = commands.add_parser(name, help=mode.about, description=mode.__doc__,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
        common_options(one, mode)
        mode.add_options(one)
    return top


def common_options(one, mode):
    floating = ",".join(str(cpu) for cpu in sorted(os.sched_getaffinity(0)))
    one.add_argument("--case", action="append", help="what is measured; may be given several times "
                     f"{mode.defaults['case']}")
    one.add_argument("--dut", action="append", help="a device under test; may be given several "
                     f"times: {', '.join(devices.variants())} {mode.defaults['dut']}")
    one.add_argument("--build", action="append", metavar="[NAME=]DIR",
                     help="build directory of culvertd; with several, each is a contestant [build]")
    one.add_argument("--ports", default=mode.defaults["ports"],
                     help=f"one of {', '.join(ports.kinds())} [{mode.defaults['ports']}]")
    one.add_argument("--sizes", help="each case with each of these frame sizes (with FCS), as "
                     "64,512,1518,imix [what the case says, 64]")
    one.add_argument("--rounds", type=int, default=mode.defaults.get("rounds", 7),
                     help="repetitions, contestants alternating [%(default)s]")
    one.add_argument("--workers", type=int, default=mode.defaults.get("workers", 1),
                     help="of the device under test [%(default)s]")
    one.add_argument("--burst", type=int, default=32, help="[32]")
    one.add_argument("--mbufs", type=int, default=16384, help="[16384]")
    one.add_argument("--lcores", help="as EAL takes it, the first one for control "
                     "[as many as needed, on any CPU]")
    one.add_argument("--traffic", metavar="PROGRAM", help="culvert-traffic [that of the build]")
    one.add_argument("--generator-lcores", metavar="LCORES", help="as EAL takes it [any CPU]")
    one.add_argument("--generator-busy-poll", action="store_true",
                     help="the generator never sleeps: latencies are exact; for a CPU of its own")
    one.add_argument("--pci-dut", metavar="A,B", help="ports pci: of the device under test")
    one.add_argument("--pci-generator", metavar="C,D", help="ports pci: A is wired to C, B to D")
    one.add_argument("--pmd-cpus", type=cpu_list, metavar="CPUS", help="of Open vSwitch's workers, "
                     "which are always pinned [the last ones]")
    one.add_argument("--no-huge", action="store_true", help="without hugepages")
    one.add_argument("--memory", type=int, default=768, help="MB without hugepages [768]")
    one.add_argument("--culvertd-option", action="append", default=[], metavar="OPTION",
                     help="for culvertd's command line; may be given several times")
    one.add_argument("--tsc-mhz", type=float, help="rate of the time-stamp counter")
    one.add_argument("--out", type=Path, help="directory of the result [bench-results/MODE-TIME]")
    one.set_defaults(cpus=floating, queues=None)


def cpu_list(text):
    """The numbers in 2,4-6."""
    numbers = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return numbers


def complete(options):
    mode = modes.all_modes()[options.mode]
    for name in ("case", "dut"):
        if getattr(options, name) is None:
            setattr(options, name, mode.defaults[name])
    options.build = options.build or [str(TREE / "build")]
    if not options.lcores:
        options.lcores = ",".join(f"{lcore}@({options.cpus})"
                                  for lcore in range(options.workers + 1))
    if not options.out:
        options.out = Path("bench-results") / f"{options.mode}-{datetime.now():%Y%m%d-%H%M%S}"


def contestants_of(options):
    known = devices.variants()
    found = []
    for name in options.dut:
        if name not in known:
            raise BenchError(f"there is no device under test \"{name}\"; there are "
                             f"{', '.join(known)}")
        found += known[name][1](options)
    return found


def say_refusals(contestants, bench_cases):
    able = 0
    for case in bench_cases:
        for contestant in contestants:
            if reason := contestant.refuses(case):
                print(f"note: {case.name} without {contestant.label}: {reason}", file=sys.stderr)
            else:
                able += 1
    if not able:
        raise BenchError("nothing is left to measure")


def preflight(options, contestants, bench_cases):
    """Whatever is missing is said before anything is measured."""
    ports.kind_of(options.ports).check(options)
    for contestant in contestants:
        contestant.version()
    say_refusals(contestants, bench_cases)
    generator.program(options)
    verify.scapy()
    free = sum(int(size) * pages["free"] for size, pages in machine.hugepages().items()) // 1024
    if not options.no_huge and free < HUGE_MB:
        raise BenchError(f"{free} MB in free hugepages, of {HUGE_MB} that are needed: see "
                         "README.md, or measure without, --no-huge")


def measure(options):
    mode = modes.all_modes()[options.mode]
    complete(options)
    bench_cases = [cases.parse(text) for text in cases.with_sizes(options.case, options.sizes)]
    contestants = contestants_of(options)
    preflight(options, contestants, bench_cases)
    with Workspace() as workspace:
        bench = Bench(options, workspace, contestants, bench_cases)
        measurements = list(mode.run(bench))
    write(bench, mode, measurements)


def write(bench, mode, measurements):
    """The result directory; the table for the terminal, too."""
    rows = modes.rows(mode, measurements)
    out = bench.options.out
    out.mkdir(parents=True, exist_ok=True)
    result = {"culvert_bench": 1, "mode": bench.options.mode, "started": bench.started,
              "command": [str(word) for word in sys.argv],
              "machine": {**bench.machine, "load_at_end": os.getloadavg()},
              "traffic": {case.name: case.traffic() for case in bench.cases},
              "contestants": bench.commands, "generator": bench.generator_command,
              "summary": rows, "measurements": measurements}
    metric, title = mode.chart
    where = f"{bench.machine['cpu']}, ports {bench.options.ports}, {bench.started[:10]}"
    text = report.table(mode, rows)
    (out / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    (out / "result.csv").write_text(report.as_csv(measurements))
    (out / "chart.svg").write_text(chart.svg(title, where, rows, metric))
    (out / "table.txt").write_text(text)
    print(f"\n{text}\nresult in {out}")
    failures = [one["failed"] for one in measurements if "failed" in one]
    if failures:
        raise BenchError("\n  ".join(failures))


def interrupted(number, _):
    raise SystemExit(128 + number)


def main(arguments):
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored if a shell put us behind
    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGHUP, interrupted)
    try:
        top = parser()
        options = top.parse_args(arguments)
        if options.compare:
            print(compare.table(options.compare), end="")
        elif options.mode:
            measure(options)
        else:
            top.print_help()
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130
    return 0
