#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""docs/rfc.md says what is true: every test, lab and capture that it names is there.

rfc_test.py SOURCE-ROOT
"""
import re
import sys
from pathlib import Path

RFCS = (2003, 2784, 2890, 4213, 5214, 5969, 6040, 6864, 7588, 1812, 4443)
TEST = re.compile(r"^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\)", re.MULTILINE)
NAMED = re.compile(r"`(lab |golden )?([\w.-]+)`")
UNTESTED = "not tested by itself: "


def known(root):
    """Every name that a row may give, as it is written there."""
    for source in (root / "tests").rglob("*.cpp"):
        for suite, name in TEST.findall(source.read_text()):
            yield f"{suite}.{name}"
    for lab in (root / "conf/labs").iterdir():
        if (root / "tools/labs" / f"{lab.name}.sh").exists():
            yield f"lab {lab.name}"
    scenes = (root / "tests/golden/captures.cpp").read_text()
    for capture in re.findall(r"\{\"([\w-]+)\", '[ab]'", scenes):
        yield f"golden {capture}"


def names_in(cell):
    """The tests, labs and captures that it gives: other words in code are commands and the like."""
    for kind, name in NAMED.findall(cell):
        if kind or re.fullmatch(r"[A-Z]\w*\.[A-Z]\w*", name):
            yield kind + name


def faults(row, names):
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    if len(cells) != 4 or not all(cells):
        yield "not four cells"
        return
    kept, shown = cells[2:]
    given = list(names_in(shown))
    yield from (f"there is no {name}" for name in given if name not in names)
    if kept not in ("yes", "no", "n/a"):
        yield f"kept is {kept}"
    if kept == "yes" and not given and not shown.startswith(UNTESTED):
        yield "names nothing that shows it"


def main(root):
    names = set(known(root))
    section, rows, failed = None, dict.fromkeys(RFCS, 0), 0
    for number, line in enumerate((root / "docs/rfc.md").read_text().splitlines(), 1):
        if heading := re.match(r"## RFC (\d+)", line):
            section = int(heading[1])
        elif line.startswith("|") and not line.startswith(("|---", "| section ")):
            rows[section] += 1
            for fault in faults(line, names):
                print(f"docs/rfc.md:{number}: {fault}: {line}")
                failed += 1
    for rfc in (rfc for rfc, count in rows.items() if count == 0):
        print(f"docs/rfc.md: no row for RFC {rfc}")
        failed += 1
    print(f"{sum(rows.values())} rows, {len(names)} names, {failed} faults")
    return failed != 0


sys.exit(main(Path(sys.argv[1])))
