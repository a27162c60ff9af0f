#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Instructions per packet, beside those of baseline.json: a tenth more fails.

instructions_test.py VALGRIND PROGRAM BASELINE [--renew]

`ninja -C BUILD renew-instructions`, in a release build, takes what is measured as the baseline. It
holds for one compiler and one set of CPU instructions, as the program itself states them; Debian
12's g++ with DPDK's -march is the one that is kept up. Any other is skipped, unless renewed too.
"""
import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

MORE = 1.10  # fails
FEWER = 0.90  # the baseline should be renewed, or it would let all of that be lost again
SKIPPED = 77  # as meson understands it
TOTAL = re.compile(r"^desc: Trigger: Client Request: (?P<case>.+?)$.*^totals: (?P<count>\d+)$",
                   re.MULTILINE | re.DOTALL)


def measure(valgrind, program):
    """Which compiler, and instructions per packet by case."""
    with tempfile.TemporaryDirectory() as directory:
        run = subprocess.run(
            [valgrind, "--tool=callgrind", "--instr-atstart=no", "--collect-atstart=no", "-q",
             f"--callgrind-out-file={directory}/profile", program],
            check=False, capture_output=True, text=True)
        if run.returncode != 0:
            sys.exit(f"{program} under callgrind: status {run.returncode}\n{run.stderr}")
        compiler, *cases = run.stdout.splitlines()
        packets = dict(line.split() for line in cases)
        counts = {}
        for profile in Path(directory).iterdir():
            if found := TOTAL.search(profile.read_text()):
                counts[found["case"]] = int(found["count"])
    return compiler, {case: round(counts[case] / int(number), 1)
                      for case, number in packets.items()}


def verdict(now, before):
    if before is None:
        return "not in the baseline"
    if now > before * MORE:
        return "MORE"
    return "fewer" if now < before * FEWER else ""


def compare(measured, baseline):
    """Prints the table. Returns the verdicts."""
    verdicts = {}
    print(f"{'instructions per packet':28} {'baseline':>9} {'now':>7} {'':>7}")
    for case, now in measured.items():
        before = baseline.get(case)
        verdicts[case] = verdict(now, before)
        old, change = ("", "") if before is None else (before, f"{now / before - 1:+.1%}")
        print(f"{case:28} {old:>9} {now:>7} {change:>7} {verdicts[case]}".rstrip())
    for case in baseline.keys() - measured.keys():
        verdicts[case] = "not measured"
        print(f"{case}: in the baseline, but not measured")
    return set(verdicts.values())


def renew(path, baselines, compiler, measured):
    baselines[compiler] = measured
    path.write_text(json.dumps(baselines, indent=2, sort_keys=True) + "\n")
    print(f"{path}: renewed for what is {compiler}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("valgrind")
    parser.add_argument("program")
    parser.add_argument("baseline", type=Path)
    parser.add_argument("--renew", action="store_true", help="take what is measured as baseline")
    arguments = parser.parse_args()
    baselines = json.loads(arguments.baseline.read_text())
    compiler, measured = measure(arguments.valgrind, arguments.program)
    verdicts = compare(measured, baselines.get(compiler, {}))
    how = "`ninja -C BUILD renew-instructions`, and commit"
    if arguments.renew:
        renew(arguments.baseline, baselines, compiler, measured)
        return 0
    if compiler not in baselines:
        print(f"NOT COMPARED: there is no baseline for what is {compiler}, but for what is:",
              *baselines, sep="\n  ")
        return SKIPPED
    if verdicts & {"MORE", "not in the baseline", "not measured"}:
        print(f"Over {MORE - 1:.0%} more than the baseline, or other cases. If that is meant: {how}")
        return 1
    if "fewer" in verdicts:
        print(f"Over {1 - FEWER:.0%} fewer than the baseline: {how}, so that it stays so")
    return 0


sys.exit(main())
