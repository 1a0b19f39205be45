"""The moments that an incident's clocks count from: as reported, or as staff put them right."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.errors import NotFound
from bot.storage.tables import Incident, IncidentEvent, OutageReport
from bot.water.incidents.incidents import EXACT

_NAMED = "moment_"  # begins the name of such an event of kind "fact"


def find_incident(session: Session, number: str) -> Incident:
    """The incident of this number.

    Raises:
        NotFound: there is none.
    """
    wanted = number.strip().upper()
    found: Incident | None = session.scalars(select(Incident).where(Incident.number == wanted)).first()
    if found is None:
        raise NotFound(f"没有事件 {wanted[:32]}。事件编号像 SJ261123-001，在事件列表里可以查到。")
    return found


def locked(session: Session, incident: Incident | str) -> Incident:
    """The incident (or that of this number), read anew, which nobody else changes until this transaction ends.

    Its version rises with it: an update takes the lock on SQLite too, where reading takes none.

    Raises:
        NotFound: there is none of this number.
    """
    found = find_incident(session, incident) if isinstance(incident, str) else incident
    session.flush()
    session.execute(
        update(Incident)
        .where(Incident.id == found.id)
        .values(version=Incident.version + 1)
        .execution_options(synchronize_session=False)
    )
    session.refresh(found)
    return found


def name_of(which: str) -> str:
    """How the history names the fact that staff put moment `which` right."""
    return _NAMED + which


def said_moments(session: Session, incident: Incident) -> dict[str, datetime]:
    """The moments that staff put right, the last word on each, by names of `bot.water.plan.duty_clocks.MOMENTS`."""
    query = (
        select(IncidentEvent.detail)
        .where(IncidentEvent.incident_id == incident.id, IncidentEvent.kind == "fact")
        .order_by(IncidentEvent.id)
    )
    return {
        str(detail["name"]).removeprefix(_NAMED): datetime.fromisoformat(detail["value"])
        for detail in session.scalars(query)
        if str(detail.get("name", "")).startswith(_NAMED)
    }


def alert_of(session: Session, incident: Incident) -> datetime:
    """When the alert was taken (接警): when the incident was opened, or as staff put it right."""
    return said_moments(session, incident).get("alert") or incident.opened_at


def began(session: Session, incident: Incident) -> tuple[datetime | None, bool]:
    """(when the outage began, whether that is known to the hour or better); (None, False) where nobody said."""
    said = said_moments(session, incident).get("incident")
    if said is not None:
        return said, True
    if incident.started_at is None:
        return None, False
    exact = select(OutageReport.id).where(
        OutageReport.incident_id == incident.id,
        OutageReport.started_at == incident.started_at,
        OutageReport.started_grain.in_(EXACT),
    )
    return incident.started_at, session.execute(exact.limit(1)).first() is not None
