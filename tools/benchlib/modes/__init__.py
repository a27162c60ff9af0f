# SPDX-License-Identifier: BSD-3-Clause
"""How it is measured. A mode is a file here with:

    about                 a line for --help
    add_options(parser)   what it has of its own
    defaults              of options that are common: dut, ports, case
    KEYS, COLUMNS         what tells two rows apart; (metric, heading) in the order of the table
    chart                 (metric, title) of the chart
    run(bench)            yields a dictionary for every single measurement
    summarise(measurements)   rows for the table, each metric a summary (see stats) or a plain value
"""
import importlib
import pkgutil


def all_modes():
    return {module.name: importlib.import_module(f"{__name__}.{module.name}")
            for module in pkgutil.iter_modules(__path__)}


def rotated(items, turn):
    """So that in each round somebody else comes first."""
    turn %= max(len(items), 1)
    return items[turn:] + items[:turn]


def grouped(measurements, keys):
    """{values of the keys: measurements}, in order of appearance"""
    groups = {}
    for one in measurements:
        groups.setdefault(tuple(one[key] for key in keys), []).append(one)
    return groups
