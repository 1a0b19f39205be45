"""The reports of an incident added up: of each only the columns that count are read, and no object is made of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.storage.tables import OutageReport
from bot.water.incidents.states import OPEN, RESTORED, WITHDRAWN
from bot.water.plan.tally import Tally, Told, add_up

# One plain statement: PostgreSQL plans each anew, which for sums over windows takes longer than reading the rows.
_ROWS = select(
    OutageReport.channel, OutageReport.sender_id, OutageReport.household, OutageReport.problem,
    OutageReport.also_problems, OutageReport.latest_start, OutageReport.created_at, OutageReport.status,
    OutageReport.restored_at, OutageReport.households, OutageReport.casualties, OutageReport.urgent,
    OutageReport.vulnerable.is_not(None),  # not opened: that somebody is told of is all that counts
).where(OutageReport.incident_id == bindparam("incident"), OutageReport.status != WITHDRAWN).order_by(OutageReport.id)  # fmt: skip


def tally(session: Session, incident_id: int) -> Tally:
    """Add up the reports of an incident that were not withdrawn."""
    return add_up(told_of(session, incident_id))


def told_of(session: Session, incident_id: int) -> list[Told]:
    """What the reports of an incident tell that were not withdrawn, the oldest first."""
    session.flush()
    return [_told(*row) for row in session.connection().execute(_ROWS, {"incident": incident_id}).all()]


def told(report: OutageReport) -> Told:
    """What a report tells that may not be stored yet."""
    return _told(
        report.channel, report.sender_id, report.household, report.problem, report.also_problems,
        report.latest_start, report.created_at, report.status or OPEN, report.restored_at, report.households,
        report.casualties, report.urgent, report.vulnerable is not None,
    )  # fmt: skip


def person_of(channel: str, sender: str) -> str:
    """Who makes reports, as `Told.person` has it."""
    return f"{channel} {sender}"


def _told(
    channel: str, sender: str, household: str | None, problem: str, also: list[str] | None, latest_start: Any, created: Any,
    status: str, restored_at: Any, households: int | None, casualties: int | None, urgent: bool,
    vulnerable: bool,
) -> Told:  # fmt: skip
    person = person_of(channel, sender)
    # A report filed before households were told apart, or of somebody forgotten, counts by its sender.
    return Told(
        person=person, household=household or person, problems=(problem, *(also or ())), since=latest_start or created,
        start_told=latest_start is not None, back_at=_back_at(status, restored_at, created),
        households=households or 0, hurt=casualties or 0, urgent=bool(urgent),
        vulnerable=bool(vulnerable),
    )  # fmt: skip


def _back_at(status: str, restored_at: Any, created: Any) -> Any:
    """When the water was back; of one that is back at an unknown time when it was reported, for then it was still out."""
    if status == OPEN:
        return None
    return restored_at or (created if status == RESTORED else None)
