# SPDX-License-Identifier: BSD-3-Clause
"""A result as a directory: result.json has everything, the rest is made from it."""
import csv
import io
import json

from .modes import KEYS


def cell(value):
    """A summary as `median (q1–q3)`, a number in sensible digits, all else as text."""
    if value is None:
        return "–"
    if isinstance(value, dict):
        text = number(value["median"])
        return text if value["n"] == 1 else \
            f"{text} ({number(value['q1'])}–{number(value['q3'])})"
    return number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) \
        else str(value)


def number(value):
    if isinstance(value, int) or value == int(value) and abs(value) >= 1000:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 10 \
        else f"{value:.3g}"


def aligned(rows):
    """Lines of a table: the first column to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(word.ljust(width) if column < 2 else word.rjust(width)
                        for column, (word, width) in enumerate(zip(row, widths))).rstrip()


def table(mode, rows):
    """For people."""
    keys = list(KEYS)
    shown = [(metric, heading) for metric, heading in mode.COLUMNS
             if any(row.get(metric) is not None for row in rows)]
    head = keys + [heading for _, heading in shown]
    body = [[str(row[key]) for key in keys] + [cell(row.get(metric)) for metric, _ in shown]
            for row in rows]
    lines = list(aligned([head, *body]))
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]]) + "\n"


def as_csv(measurements):
    """Every single measurement; what is not a plain value is in JSON."""
    names = list(dict.fromkeys(name for one in measurements for name in one))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    for one in measurements:
        writer.writerow({name: json.dumps(value) if isinstance(value, (dict, list)) else value
                         for name, value in one.items()})
    return text.getvalue()
