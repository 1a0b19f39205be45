"""The stored lines of an incident's duties, and how one is marked done or open; each is a line of the history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.tables import Incident, IncidentDuty
from bot.water.incidents.history import note


def rows_of(session: Session, incident: Incident) -> dict[str, IncidentDuty]:
    """The lines of an incident by their keys, in the order in which they were added."""
    # Read anew: lines are added past the session, and another process may have ticked one.
    query = select(IncidentDuty).where(IncidentDuty.incident_id == incident.id).order_by(IncidentDuty.id)
    return {row.key: row for row in session.scalars(query.execution_options(populate_existing=True))}


def mark_done(
    session: Session, incident: Incident, row: IncidentDuty, *, at: datetime, doer: str | None, how: str | None,
    by: str | None, now: datetime, **detail: Any,
) -> None:  # fmt: skip
    """`doer` did it `at`; `by` notes it `now`, with what else there is to say of it."""
    row.done_at, row.done_by, row.done_how = at, doer, how
    note(
        session, incident, "duty", at=now, by=by, key=row.key, clause=row.clause, done=True, how=how or "",
        done_at=at.isoformat(), due_at=row.due_at.isoformat() if row.due_at else None, **detail,
    )  # fmt: skip


def mark_open(
    session: Session, incident: Incident, row: IncidentDuty, *, by: str | None, now: datetime, **detail: Any
) -> None:
    """It counts as done no longer; who did it, when and how stays in the history."""
    note(
        session, incident, "duty", at=now, by=by, key=row.key, clause=row.clause, done=False,
        was={"at": row.done_at.isoformat(), "by": row.done_by, "how": row.done_how}, **detail,
    )  # fmt: skip
    row.done_at = row.done_by = row.done_how = row.reminded_at = None
