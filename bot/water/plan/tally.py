"""What the reports of an incident add up to, as the plan counts it: households, since when and how long, people hurt."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import accumulate

from bot.water.plan.hours import hours_since

_LONG_AGO = datetime.min
NO_WATER, LOW_PRESSURE = "no_water", "low_pressure"


@dataclass(frozen=True)
class Told:
    """One report, as far as it counts.

    Attributes:
        person: who made it.
        household: whose it is; the same for all reports of one household.
        problems: what is wrong.
        since: the latest moment that its start may mean; when it was made where no start was told.
        start_told: whether one was.
        back_at: when the water was back by their word; None: it is not, or nobody said so.
        households: how many it says are concerned.
        hurt: how many people it says are hurt.
        vulnerable: whether it tells of somebody who cannot wait for water.
    """

    person: str
    household: str
    problems: tuple[str, ...]
    since: datetime
    start_told: bool = True
    back_at: datetime | None = None
    households: int = 0
    hurt: int = 0
    urgent: bool = False
    vulnerable: bool = False


@dataclass(frozen=True)
class Reach:
    """Households without water since `start` or before: at least so many."""

    start: datetime
    households: int


@dataclass(frozen=True)
class Outage:
    """Households whose water went at `start` and came back at `end` (None: not yet); the largest figure said of them."""

    start: datetime
    end: datetime | None
    households: int
    figure: int

    def counts_from(self, now: datetime) -> datetime:
        """`start`, or what it would be had it begun so long ago that it lasted until `now`."""
        return self.start if self.end is None else now - (self.end - self.start)


@dataclass(frozen=True)
class Tally:
    """The reports of one incident that were not withdrawn, added up.

    Attributes:
        reports: how many there are.
        people: how many made them.
        households: at least so many have or had what the incident is about (no water; where nobody is or was without,
            what else).
        back: households of those whose water is back, by their word.
        outages: the households without water, by their latest possible start and by their end.
        started: how many of the reports of no water have a start that was told.
        unstarted: how many have none; they are taken as begun when they were made.
        low_pressure: whether somebody reports that.
        hurt: the largest number of people hurt that one report tells.
        urgent: whether one is.
        vulnerable: households that told of somebody who cannot wait for water, and whose water is not back.
    """

    reports: int
    people: int
    households: int
    back: int
    outages: tuple[Outage, ...]
    started: int
    unstarted: int
    low_pressure: bool
    hurt: int
    urgent: bool
    vulnerable: int = 0

    def reach(self, now: datetime) -> tuple[Reach, ...]:
        """How many households are or were without water for how long, growing; () where nobody was.

        One whose water is back counts as if it had begun so late that it lasted until now: its hours do not grow.
        """
        return _added((outage.counts_from(now), outage) for outage in self.outages)

    def reach_after(self, hours: float) -> tuple[Reach, ...]:
        """The same of who will have been out for `hours` one day: those still out, and those who were for so long.

        The latter stand at the beginning of time, for no clock brings them there.
        """
        return _added(
            (_LONG_AGO if outage.end else outage.start, outage)
            for outage in self.outages
            if outage.end is None or hours_since(outage.start, outage.end) >= hours
        )

    @cached_property
    def all_back(self) -> bool:
        """Whether nobody is without water any more, by their word."""
        return bool(self.outages) and all(outage.end for outage in self.outages)


def add_up(reports: Sequence[Told]) -> Tally:
    """Add up the reports of an incident; a household counts once, however often it is reported.

    After a merging one person may have reports under two households: they are one. Figures of neighbours are not added
    up ("the whole street, thirty households" of two people are the same thirty): the larger one counts, or the number
    of households that reported where that is more.
    """
    homes = _homes(reports)
    out = [report for report in reports if NO_WATER in report.problems]
    outages = _outages(out, homes)
    largest = max((report.households for report in reports), default=0)
    without = _added((outage.start, outage) for outage in outages)
    unstarted = sum(not report.start_told for report in out)
    return Tally(
        reports=len(reports),
        people=len(homes),
        households=without[-1].households if without else max(len(set(homes.values())), largest),
        back=sum(outage.households for outage in outages if outage.end),
        outages=outages,
        started=len(out) - unstarted,
        unstarted=unstarted,
        low_pressure=any(LOW_PRESSURE in report.problems for report in reports),
        hurt=max((report.hurt for report in reports), default=0),
        urgent=any(report.urgent for report in reports),
        vulnerable=len({homes[one.person] for one in reports if one.vulnerable and one.back_at is None}),
    )


def _homes(reports: Sequence[Told]) -> Mapping[str, str]:
    """The household of each person."""
    homes: dict[str, str] = {}
    for report in reports:
        homes[report.person] = min(homes.get(report.person, report.household), report.household)
    return homes


def _outages(out: Sequence[Told], homes: Mapping[str, str]) -> tuple[Outage, ...]:
    """Households by start and end, and beside them, as none, the figures said."""
    of_home: dict[str, list[Told]] = defaultdict(list)
    for report in out:
        of_home[homes[report.person]].append(report)
    counts = Counter(map(_span, of_home.values()))
    figures: Counter[tuple[datetime, datetime | None]] = Counter()
    for report in out:
        if report.households:  # one that says none says no more than that its household is out
            figures[_span((report,))] = max(figures[_span((report,))], report.households)
    return tuple(Outage(*span, counts[span], figures[span]) for span in dict.fromkeys((*counts, *figures)))


def _span(reports: Sequence[Told]) -> tuple[datetime, datetime | None]:
    """From when to when a household is or was without water; one that is out again since its last outage."""
    still = [report.since for report in reports if report.back_at is None]
    if still:
        return min(still), None
    spans = [(report.since, max(report.since, report.back_at)) for report in reports if report.back_at]
    return max(spans, key=lambda span: (span[1] - span[0], span))


def _added(outages: Iterable[tuple[datetime, Outage]]) -> tuple[Reach, ...]:
    """How many are out at each start: households that begin by then, or the largest figure said of then."""
    ordered = sorted(((start, one.households, one.figure) for start, one in outages))
    counts = accumulate(count for _start, count, _figure in ordered)
    figures = accumulate((figure for _start, _count, figure in ordered), max)
    steps = {
        start: max(count, figure)
        for (start, _, _), count, figure in zip(ordered, counts, figures, strict=True)
    }
    return tuple(Reach(start, households) for start, households in steps.items())
