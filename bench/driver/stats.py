# SPDX-License-Identifier: MIT
"""
stats.py - numbers from numbers; knows nothing of inits.

Percentiles are by nearest rank: always a value that was measured, never one between two. The
spread is from the lowest to the highest run: of five no quartile says more, and none is hidden.
"""
import dataclasses
import math


@dataclasses.dataclass(frozen=True)
class Spread:
    """One figure over the runs."""
    median: float
    low: float
    high: float
    runs: int


def percentile(ascending, percent):
    """The smallest value that at least @percent of the values do not exceed."""
    # Rounded first: 99.9 % of 1000 is 999, whatever binary fractions make of it.
    rank = math.ceil(round(percent * len(ascending) / 100, 6))
    return ascending[max(rank, 1) - 1]


def spread(values):
    """Of at least one value; the median of an even number is the mean of the middle two."""
    ascending = sorted(values)
    middle = len(ascending) // 2
    median = ascending[middle]
    if len(ascending) % 2 == 0:
        median = (ascending[middle - 1] + median) / 2
    return Spread(median, ascending[0], ascending[-1], len(ascending))


def ratio(value, reference):
    """None where there is nothing to compare with: no reference, or one that is 0."""
    if value is None or not reference:
        return None
    return value / reference
