"""Hours without water: from when they count, and at which of them the plan changes its grade."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from functools import cache

from bot.water.plan.clauses import grading_law

HOUR = timedelta(hours=1)
PART_HOURS = 4  # a part of the day (昨晚) may mean a moment this much later than its usual hour
_STEP = 0.01  # hours are told to the hundredth, always rounded down


def latest_start(started_at: datetime | None, grain: str | None) -> datetime | None:
    """The latest moment that a start said roughly may mean: 前天 its midnight, 昨晚 some hours later.

    Hours without water are counted from it, so that a rough word never raises the grade too early.
    """
    if started_at is None:
        return None
    if grain == "day":
        return started_at + timedelta(days=1)
    return started_at + PART_HOURS * HOUR if grain == "part" else started_at


@cache
def marks() -> tuple[float, ...]:
    """The plan's hours as the least figure to the hundredth that meets them: more than 24 is 24.01."""
    return tuple(mark if least == mark else mark + _STEP for mark, least in grading_law().time_marks)


def hours_since(start: datetime, now: datetime) -> float:
    """Hours from `start` to `now`, rounded down to the hundredth; 0 where the clock was set back."""
    return max(0.0, rounded_down((now - start) / HOUR))


def rounded_down(hours: float) -> float:
    """`hours` to the hundredth below; what reckoning leaves a hair's breadth short of one counts as it."""
    return math.floor(round(hours / _STEP, 6)) / round(1 / _STEP)
