"""When an incident's grade rises by time alone: 再过 6 小时 20 分将达到Ⅱ级."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from bot.water.plan.grading import Grading, grade
from bot.water.plan.hours import HOUR, marks
from bot.water.plan.tally import Reach, Tally

GRADES = ("I", "II", "III", "IV", None)


@dataclass(frozen=True)
class Rise:
    """`grade` is reached under `clause` at `at`, if nothing but time changes."""

    grade: str
    at: datetime
    clause: str


def gravity(value: str | None) -> int:
    """A figure that is larger for a graver grade; no grade has the least."""
    return -GRADES.index(value)


def rise_of(counted: Tally, staff: Mapping[str, Any], present: str | None, now: datetime) -> Rise | None:
    """The next grade by time alone: when enough households will have been out for the plan's hours.

    Args:
        counted: the reports.
        staff: what staff set; it wins.
        present: the grade now.

    Returns:
        None where none is to come, or where the water is back with all who reported.
    """
    if counted.all_back:
        return None
    if "interruption_hours" in staff:
        proved = {"households": counted.households, "supply_effect": "interrupted"} if counted.outages else {}
        return _of_running_hours({**proved, **staff}, present, now)
    if not counted.started:
        return None
    found = [rise for mark in marks() if (rise := _at_mark(mark, counted, staff, present, now))]
    return min(found, key=lambda rise: (rise.at, GRADES.index(rise.grade)), default=None)


def _at_mark(
    mark: float, counted: Tally, staff: Mapping[str, Any], present: str | None, now: datetime
) -> Rise | None:
    """The first start whose households, once out for `mark` hours, give more than the present grade.

    More households never lower the grade, so the first is found by halving.
    """
    coming = [reach for reach in counted.reach_after(mark) if reach.start + mark * HOUR > now]

    @cache  # the first and the last are looked at twice
    def then(reach: Reach) -> Grading:
        facts: dict[str, Any] = {"households": reach.households, "supply_effect": "interrupted"}
        if counted.hurt:
            facts["poisoned_or_seriously_injured"] = counted.hurt
        return grade({**facts, "interruption_hours": mark, **staff})

    def rises(reach: Reach) -> bool:
        return gravity(then(reach).grade) > gravity(present)

    if not coming or not rises(coming[-1]):
        return None
    first = coming[bisect_left(coming, True, key=rises)]
    outcome = then(first)
    return Rise(str(outcome.grade), first.start + mark * HOUR, outcome.clauses[0])


def _of_running_hours(facts: Mapping[str, Any], present: str | None, now: datetime) -> Rise | None:
    """The same where staff set how long the water has been off: their hours run on."""
    hours = facts["interruption_hours"]
    for mark in marks():
        outcome = grade({**facts, "interruption_hours": max(mark, hours)})
        if hours < mark and gravity(outcome.grade) > gravity(present):
            return Rise(str(outcome.grade), now + (mark - hours) * HOUR, outcome.clauses[0])
    return None
