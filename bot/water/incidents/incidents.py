"""Incidents for staff: listed with their grade, and closed where all who reported say that it is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session, selectinload

from bot.clock import with_offset
from bot.storage.tables import Incident, IncidentEvent, OutageReport
from bot.water.incidents.assessing import Assessed, assess, pass_on_to
from bot.water.incidents.history import note
from bot.water.incidents.states import CLOSED, OPEN, WITHDRAWN

__all__ = ["CLOSED", "EXACT", "OPEN", "WITHDRAWN", "close_if_done", "incident_lines"]
EXACT = ("minute", "hour")  # grains of a start that is known to the hour


def close_if_done(incident: Incident, now: datetime) -> None:
    """Close an incident of which no report is open any more because its people said so; not one that staff took up.

    What staff set facts of, decided on or began a response to ends by their word alone (`bot.water.incidents.closing`).
    """
    session = object_session(incident)
    session.flush()
    # Locked: of two people who say so at once each would see the other's report open yet.
    query = select(Incident.status).where(Incident.id == incident.id).with_for_update()
    if session.scalar(query) != OPEN or _taken_up(session, incident):
        return
    waiting = select(OutageReport.id).where(
        OutageReport.incident_id == incident.id, OutageReport.status == OPEN
    )
    if session.execute(waiting.limit(1)).first() is None:
        incident.status, incident.closed_at = CLOSED, now
        note(session, incident, "closed", at=now, reason="reporters")


def _taken_up(session: Session, incident: Incident) -> bool:
    if incident.facts or incident.confirmed_at is not None:
        return True
    steps = select(IncidentEvent.id).where(
        IncidentEvent.incident_id == incident.id, IncidentEvent.kind == "step"
    )
    return session.execute(steps.limit(1)).first() is not None


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
        "townships": list(
            dict.fromkeys(
                name for name in (incident.township, *(r.township for r in incident.reports)) if name
            )
        ),
        "started_at": with_offset(incident.started_at),
        "facts": dict(assessed.facts),
    }
