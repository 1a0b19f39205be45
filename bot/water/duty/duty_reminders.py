"""Reminders of duties whose time runs out: one message an incident, to whom alarms go."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.sealed import fingerprint
from bot.storage.tables import Incident, IncidentDuty, OutageReport
from bot.water.duty.alarms import STALE, heading, is_forgotten, tell_on_duty
from bot.water.plan.duty_clocks import rank
from bot.water.words import grade_words, span, words

log = logging.getLogger(__name__)
_Due = tuple[Incident, Sequence[IncidentDuty]]

# A line is reminded of so long before it is due, once its time is over, and once more when it is long overdue.
SOON = timedelta(minutes=10)
OVER = timedelta(seconds=1)
LONG = timedelta(hours=1)
AT_MOST = 5  # lines in one message, and incidents that are told of one by one


def remind(session: Session, *, now: datetime) -> int:
    """Put the reminders that are due into the outbox; for how many incidents.

    Incidents without a grade and without danger are reminded of once, before the time is over: many a report is no
    incident of the plan, and a phone that rings all day is not heard. For the same reason more than `AT_MOST` incidents
    at once are one message. Where nobody can be told, it is tried again.
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
    asking = [
        (incident, due)
        for incident, rows in groups.values()
        if not is_forgotten(incident, now) and (due := _asking(session, incident, rows, now))
    ]
    return sum(
        _remind(session, together, now)
        for drill in (False, True)
        for together in _messages([one for one in asking if bool(one[0].drill) is drill])
    )


def _messages(asking: Sequence[_Due]) -> list[Sequence[_Due]]:
    """What is said together: of few incidents each by itself, of many all."""
    if len(asking) > AT_MOST:
        return [asking]
    return [[one] for one in asking]


def _asking(
    session: Session, incident: Incident, rows: Sequence[IncidentDuty], now: datetime
) -> Sequence[IncidentDuty]:
    """The lines that a reminder names; () where none is due for one."""
    grave = _grave(session, incident)
    if not grave:  # nor is anybody rung for all of them at a first start
        rows = [row for row in rows if row.due_at > now - LONG]
    marks = (-SOON, OVER, LONG) if grave else (-SOON,)
    return rows if any(_asks(row, marks, now) for row in rows) else ()


def _remind(session: Session, together: Sequence[_Due], now: datetime) -> int:
    (incident, rows), *more = together
    text = _text_of_many(together, now) if more else _text(incident, rows, now)
    first, *others = sorted(str(one.number) for one, _due in together)
    numbers = " ".join((first, *others))
    told = tell_on_duty(
        # Of many by the names of all: one of others, of a drill say, must not take the place of one that waits.
        session, text=text, kind="duty", reference=f"{first} {fingerprint('duties', numbers)}" if others else first,
        now=now, once=f"{numbers} {now.isoformat()}",
    )  # fmt: skip
    if not told:
        log.warning("duties of %s run out, and nobody of staff can be reached", numbers)
        return 0
    for _incident, due in together:
        for row in due:
            row.reminded_at = now
    return len(together)


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


def _text_of_many(together: Sequence[_Due], now: datetime) -> str:
    """One message for many incidents, the gravest first."""
    form = words()["alarms"]
    ordered = sorted(together, key=lambda one: rank(one[0].confirmed_grade or one[0].grade))
    drill = heading(ordered[0][0])["drill"]
    lines = [form["many"].format(drill=drill, n=len(ordered))]
    for incident, rows in ordered[:AT_MOST]:
        grade = grade_words(incident.confirmed_grade or incident.grade)
        head = {**heading(incident), "drill": ""}
        lines.append(form["one_of_many"].format(**head, grade=grade, n=len(rows)))
    lines.append(form["more_incidents"].format(n=len(ordered) - AT_MOST))
    return "\n".join(lines)


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
