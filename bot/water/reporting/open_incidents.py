"""The open incidents that a report may belong to: of its place, time and kind, the best fit first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from bot.storage.tables import Incident
from bot.water.incidents.states import MERGED, OPEN
from bot.water.reporting.zones import zone_id_of
from bot.water.talk.areas import area_of
from bot.water.talk.candidates import NAMESAKE, SAME, TOWNSHIP, WITHIN, ZONE, Candidate

# A report joins an incident of its place while the last report of it is not older than this ...
QUIET = timedelta(hours=24)
# ... and their outages began within this of each other. Where both starts are told and agree, the incident may have been
# quiet for so long: people tell a start by the day of the week, and who is on duty is rung no more of one quieter
# than that (`bot.water.duty.alarms.STALE`).
SAME_START = timedelta(hours=12)
LONG_QUIET = timedelta(days=7)
_MOST_LOOKED_AT = 500

_OPEN_THERE = (
    select(
        Incident.id, Incident.number, Incident.township, Incident.area, Incident.zone_id, Incident.started_at,
        Incident.reports_count, Incident.households_count, Incident.status, Incident.last_report_at,
    )
    .where(
        Incident.status.in_((OPEN, MERGED)), Incident.kind == bindparam("kind"), Incident.drill == bindparam("drill"),
        Incident.last_report_at >= bindparam("since"),
    )
    .order_by(Incident.last_report_at.desc(), Incident.id)
    .limit(_MOST_LOOKED_AT)
)  # fmt: skip
_OF_TOWNSHIP = _OPEN_THERE.where(Incident.township == bindparam("township"))
# Of a named area only what may fit it (`_fit`): a township may have a hundred open incidents.
_area: Any = bindparam("area", type_=String)
_AROUND = _OF_TOWNSHIP.where(
    or_(
        func.substr(_area, 1, func.length(Incident.area)) == Incident.area,
        func.substr(Incident.area, 1, func.length(_area)) == _area,
        Incident.zone_id == bindparam("zone"),
    )
)
_WITHOUT_TOWNSHIP = _OPEN_THERE.where(Incident.township.is_(None))
_OF_AREA = _OPEN_THERE.where(Incident.area == bindparam("area"), Incident.township.is_not(None))


def _of_the_same_place(one: Any, status: str) -> Any:
    return and_(
        one.status == status, one.kind == bindparam("kind"), one.drill == bindparam("drill"),
        one.township == bindparam("township"), one.area == bindparam("area"), one.last_report_at >= bindparam("since"),
    )  # fmt: skip


# What was merged leads to an incident that may come first: then all of them are looked at.
_SAME_PLACE = (
    select(Incident)
    .where(_of_the_same_place(Incident, OPEN), ~exists().where(_of_the_same_place(aliased(Incident), MERGED)))
    .order_by(Incident.id + 0)  # a sum, or PostgreSQL may walk all incidents by their key to find the first
    .limit(1)
    .with_for_update()
    .execution_options(populate_existing=True)
)
_SAME_PLACE_AND_START = _SAME_PLACE.where(
    or_(
        Incident.started_at.between(bindparam("earliest"), bindparam("latest")),
        and_(Incident.started_at.is_(None), Incident.last_report_at >= bindparam("fresh")),
    )
)


def candidates(
    session: Session, *, township: str | None, detail: str, kind: str, started_at: datetime | None, now: datetime,
    drill: bool = False, to_ask: bool = False,
) -> tuple[Candidate, ...]:  # fmt: skip
    """The open incidents that a report may belong to, the best fit first; those that only the person can say yes to last.

    Args:
        detail: the place without its township, "" where only that is known.
        kind: "supply" or "quality" (`bot.water.talk.problems.kind_of`).
        started_at: None where it was not told; it then fits every start.
        drill: those of a drill instead; the two never meet.
        to_ask: those too that were quiet for up to `LONG_QUIET` and that no start tells to be the same (`Candidate.quiet`).
    """
    area = area_of(detail)
    zone_id = zone_id_of(session, township, area)
    found = [
        candidate
        for row in _open_there(
            session, township, area, zone_id, kind, _looked_back(started_at, now, to_ask), drill
        )
        if _same_start(row.started_at, started_at)
        and (fit := _fit(row, township, area, zone_id))
        and (candidate := _candidate(session, row, fit, _is_quiet(row, started_at, now)))
    ]
    order = (SAME, WITHIN, ZONE, NAMESAKE, TOWNSHIP)
    found.sort(key=lambda one: (one.quiet, order.index(one.fit), -len(one.area), one.incident_id))
    best: dict[int, Candidate] = {}
    for one in found:
        best.setdefault(one.incident_id, one)  # one that was merged with others fits by several places
    return tuple(best.values())


def lock_the_same(
    session: Session, *, township: str, area: str, kind: str, started_at: datetime | None, now: datetime, drill: bool
) -> Incident | None:  # fmt: skip
    """The first of `candidates` where that is of the very area, locked as long as the caller's transaction lasts.

    Found and locked in one statement, for most reports of a large outage are of a place that others reported already.

    Returns:
        None where there is none such, or where `candidates` has to tell.
    """
    asked = {
        "kind": kind, "drill": drill, "township": township, "area": area,
        "since": _looked_back(started_at, now, to_ask=False),
    }  # fmt: skip
    query = _SAME_PLACE
    if started_at is not None:
        query = _SAME_PLACE_AND_START
        earliest, latest = started_at - SAME_START, started_at + SAME_START
        asked |= {"earliest": earliest, "latest": latest, "fresh": now - QUIET}
    found: Incident | None = session.scalars(query, asked).first()
    return found


def _looked_back(started_at: datetime | None, now: datetime, to_ask: bool) -> datetime:
    """The earliest last report of an incident that is looked at.

    Nobody reports an outage before it began: of a start told of the last hours (most are) nothing quiet need be read.
    """
    if to_ask:
        return now - LONG_QUIET
    if started_at is None:
        return now - QUIET
    return min(now - QUIET, max(now - LONG_QUIET, started_at - SAME_START))


def _is_quiet(row: Any, started_at: datetime | None, now: datetime) -> bool:
    """Whether nothing shows that the incident goes on: no report for longer than `QUIET`, and no two starts that agree."""
    return row.last_report_at < now - QUIET and None in (row.started_at, started_at)


def _candidate(session: Session, row: Any, fit: str, quiet: bool) -> Candidate | None:
    """The incident of a row, or the open one that it was merged into; None where there is none."""
    if row.status == OPEN:
        figures = (row.reports_count, row.households_count)
        return Candidate(
            row.number, row.township, row.area, row.started_at, *figures, fit, row.id, quiet=quiet
        )
    target = open_one(session, session.get(Incident, row.id))
    if target is None:
        return None
    figures = (target.reports_count, target.households_count)
    return Candidate(
        target.number, row.township, row.area, target.started_at, *figures, fit, target.id, row.id, quiet
    )


def open_one(session: Session, incident: Incident | None) -> Incident | None:
    """The open incident that one was merged into, over however many steps; itself where it is open."""
    while incident is not None and incident.status == MERGED:
        incident = session.get(Incident, incident.merged_into_id)
    return incident if incident is not None and incident.status == OPEN else None


def _open_there(
    session: Session,
    township: str | None,
    area: str,
    zone_id: int | None,
    kind: str,
    since: datetime,
    drill: bool,
) -> Iterator[Any]:
    session.flush()
    asked = {"kind": kind, "drill": drill, "since": since}
    connection = session.connection()
    if township and area:
        yield from connection.execute(
            _AROUND, {**asked, "township": township, "area": area, "zone": zone_id}
        )  # fmt: skip
        return
    if township:
        yield from connection.execute(_OF_TOWNSHIP, {**asked, "township": township})
        return
    yield from connection.execute(_WITHOUT_TOWNSHIP, asked)
    if area:
        yield from connection.execute(_OF_AREA, {**asked, "area": area})


def _fit(row: Any, township: str | None, area: str, zone_id: int | None) -> str | None:
    """How the place of an incident fits; None where it does not."""
    if row.area == area and row.township == township and (area or township):
        return SAME
    if township is None:
        return NAMESAKE if area and row.area == area and row.township else None
    if row.area and area and (row.area.startswith(area) or area.startswith(row.area)):
        return WITHIN
    if zone_id is not None and row.zone_id == zone_id:
        return ZONE
    return TOWNSHIP if not row.area or not area else None


def _same_start(one: datetime | None, other: datetime | None) -> bool:
    return one is None or other is None or abs(one - other) <= SAME_START
