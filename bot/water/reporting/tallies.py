"""What the reports of an incident add up to, counted by the database: never by loading them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import Text, and_, bindparam, case, cast, func, or_, select
from sqlalchemy.orm import Session

from bot.storage.tables import OutageReport
from bot.water.incidents.states import WITHDRAWN
from bot.water.plan.tally import Reach, Tally


def _has(problem: str) -> Any:
    """The condition that a report tells of `problem`, first or besides."""
    also = cast(OutageReport.also_problems, Text).like(f'%"{problem}"%')
    return or_(OutageReport.problem == problem, also)


_NO_WATER = case((_has("no_water"), 1), else_=0)
_SINCE = func.coalesce(OutageReport.latest_start, OutageReport.created_at)
_COUNTED = and_(OutageReport.incident_id == bindparam("incident"), OutageReport.status != WITHDRAWN)
# A report filed before households were told apart, or of somebody forgotten, counts by its sender.
HOUSEHOLD = func.coalesce(OutageReport.household, OutageReport.channel + " " + OutageReport.sender_id)

# After a merging one person may have reports under two households: they are one.
_of_person = (
    select(
        func.min(HOUSEHOLD)
        .over(partition_by=(OutageReport.channel, OutageReport.sender_id))
        .label("household"),
        _NO_WATER.label("out"),
        case((_has("no_water"), _SINCE), else_=None).label("since"),
    )
    .where(_COUNTED)
    .subquery()
)
_one_household = (
    select(func.max(_of_person.c.out).label("out"), func.min(_of_person.c.since).label("since"))
    .group_by(_of_person.c.household)
    .subquery()
)
_HOUSEHOLDS = select(_one_household.c.out, _one_household.c.since, func.count()).group_by(
    _one_household.c.out, _one_household.c.since
)

_one_report = (
    select(
        _NO_WATER.label("out"),
        _SINCE.label("since"),
        case((_has("low_pressure"), 1), else_=0).label("low"),
        case((OutageReport.latest_start.is_(None), 1), else_=0).label("unstarted"),
        case((OutageReport.urgent, 1), else_=0).label("urgent"),
        OutageReport.households,
        OutageReport.casualties,
    )
    .where(_COUNTED)
    .subquery()
)
_REPORTS = select(
    _one_report.c.out,
    _one_report.c.since,
    func.max(_one_report.c.households).label("figure"),
    func.count().label("reports"),
    func.max(_one_report.c.low).label("low"),
    func.sum(_one_report.c.unstarted).label("unstarted"),
    func.max(_one_report.c.urgent).label("urgent"),
    func.max(_one_report.c.casualties).label("hurt"),
).group_by(_one_report.c.out, _one_report.c.since)


def tally(session: Session, incident_id: int) -> Tally:
    """Add up the reports of an incident; a household counts once, however often it is reported.

    Figures of neighbours are not added up ("the whole street, thirty households" of two people are the same thirty):
    the larger one counts, or the number of households that reported where that is more.
    """
    session.flush()
    connection = session.connection()
    households = connection.execute(_HOUSEHOLDS, {"incident": incident_id}).all()
    reports = connection.execute(_REPORTS, {"incident": incident_id}).all()
    reach = _reach(
        [(row.since, row[2], 0) for row in households if row.out]
        + [(row.since, 0, row.figure or 0) for row in reports if row.out]
    )
    others = max(
        sum(row[2] for row in households), max((row.figure or 0 for row in reports), default=0)
    )  # fmt: skip
    unstarted = int(sum(row.unstarted for row in reports if row.out))
    return Tally(
        reports=sum(row.reports for row in reports),
        households=reach[-1].households if reach else others,
        reach=reach,
        started=sum(row.reports for row in reports if row.out) - unstarted,
        unstarted=unstarted,
        low_pressure=any(row.low for row in reports),
        hurt=max((row.hurt or 0 for row in reports), default=0),
        urgent=any(row.urgent for row in reports),
    )


def _reach(rows: Iterable[tuple[datetime, int, int]]) -> tuple[Reach, ...]:
    """Of (start, households that begin then, largest figure said of then): how many are out at each start."""
    ordered = sorted(rows)
    counts = accumulate(count for _start, count, _figure in ordered)
    figures = accumulate((figure for _start, _count, figure in ordered), max)
    steps = {
        start: max(count, figure)
        for (start, _, _), count, figure in zip(ordered, counts, figures, strict=True)
    }
    return tuple(Reach(start, households) for start, households in steps.items())
