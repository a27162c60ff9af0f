# SPDX-License-Identifier: BSD-3-Clause
"""Two results side by side: the medians of each row that both have, and their ratio."""
import json
from pathlib import Path

from . import modes, report
from .chart import median_of
from .errors import BenchError


def load(path):
    """A result.json, or the directory that has one."""
    path = Path(path)
    file = path / "result.json" if path.is_dir() else path
    try:
        result = json.loads(file.read_text())
    except OSError as error:
        raise BenchError(f"cannot read {file}: {error.strerror}") from None
    except json.JSONDecodeError as error:
        raise BenchError(f"{file} is no result: {error}") from None
    if not isinstance(result, dict) or result.get("culvert_bench") != 1:
        raise BenchError(f"{file} is no result of tools/bench")
    return result


def by_key(result):
    return {tuple(row[key] for key in modes.KEYS): row for row in result["summary"]}


def rows(one, other):
    """(case, contestant, metric, median of the first, of the second, their ratio or None)"""
    if one["mode"] != other["mode"]:
        raise BenchError(f"one is a result of mode {one['mode']}, the other of {other['mode']}")
    mode = modes.all_modes()[one["mode"]]
    seconds = by_key(other)
    for key, first in by_key(one).items():
        second = seconds.get(key)
        for metric, heading in mode.COLUMNS if second else ():
            a, b = median_of(first.get(metric)), median_of(second.get(metric))
            if a is not None and b is not None:
                yield (*key, heading, a, b, b / a if a else None)


def unlike(one, other):
    """What should be the same of the machines, and is not."""
    for what in ("cpu", "tsc_hz", "kernel"):
        a, b = one["machine"].get(what), other["machine"].get(what)
        if a != b:
            yield f"note: {what} differs: {a} and {b}"


def table(paths):
    one, other = (load(path) for path in paths)
    found = list(rows(one, other))
    if not found:
        raise BenchError("the two results have no case and contestant in common")
    body = [[case, contestant, heading, report.number(a), report.number(b),
             "–" if ratio is None else f"{ratio:.3f}"]
            for case, contestant, heading, a, b, ratio in found]
    lines = list(report.aligned([["case", "contestant", "figure", "A", "B", "B/A"], *body]))
    return "\n".join([*unlike(one, other), lines[0], "-" * len(lines[0]), *lines[1:]]) + "\n"
