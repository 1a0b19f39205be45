"""Which incident a report belongs to: an open one of its place, time and kind, else one of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, bindparam, func, or_, select
from sqlalchemy.orm import Session

from bot.storage.numbers import next_number
from bot.storage.tables import Incident, OutageReport
from bot.water.incidents import history
from bot.water.incidents.assessing import pass_on_to, regrade
from bot.water.incidents.moments import said_moments
from bot.water.incidents.states import MERGED, OPEN, WITHDRAWN
from bot.water.plan.hours import latest_start
from bot.water.reporting.households import household_of
from bot.water.reporting.zones import zone_id_of
from bot.water.talk.areas import area_of
from bot.water.talk.candidates import NAMESAKE, SAME, TOWNSHIP, WITHIN, ZONE, Candidate
from bot.water.talk.problems import kind_of

# A report joins an incident of its place while the last report of it is not older than this ...
QUIET = timedelta(hours=24)
# ... and their outages began within this of each other. Where both starts are told and agree, the incident may have been
# quiet for so long: people tell a start by the day of the week, and who is on duty is rung no more of one quieter
# than that (`bot.water.duty.alarms.STALE`).
SAME_START = timedelta(hours=12)
LONG_QUIET = timedelta(days=7)
RULE, TAP, STAFF = "rule", "tap", "staff"
# Adding up its reports takes longer the more an incident has. Of one with more than this it is done again only after
# a while, and by the clock each minute (`bot.water.incidents.clockwork`).
_ADD_UP_AT_ONCE = 300
_ADD_UP_AGAIN = timedelta(seconds=30)
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
    target = _open_one(session, session.get(Incident, row.id))
    if target is None:
        return None
    figures = (target.reports_count, target.households_count)
    return Candidate(
        target.number, row.township, row.area, target.started_at, *figures, fit, target.id, row.id, quiet
    )


def _open_one(session: Session, incident: Incident | None) -> Incident | None:
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


@dataclass(frozen=True)
class Joined:
    """The incident that a report is in now, and how many others reported it."""

    incident: Incident
    others: int


def join(
    session: Session,
    report: OutageReport,
    detail: str,
    *,
    into: str | None = None,
    declined: Collection[str] = (),
    now: datetime | None = None,
) -> Joined:
    """Put `report` into the open incident that it belongs to, opened where there is none, and grade that anew.

    Same township and kind, one area within the other or both in one supply zone, begun within `SAME_START`, and not
    quiet for longer than `QUIET` (`LONG_QUIET` where both starts are known). A place without a township only joins the very same area. Reports of a drill and
    others never meet.

    Args:
        detail: the report's place without its township.
        into: number of the incident that the person said it is; passed over where it is not open any more.
        declined: numbers of those that the person said it is not; only the very same area outweighs that.
        now: where the report was made earlier than it joins.
    """
    now = now or report.created_at
    report.area, report.latest_start = area_of(detail), latest_start(report.started_at, report.started_grain)
    incident = (
        _said(session, report, into)
        or _fitting(session, report, detail, declined, now)
        or _opened(session, report, now)
    )
    report.household = _household(session, report, incident, detail)
    report.incident = incident
    session.add(report)
    others = _add_up(session, incident, report, now)
    incident.last_report_at = max(incident.last_report_at, now)
    if incident.started_at is None:
        # The first start stays: were it the earliest, reports could chain back over days.
        incident.started_at = report.started_at
    return Joined(incident, others)


def start_again(session: Session, incident: Incident, untold: datetime | None) -> None:
    """The start `untold` was put right or taken back by who told it: the incident has that of its next report instead.

    A start that staff set, or that another report tells too, stays.
    """
    if untold is None or incident.started_at != untold or "incident" in said_moments(session, incident):
        return
    session.flush()
    query = select(OutageReport.started_at).where(
        OutageReport.incident_id == incident.id, OutageReport.status != WITHDRAWN, OutageReport.started_at.is_not(None)
    )  # fmt: skip
    told = session.scalars(query.order_by(OutageReport.id)).all()
    if untold not in told:
        incident.started_at = next(iter(told), None)


def _said(session: Session, report: OutageReport, into: str | None) -> Incident | None:
    if not into:
        return None
    named = session.scalars(select(Incident).where(Incident.number == into)).first()
    target = _open_one(session, named)
    incident = _locked(session, target.id) if target is not None else None
    if incident is None or incident.drill != bool(report.drill):
        return None
    report.joined = TAP
    return incident


def _locked(session: Session, incident_id: int) -> Incident | None:
    """The incident if it is still open, locked, so that no merging or closing takes it away before the report is in."""
    query = select(Incident).where(Incident.id == incident_id, Incident.status == OPEN)
    query = query.with_for_update().execution_options(populate_existing=True)
    found: Incident | None = session.scalars(query).first()
    return found


def _fitting(
    session: Session, report: OutageReport, detail: str, declined: Collection[str], now: datetime
) -> Incident | None:
    found = candidates(
        session, township=report.township, detail=detail, kind=kind_of(report.problem), started_at=report.started_at,
        now=now, drill=bool(report.drill),
    )  # fmt: skip
    for candidate in found:
        if not candidate.sure or (candidate.number in declined and candidate.fit != SAME):
            continue
        incident = _locked(session, candidate.incident_id)
        if incident is not None:
            if candidate.through:
                session.get(Incident, candidate.through).last_report_at = now
            report.joined = RULE
            return incident
    return None


def _opened(session: Session, report: OutageReport, now: datetime) -> Incident:
    incident = Incident(
        number=next_number(session, "SJ", now), status=OPEN, kind=kind_of(report.problem), township=report.township,
        area=report.area, zone_id=zone_id_of(session, report.township, report.area), started_at=report.started_at, opened_at=now,
        last_report_at=now, facts={}, drill=bool(report.drill), reports_count=0, households_count=0, version=0,
    )  # fmt: skip
    session.add(incident)
    told = pass_on_to(report.township)
    detail: dict[str, Any] = {"pass_on_to": list(told)} if told else {}
    history.note(session, incident, "opened", at=now, **detail)
    report.joined = RULE
    return incident


def _household(session: Session, report: OutageReport, incident: Incident, detail: str) -> str:
    """That of the person's earlier report of the same incident, so that nobody counts twice; else their own."""
    earlier = session.connection().scalar(
        _EARLIER, {"incident": incident.id, "channel": report.channel, "sender": report.sender_id}
    )
    return str(earlier) if earlier else household_of(
        phone=report.phone, township=report.township, detail=detail, channel=report.channel, sender=report.sender_id
    )  # fmt: skip


_EARLIER = (
    select(OutageReport.household)
    .where(
        OutageReport.incident_id == bindparam("incident"), OutageReport.sender_id == bindparam("sender"),
        OutageReport.channel == bindparam("channel"), OutageReport.household.is_not(None),
    )
    .order_by(OutageReport.id)
    .limit(1)
)  # fmt: skip


def _add_up(session: Session, incident: Incident, report: OutageReport, now: datetime) -> int:
    """Grade the incident with the new report, or of one with many soon; how many others reported it, or households."""
    graded = incident.graded_at
    late = graded is None or abs(now - graded) >= _ADD_UP_AGAIN
    if incident.reports_count < _ADD_UP_AT_ONCE or late or report.urgent or report.casualties:
        return regrade(session, incident, now=now).tally.people - 1
    incident.reports_count += 1
    incident.version += 1
    return max(0, int(incident.households_count) - 1)
