"""Which incident a report belongs to: an open one of its place, time and kind, else one of its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.storage.numbers import next_number
from bot.storage.tables import Incident, OutageReport
from bot.water.incidents import history
from bot.water.incidents.assessing import pass_on_to, regrade
from bot.water.incidents.moments import said_moments
from bot.water.incidents.states import OPEN, WITHDRAWN
from bot.water.plan.hours import latest_start
from bot.water.plan.tally import Told, add_up
from bot.water.reporting.households import household_of
from bot.water.reporting.open_incidents import candidates, lock_the_same, open_one
from bot.water.reporting.tallies import person_of, told, told_of
from bot.water.reporting.zones import zone_id_of
from bot.water.talk.areas import area_of
from bot.water.talk.candidates import SAME
from bot.water.talk.problems import kind_of

RULE, TAP, STAFF = "rule", "tap", "staff"
# Adding up its reports takes longer the more an incident has. Of one with more than this it is done again only after
# a while, and by the clock each minute (`bot.water.incidents.clockwork`).
_ADD_UP_AT_ONCE = 300
_ADD_UP_AGAIN = timedelta(seconds=30)


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
    before = _told_before(session, incident, report, now)
    report.household = _household(session, report, incident, detail, before)
    report.incident = incident
    session.add(report)
    others = _add_up(session, incident, report, before, now)
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
    target = open_one(session, named)
    incident = _locked(session, target.id) if target is not None else None
    if incident is None or incident.drill != bool(report.drill):
        return None
    report.joined = TAP
    return incident


def _locked(session: Session, incident_id: int) -> Incident | None:
    """The incident if it is still open, locked, so that no merging or closing takes it away before the report is in."""
    found: Incident | None = session.scalars(_LOCK, {"incident": incident_id}).first()
    return found


_LOCK = (
    select(Incident)
    .where(Incident.id == bindparam("incident"), Incident.status == OPEN)
    .with_for_update()
    .execution_options(populate_existing=True)
)


def _fitting(
    session: Session, report: OutageReport, detail: str, declined: Collection[str], now: datetime
) -> Incident | None:
    like = {
        "township": report.township, "kind": kind_of(report.problem), "started_at": report.started_at, "now": now,
        "drill": bool(report.drill),
    }  # fmt: skip
    same = lock_the_same(session, area=report.area, **like) if report.township else None
    if same is not None:
        report.joined = RULE
        return same
    for candidate in candidates(session, detail=detail, **like):
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


def _told_before(
    session: Session, incident: Incident, report: OutageReport, now: datetime
) -> list[Told] | None:
    """What the incident's reports tell so far; None of one with many, which is added up again after a while."""
    graded = incident.graded_at
    late = graded is None or abs(now - graded) >= _ADD_UP_AGAIN
    if (
        incident.reports_count < _ADD_UP_AT_ONCE
        or late
        or report.urgent
        or report.casualties
        or report.vulnerable
    ):
        session.flush()  # one that was opened just now has no id before
        return told_of(session, incident.id)
    return None


def _household(
    session: Session, report: OutageReport, incident: Incident, detail: str, before: Sequence[Told] | None
) -> str:
    """That of the person's earlier report of the same incident, so that nobody counts twice; else their own."""
    if before is None:
        earlier = session.connection().scalar(
            _EARLIER, {"incident": incident.id, "channel": report.channel, "sender": report.sender_id}
        )
    else:
        person = person_of(report.channel, report.sender_id)
        earlier = next((t.household for t in before if t.person == person != t.household), None)
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


def _add_up(
    session: Session, incident: Incident, report: OutageReport, before: Sequence[Told] | None, now: datetime
) -> int:
    """Grade the incident with the new report, or of one with many soon; how many others reported it, or households."""
    if before is not None:
        counted = add_up([*before, told(report)])
        return regrade(session, incident, now=now, counted=counted).tally.people - 1
    incident.reports_count += 1
    incident.version += 1
    return max(0, int(incident.households_count) - 1)
