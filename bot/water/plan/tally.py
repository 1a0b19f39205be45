"""What reports of an incident add up to, as the plan counts it: households, since when, people hurt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Reach:
    """Households without water since `start` or before: at least so many."""

    start: datetime
    households: int


@dataclass(frozen=True)
class Tally:
    """The reports of one incident that were not withdrawn, added up.

    Attributes:
        reports: how many there are.
        households: at least so many have what the incident is about (no water; where nobody is without, what else).
        reach: households without water by their latest possible start, growing; () where nobody is without.
        started: how many of the reports of no water have a start that was told.
        unstarted: how many have none; they are taken as begun when they were made.
        low_pressure: whether somebody reports that.
        hurt: the largest number of people hurt that one report tells.
        urgent: whether one is.
    """

    reports: int
    households: int
    reach: tuple[Reach, ...]
    started: int
    unstarted: int
    low_pressure: bool
    hurt: int
    urgent: bool
