"""The duties of an incident as lines with clocks: who tells whom by when, what is done, what is overdue.

A line is there once a grade asks for it, also while the grade waits for staff: the plan's half hours run from the
alert and the event, not from a click (docs/decisions/0009). What was done stays on record whatever the grade becomes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import BadInput, NotFound
from bot.storage.base import insert_all_new
from bot.storage.tables import Incident, IncidentDuty
from bot.water.duty.duty_board import DutyLine, lines_of
from bot.water.incidents.assessing import outside_supply_area
from bot.water.incidents.history import note
from bot.water.incidents.moments import began, find_incident, locked, name_of, said_moments
from bot.water.incidents.states import MERGED, OPEN
from bot.water.plan.duties import all_duties
from bot.water.plan.duty_clocks import (
    MOMENTS,
    RAISED,
    Grades,
    Moments,
    Wanted,
    clock_of,
    grades_now,
    moment_of,
    wanted_lines,
)

__all__ = [
    "DutyLine",
    "duty_board",
    "duty_lines",
    "grades_of",
    "overdue",
    "set_moment",
    "sync_duties",
    "tick",
    "untick",
]

DECISIONS = ("confirmed", "overridden")


def grades_of(incident: Any) -> Grades:
    """The grade that staff confirmed and the one that waits for them, of an incident or a row with its columns."""
    decided = incident.confirmed_at is not None
    return grades_now(
        worked_out=incident.grade, confirmed=incident.confirmed_grade, decided=decided,
        seen=incident.seen_grade if decided else None,
        applies=outside_supply_area(incident.township) is not True,
    )  # fmt: skip


def sync_duties(
    session: Session, incident: Incident, *, now: datetime, reached: datetime | None = None
) -> None:
    """Bring the lines to the grades that count now: new ones are added, those not asked any more are marked.

    A line's due time is fixed when it is added. `reached` is when the grade was reached, where that was earlier
    than `now` (time alone raised it).
    """
    if incident.status == MERGED:
        return
    session.flush()
    rows = _rows(session, incident)
    wanted = {line.key: line for line in wanted_lines(grades_of(incident), rows)}
    new = [line for key, line in wanted.items() if key not in rows]
    if new:
        moments = _moments(session, incident, min(reached or now, now))
        # Two processes may add a line at once: the first has it.
        insert_all_new(session, IncidentDuty, [_values(incident, line, moments, now) for line in new])
    for key, row in rows.items():
        if key in wanted and row.dropped_at is not None:
            row.dropped_at, row.reminded_at = None, None
        elif key not in wanted and row.dropped_at is None:
            row.dropped_at = now
    session.flush()


def _values(incident: Incident, line: Wanted, moments: Moments, now: datetime) -> dict[str, Any]:
    start, due = clock_of(line, moments)
    duty = line.duty
    return {
        "incident_id": incident.id, "key": line.key, "grade": line.grade, "who": duty.who, "to": duty.to,
        "what": duty.what, "clause": duty.clause, "counted_from": start, "due_at": due, "added_at": now,
    }  # fmt: skip


def _rows(session: Session, incident: Incident) -> dict[str, IncidentDuty]:
    # Read anew: lines are added past the session, and another process may have ticked one.
    query = select(IncidentDuty).where(IncidentDuty.incident_id == incident.id).order_by(IncidentDuty.id)
    return {row.key: row for row in session.scalars(query.execution_options(populate_existing=True))}


def _moments(session: Session, incident: Incident, reached: datetime) -> Moments:
    start, exact = began(session, incident)
    opened: datetime = incident.opened_at
    event = min(start, opened) if start is not None and exact else opened
    return Moments(
        alert=opened, incident=event, reached=reached, said=_of_file(said_moments(session, incident))
    )


def _of_file(said: dict[str, datetime]) -> dict[str, datetime]:
    """Without the moment of a grade: it was put right for one grade, and says nothing of the next."""
    return {name: at for name, at in said.items() if name != "grade"}


def tick(
    session: Session, *, incident: Incident | str, key: str, by: str | None, how: str, now: datetime,
    at: datetime | None = None,
) -> DutyLine:  # fmt: skip
    """A duty is done: `at` (None: now), in the way `how` says. Done twice, the first time counts.

    Raises:
        NotFound: there is no such incident or line.
        BadInput: `at` lies in the future, or before the incident began.
    """
    found, row = _line(session, incident, key)
    if row.done_at is None:
        done = at or now
        _check_time(session, found, done, now)
        row.done_at, row.done_by, row.done_how = done, by, how.strip() or None
        note(
            session, found, "duty", at=now, by=by, key=row.key, clause=row.clause, done=True, how=how.strip(),
            done_at=done.isoformat(), due_at=row.due_at.isoformat() if row.due_at else None,
        )  # fmt: skip
    return _one(session, found, row, now)


def untick(
    session: Session, *, incident: Incident | str, key: str, by: str | None, now: datetime, reason: str = ""
) -> DutyLine:
    """A duty was ticked by mistake; that it was stays in the history.

    Raises:
        NotFound: there is no such incident or line.
    """
    found, row = _line(session, incident, key)
    if row.done_at is not None:
        note(
            session, found, "duty", at=now, by=by, key=row.key, clause=row.clause, done=False,
            reason=reason.strip(), was={"at": row.done_at.isoformat(), "by": row.done_by, "how": row.done_how},
        )  # fmt: skip
        row.done_at = row.done_by = row.done_how = row.reminded_at = None
    return _one(session, found, row, now)


def _line(session: Session, incident: Incident | str, key: str) -> tuple[Incident, IncidentDuty]:
    found = locked(session, incident)
    query = select(IncidentDuty).where(IncidentDuty.incident_id == found.id, IncidentDuty.key == key)
    row = session.scalars(query.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound(f"事件 {found.number} 没有“{key}”这一项职责。请刷新页面，看现在有哪些。")
    return found, row


def _check_time(session: Session, incident: Incident, at: datetime, now: datetime) -> None:
    if at > now:
        raise BadInput(
            f"办好的时间 {at:%m-%d %H:%M} 还没到，现在是 {now:%m-%d %H:%M}。请改成已经办好的时间。"
        )
    start, _exact = began(session, incident)
    first = min(start, incident.opened_at) if start else incident.opened_at
    if at < first:
        raise BadInput(
            f"办好的时间 {at:%m-%d %H:%M} 早于事件开始的 {first:%m-%d %H:%M}。请核对日期和时间；"
            "如果事件开始得更早，先改事发时间。"
        )


def set_moment(
    session: Session, *, number: str, which: str, at: datetime, by: str | None, now: datetime, reason: str
) -> None:
    """Put right the moment that clocks count from: "alert", "incident", "report", or "grade" (when it was reached).

    Due times that rest on it move with it, and the history says from what to what, and why.

    Raises:
        NotFound: there is no such incident.
        BadInput: no such moment, `at` lies in the future, or no reason is given.
    """
    incident = locked(session, number)
    if which not in MOMENTS:
        raise BadInput(f"没有“{which}”这个起算时间，可改的是 {'、'.join(MOMENTS)}。")
    if not reason.strip():
        raise BadInput("改起算时间要写理由：时限会跟着变。")
    if at > now:
        raise BadInput(f"起算时间 {at:%m-%d %H:%M} 还没到，现在是 {now:%m-%d %H:%M}。")
    moved = []
    for row in _rows(session, incident).values():
        duty = all_duties().get(row.key.removesuffix(RAISED))
        if duty is None or row.due_at is None or moment_of(duty) != which:
            continue
        if which == "grade" and row.dropped_at is not None:
            continue
        moved.append({"key": row.key, "was": row.due_at.isoformat()})
        row.due_at = at + (row.due_at - row.counted_from)
        row.counted_from, row.reminded_at = at, None
    if which == "incident":
        incident.started_at = at
    note(
        session, incident, "fact", at=now, by=by, name=name_of(which), value=at.isoformat(),
        reason=reason.strip(), moved=moved,
    )  # fmt: skip


def duty_board(session: Session, incident: Incident, now: datetime) -> tuple[DutyLine, ...]:
    """Every line of the incident in the plan's order: open, done, and those that no grade asks any more."""
    return lines_of(incident, _rows(session, incident).values(), grades_of(incident), now)


def overdue(session: Session, now: datetime) -> tuple[DutyLine, ...]:
    """The lines of open incidents that are not done and whose time is over, the longest overdue first."""
    query = (
        select(IncidentDuty, Incident)
        .join(Incident, Incident.id == IncidentDuty.incident_id)
        .where(
            IncidentDuty.done_at.is_(None), IncidentDuty.due_at < now, IncidentDuty.dropped_at.is_(None),
            Incident.status == OPEN,
        )
        .order_by(IncidentDuty.due_at, IncidentDuty.id)
    )  # fmt: skip
    rows = session.execute(query).all()
    grades = {incident.id: grades_of(incident) for _row, incident in rows}
    return tuple(lines_of(incident, [row], grades[incident.id], now)[0] for row, incident in rows)


def duty_lines(session: Session, now: datetime, *, number: str | None = None) -> Iterator[dict[str, Any]]:
    """The lines as `wuchang duties` prints them: of one incident all, of the open ones those that are asked or done.

    Raises:
        NotFound: there is no incident of this number.
    """
    query = select(Incident).where(Incident.status == OPEN).order_by(Incident.id)
    found = [find_incident(session, number)] if number else session.scalars(query).all()
    for incident in found:
        for line in duty_board(session, incident, now):
            if number or line.state != "dropped":
                yield line.as_dict()


def _one(session: Session, incident: Incident, row: IncidentDuty, now: datetime) -> DutyLine:
    session.flush()
    return lines_of(incident, [row], grades_of(incident), now)[0]
