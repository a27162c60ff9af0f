# SPDX-License-Identifier: BSD-3-Clause
"""A result as SVG: bars for each case, one for each contestant, with whiskers at the quartiles."""
import math
from xml.sax.saxutils import escape

from .report import number

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999")
WIDTH, BAR, GAP, LINE, MARGIN = 900, 16, 14, 18, 20
FONT = "font-family='DejaVu Sans, Helvetica, Arial, sans-serif' font-size='12'"


def median_of(value):
    return value["median"] if isinstance(value, dict) else value


def ticks(most, wanted=6):
    """Round numbers from 0 to at least the largest value."""
    raw = (most or 1) / wanted
    magnitude = 10 ** math.floor(math.log10(raw))
    step = next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= raw)
    return [step * index for index in range(math.ceil(most / step) + 1)] if most else [0, step]


def bars(rows, metric):
    """({case: {contestant: value}}, contestants), without contestants that are nothing but 0."""
    told = {row["contestant"] for row in rows if median_of(row.get(metric))}
    groups = {}
    for row in rows:
        if row["contestant"] in told and median_of(row.get(metric)) is not None:
            groups.setdefault(row["case"], {})[row["contestant"]] = row[metric]
    order = [name for name in dict.fromkeys(row["contestant"] for row in rows) if name in told]
    return groups, order


def text(x, y, words, anchor="start", style=""):
    return f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' {style}>{escape(words)}</text>"


class Axis:
    """From a value to its place."""

    def __init__(self, left, right, most):
        self.marks = ticks(most)
        self.left, self._scale = left, (right - left) / self.marks[-1]

    def __call__(self, value):
        return self.left + max(0, value) * self._scale


def bar(axis, y, value, colour):
    """One bar with its whisker and its figure."""
    middle, length = y + BAR / 2, axis(median_of(value))
    yield (f"<rect x='{axis.left:.1f}' y='{y:.1f}' width='{length - axis.left:.1f}' "
           f"height='{BAR - 2}' fill='{colour}'/>")
    end = length
    if isinstance(value, dict) and value["n"] > 1:
        low, end = axis(value["q1"]), max(axis(value["q3"]), length)
        yield (f"<path d='M{low:.1f} {middle - 1:.1f}H{axis(value['q3']):.1f}' stroke='#222' "
               "stroke-width='1.5'/>")
    yield text(end + 5, middle + 3, number(median_of(value)), style="font-size='11'")


def grid(axis, top, bottom):
    for mark in axis.marks:
        yield (f"<path d='M{axis(mark):.1f} {top}V{bottom}' stroke='#ddd'/>"
               + text(axis(mark), bottom + 16, number(mark), "middle", "fill='#555'"))


def legend(order, y):
    x = MARGIN
    for name, colour in zip(order, COLOURS * 3):
        yield (f"<rect x='{x}' y='{y - 10}' width='12' height='12' fill='{colour}'/>"
               + text(x + 17, y, name))
        x += 40 + 7.5 * len(name)


def svg(title, subtitle, rows, metric):
    groups, order = bars(rows, metric)
    values = [value for group in groups.values() for value in group.values()]
    most = max([value["q3"] if isinstance(value, dict) else value for value in values] or [0])
    left = MARGIN + max([7.2 * len(case) for case in groups] or [0]) + 8
    axis = Axis(left, WIDTH - 90, most)
    top = y = 86
    body = []
    for case, group in groups.items():
        body.append(text(left - 8, y + BAR * len(group) / 2 + 4, case, "end"))
        for contestant, value in group.items():
            body += bar(axis, y, value, (COLOURS * 3)[order.index(contestant)])
            y += BAR
        y += GAP
    height = y + 2 * LINE + MARGIN
    return "\n".join([
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{height}' "
        f"viewBox='0 0 {WIDTH} {height}' {FONT}>",
        f"<rect width='{WIDTH}' height='{height}' fill='white'/>",
        text(MARGIN, 28, title, style="font-size='16' font-weight='bold'"),
        text(MARGIN, 46, subtitle, style="fill='#555'"), *legend(order, 70),
        *grid(axis, top - 6, y), *body, "</svg>"]) + "\n"
