# SPDX-License-Identifier: BSD-3-Clause
"""How it is measured. A mode is a file here with:

    about                 a line for --help
    add_options(parser)   what it has of its own
    defaults              of options that are common: dut, ports, case
    COLUMNS               (metric, heading) in the order of the table
    chart                 (metric, title) of the chart
    run(bench)            yields a dictionary for every single measurement

Files whose names begin with _ are parts of others.
"""
import importlib
import pkgutil

from ..stats import summary

KEYS = ("case", "contestant")        # what tells the rows of every mode's table apart


def all_modes():
    return {module.name: importlib.import_module(f"{__name__}.{module.name}")
            for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")}


def rotated(items, turn):
    """So that in each round somebody else comes first."""
    turn %= max(len(items), 1)
    return items[turn:] + items[:turn]


def rounds(bench):
    """(number, case, contestants that can do it, in this round's order)"""
    for number in range(bench.options.rounds):
        for case in bench.cases:
            able = [one for one in bench.contestants if not one.refuses(case)]
            yield number, case, rotated(able, number)


def say(bench, number, case, contestant, text):
    bench.progress(f"round {number + 1}/{bench.options.rounds}  {case.name:28} "
                   f"{contestant.label:20} {text}")


def each(bench, measure, text):
    """Every contestant in every round; text(result) is what is shown of a measurement."""
    for number, case, contestants in rounds(bench):
        for contestant in contestants:
            result = measure(bench, contestant, case)
            say(bench, number, case, contestant, text(result))
            yield {"round": number, "case": case.name, "contestant": contestant.label, **result}


def grouped(measurements, keys):
    """{values of the keys: measurements}, in order of appearance"""
    groups = {}
    for one in measurements:
        groups.setdefault(tuple(one[key] for key in keys), []).append(one)
    return groups


def rows(mode, measurements):
    """The table: a summary of each metric over the rounds."""
    return [{**dict(zip(KEYS, key)),
             **{metric: summary([one.get(metric) for one in group])
                for metric, _ in mode.COLUMNS}}
            for key, group in grouped(measurements, KEYS).items()]
