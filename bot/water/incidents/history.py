"""The history of an incident: what happened to it, when, and who did it. Lines are added, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.tables import Incident, IncidentEvent

KINDS = (
    "opened", "fact", "graded", "confirmed", "overridden", "step", "duty", "merged", "split", "undone", "told",
    "closed", "reopened",
)  # fmt: skip


@dataclass(frozen=True)
class EventLine:
    """One line of the history.

    Attributes:
        kind: one of `KINDS`.
        by: name of the desk's user; None: the assistant itself.
        detail: what there is to say of it, as JSON; its keys depend on the kind.
    """

    id: int
    at: datetime
    kind: str
    by: str | None
    detail: Mapping[str, Any]


def note(
    session: Session, incident: Incident, kind: str, *, at: datetime, by: str | None = None, **detail: Any
) -> IncidentEvent:
    """Add a line to the history of `incident` and raise its version, so that who shows it sees the change.

    `detail` must be JSON: times in it as ISO strings. The line has its id when it comes back.

    Raises:
        ValueError: `kind` is none of `KINDS`.
    """
    if kind not in KINDS:
        raise ValueError(f"no kind of event: {kind!r}")
    incident.version = (incident.version or 0) + 1
    session.flush()  # an incident just opened has its id only then
    event = IncidentEvent(incident_id=incident.id, at=at, kind=kind, by=by, detail=detail)
    session.add(event)
    session.flush()
    return event


def events_of(session: Session, incident_id: int) -> tuple[EventLine, ...]:
    """The whole history of one incident, oldest first."""
    query = select(IncidentEvent).where(IncidentEvent.incident_id == incident_id).order_by(IncidentEvent.id)
    return tuple(
        EventLine(row.id, row.at, row.kind, row.by, dict(row.detail)) for row in session.scalars(query)
    )
