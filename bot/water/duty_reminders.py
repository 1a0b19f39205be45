"""Reminders of duties whose time runs out: one message an incident, to whom alarms go."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.tables import Incident, IncidentDuty, OutageReport
from bot.water.alarms import heading, tell_on_duty
from bot.water.words import grade_words, span, words

log = logging.getLogger(__name__)

# A line is reminded of so long before it is due, once its time is over, and once more when it is long overdue.
SOON = timedelta(minutes=10)
OVER = timedelta(seconds=1)
LONG = timedelta(hours=1)
STALE = timedelta(days=7)  # what is overdue for longer only stands on the board
AT_MOST = 5  # lines in one message


def remind(session: Session, *, now: datetime) -> int:
    """Put the reminders that are due into the outbox; for how many incidents.

    Incidents without a grade and without danger are reminded of once, before the time is over: many a report is no
    incident of the plan, and a phone that rings all day is not heard. Where nobody can be told, it is tried again.
    """
    query = (
        select(IncidentDuty, Incident)
        .join(Incident, Incident.id == IncidentDuty.incident_id)
        .where(
            IncidentDuty.done_at.is_(None), IncidentDuty.due_at <= now + SOON, IncidentDuty.due_at > now - STALE,
            IncidentDuty.dropped_at.is_(None), Incident.status == "open",
        )
        .order_by(IncidentDuty.due_at, IncidentDuty.id)
    )  # fmt: skip
    groups: dict[int, tuple[Incident, list[IncidentDuty]]] = {}
    for row, incident in session.execute(query):
        groups.setdefault(incident.id, (incident, []))[1].append(row)
    return sum(_remind(session, incident, rows, now) for incident, rows in groups.values())


def _remind(session: Session, incident: Incident, rows: Sequence[IncidentDuty], now: datetime) -> bool:
    grave = _grave(session, incident)
    if not grave:  # nor is anybody rung for all of them at a first start
        rows = [row for row in rows if row.due_at > now - LONG]
    marks = (-SOON, OVER, LONG) if grave else (-SOON,)
    if not any(_asks(row, marks, now) for row in rows):
        return False
    told = tell_on_duty(
        session, text=_text(incident, rows, now), kind="duty", reference=incident.number, now=now,
        once=f"{incident.number} {now.isoformat()}",
    )  # fmt: skip
    if not told:
        log.warning("a duty of %s runs out, and nobody of staff can be reached", incident.number)
        return False
    for row in rows:
        row.reminded_at = now
    return True


def _grave(session: Session, incident: Incident) -> bool:
    if incident.grade or incident.confirmed_grade:
        return True
    urgent = select(OutageReport.id).where(
        OutageReport.incident_id == incident.id, OutageReport.urgent.is_(True)
    )
    return session.execute(urgent.limit(1)).first() is not None


def _asks(row: IncidentDuty, marks: Sequence[timedelta], now: datetime) -> bool:
    """Whether one of the line's marks has passed since it was last reminded of."""
    return any(
        row.due_at + mark <= now and (row.reminded_at is None or row.reminded_at < row.due_at + mark)
        for mark in marks
    )


def _text(incident: Incident, rows: Sequence[IncidentDuty], now: datetime) -> str:
    form = words()["alarms"]
    grade = grade_words(incident.confirmed_grade or incident.grade)
    lines = [form["duties"].format(**heading(incident), grade=grade, n=len(rows))]
    for row in rows[:AT_MOST]:
        due = f"{row.due_at:%H:%M}" if row.due_at.date() == now.date() else f"{row.due_at:%m-%d %H:%M}"
        said = form["overdue" if now > row.due_at else "soon"]
        lines.append(
            said.format(
                left=span(row.due_at - now), who=row.who, to=row.to or row.what, due=due, clause=row.clause
            )
        )
    if len(rows) > AT_MOST:
        lines.append(form["more"].format(n=len(rows) - AT_MOST))
    return "\n".join(lines)
