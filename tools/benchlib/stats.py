# SPDX-License-Identifier: BSD-3-Clause
"""What many measurements of one thing come down to."""
import statistics


def median(values):
    return statistics.median(values)


def quartiles(values):
    """The spread that one bad round does not change: the middle half lies within."""
    if len(values) < 2:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def summary(values):
    """Median, quartiles and number of what is not None; None if there is nothing."""
    values = [value for value in values if value is not None]
    if not values:
        return None
    low, high = quartiles(values)
    return {"median": median(values), "q1": low, "q3": high, "min": min(values),
            "max": max(values), "n": len(values)}
