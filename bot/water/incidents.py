"""Incidents for staff: listed with their grade, and closed when they are over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session, selectinload

from bot.clock import with_offset
from bot.errors import NotFound
from bot.storage.tables import Incident, OutageReport
from bot.water.assessing import Assessed, assess, pass_on_to
from bot.water.states import CLOSED, OPEN, WITHDRAWN

__all__ = ["CLOSED", "EXACT", "OPEN", "WITHDRAWN", "close", "close_if_done", "incident_lines"]
EXACT = ("minute", "hour")  # grains of a start that is known to the hour


def close(session: Session, number: str) -> list[str]:
    """Close an incident with all its reports, or one report, by number; the numbers closed.

    Raises:
        NotFound: there is no such incident or report.
    """
    wanted = number.strip().upper()
    incident = session.scalars(select(Incident).where(Incident.number == wanted)).first()
    if incident:
        incident.status = CLOSED
        rows = list(incident.reports)
    else:
        rows = list(session.scalars(select(OutageReport).where(OutageReport.number == wanted)))
    if not incident and not rows:
        raise NotFound(f"there is no incident or report {number!r}; `wuchang incidents` lists them")
    for report in rows:
        report.status = CLOSED
        if report.incident:
            close_if_done(report.incident)
    return ([incident.number] if incident else []) + [report.number for report in rows]


def close_if_done(incident: Incident, now: datetime | None = None) -> None:
    """Close an incident of which no report is open any more, at `now` where that is given."""
    session = object_session(incident)
    session.flush()
    waiting = select(OutageReport.id).where(
        OutageReport.incident_id == incident.id, OutageReport.status == OPEN
    )
    if session.execute(waiting.limit(1)).first() is None:
        incident.status, incident.closed_at = CLOSED, now or incident.closed_at


def incident_lines(session: Session, now: datetime) -> Iterator[dict[str, Any]]:
    """Every incident as `wuchang incidents` prints it, oldest first."""
    query = select(Incident).options(selectinload(Incident.reports), selectinload(Incident.zone))
    for incident in session.scalars(query.order_by(Incident.id)):
        yield _line(incident, assess(incident, now))


def _line(incident: Incident, assessed: Assessed) -> dict[str, Any]:
    rise = assessed.rise
    return {
        "id": incident.id,
        "number": incident.number,
        "status": incident.status,
        "grade": assessed.grading.grade,
        "clauses": list(assessed.grading.clauses),
        "highest_possible": assessed.highest_possible,
        "confirmed_grade": incident.confirmed_grade,
        "plan_applies": assessed.plan_applies,
        "pass_on_to": list(pass_on_to(incident.township)),
        "reporters": len({(report.channel, report.sender_id) for report in incident.reports}),
        "households_reported": assessed.households_reported,
        "households_estimated": assessed.households_estimated,
        "households_confirmed": assessed.households_confirmed,
        "basis": assessed.basis,
        "next_grade": rise.grade if rise else None,
        "next_grade_at": with_offset(rise.at) if rise else None,
        "next_clause": rise.clause if rise else None,
        "unconfirmed": not incident.facts,
        "urgent": any(report.urgent for report in incident.reports),
        "kind": incident.kind,
        "area": incident.area,
        "zone": incident.zone.name if incident.zone else None,
        "drill": incident.drill,
        "reports": [report.number for report in incident.reports],
        "townships": [incident.township] if incident.township else [],
        "started_at": with_offset(incident.started_at),
        "facts": dict(assessed.facts),
    }
