"""Figures out of single measurements."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

MILLI = 1000.0


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of `values` lie, between neighbours in proportion.

    Raises:
        ValueError: `values` is empty or `share` is outside 0 to 1.
    """
    if not values:
        raise ValueError("no percentile of no values; was nothing measured?")
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share}, must be from 0 to 1")
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low, high = math.floor(place), math.ceil(place)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def of_rounds(rounds: Sequence[Sequence[float]], share: float) -> float:
    """The median over rounds of each round's percentile: one disturbed round does not count."""
    return median(percentile(values, share) for values in rounds)


def slowdown(seconds: Sequence[float], head: int, tail: int) -> float:
    """How many times longer the last `tail` turns take than the first `head`, by their medians.

    Raises:
        ValueError: there are fewer turns than `head` and `tail` together.
    """
    if len(seconds) < head + tail:
        raise ValueError(f"{len(seconds)} turns are too few to compare the first {head} and the last {tail}")
    return median(seconds[-tail:]) / median(seconds[:head])
