"""The reports of an incident added up: of each only the columns that count are read, and no object is made of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.storage.tables import OutageReport
from bot.water.incidents.states import OPEN, WITHDRAWN
from bot.water.plan.tally import Tally, Told, add_up

# One plain statement: PostgreSQL plans each anew, which for sums over windows takes longer than reading the rows.
_ROWS = select(
    OutageReport.channel, OutageReport.sender_id, OutageReport.household, OutageReport.problem,
    OutageReport.also_problems, OutageReport.latest_start, OutageReport.created_at, OutageReport.status,
    OutageReport.restored_at, OutageReport.households, OutageReport.casualties, OutageReport.urgent,
).where(OutageReport.incident_id == bindparam("incident"), OutageReport.status != WITHDRAWN)  # fmt: skip


def tally(session: Session, incident_id: int) -> Tally:
    """Add up the reports of an incident that were not withdrawn."""
    session.flush()
    rows = session.connection().execute(_ROWS, {"incident": incident_id}).all()
    return add_up([_told(*row) for row in rows])


def _told(
    channel: str, sender: str, household: str | None, problem: str, also: list[str] | None, latest_start: Any, created: Any,
    status: str, restored_at: Any, households: int | None, casualties: int | None, urgent: bool,
) -> Told:  # fmt: skip
    person = f"{channel} {sender}"
    # A report filed before households were told apart, or of somebody forgotten, counts by its sender.
    return Told(
        person=person, household=household or person, problems=(problem, *(also or ())), since=latest_start or created,
        start_told=latest_start is not None, back_at=None if status == OPEN else restored_at,
        households=households or 0, hurt=casualties or 0, urgent=bool(urgent),
    )  # fmt: skip
