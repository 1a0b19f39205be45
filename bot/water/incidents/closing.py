"""An incident is closed by staff, its reporters are asked whether the water is back, and enough "no" opens it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.errors import BadInput, NotFound
from bot.storage.tables import Handover, Incident, OutageReport, RestoredAnswer
from bot.texts import word
from bot.water.duty import alarms
from bot.water.duty.carried import end_anew
from bot.water.incidents.answered import (
    answers_of,
    asked_of,
    counted,
    is_enough,
    mark_reports,
    round_of,
)
from bot.water.incidents.assessing import refresh
from bot.water.incidents.history import note
from bot.water.incidents.moments import find_incident, locked
from bot.water.incidents.response import running_grade
from bot.water.incidents.states import CLOSED, OPEN
from bot.water.telling import notices, telling
from bot.water.telling.news import open_incident
from bot.water.telling.reaching import listeners
from bot.water.telling.shown_places import area_of_incident
from bot.water.words import short_grade

NOT_RESTORED = "not_restored"  # reason of the handover that a single "no" leaves


@dataclass(frozen=True)
class Closed:
    """An incident that was closed: the reports closed with it, and how many people are asked."""

    number: str
    reports: tuple[str, ...]
    asked: int


@dataclass(frozen=True)
class Answered:
    """What a reporter said: of which incident, `place` as anybody may read it, whether it was opened again by it."""

    number: str
    place: str
    back: bool
    reopened: bool


def close_incident(session: Session, *, number: str, by: str, now: datetime, reason: str = "") -> Closed:
    """Close an incident and its open reports; their senders are asked whether the water is back, subscribers told.

    Args:
        reason: why it is closed while a response runs whose end was not declared (5.4.2, 5.5); the history keeps it.

    Raises:
        NotFound, BadInput: there is no such incident, it is not open, or a response runs and no reason is given.
    """
    # Locked: a report that joins at this moment is either closed with it or opens one of its own.
    incident = locked(session, open_incident(session, number))
    _still(incident, OPEN)
    early = _before_the_end(session, incident, reason.strip())
    telling.drop_waiting(session, incident)
    reports = session.scalars(
        select(OutageReport)
        .where(OutageReport.incident_id == incident.id, OutageReport.status == OPEN)
        .order_by(OutageReport.id)
    ).all()
    for report in reports:
        report.status = CLOSED
    incident.status, incident.closed_at, incident.expected_at = CLOSED, now, None
    round_ = round_of(session, incident) + 1
    note(session, incident, "closed", at=now, by=by, round=round_, **early)
    fitting = [report for report in reports if bool(report.drill) == bool(incident.drill)]
    people = [
        (person.channel, person.sender)
        for person in listeners(session, [(report.channel, report.sender_id) for report in fitting])
    ]
    session.add_all(
        RestoredAnswer(
            incident_id=incident.id, round=round_, channel=channel, sender_id=sender, created_at=now
        )
        for channel, sender in people
    )
    telling.tell_reporters(
        session, incident, what=telling.RESTORED, now=now, by=by, only=people, round=round_
    )
    telling.tell_subscribers(session, incident, what=telling.OVER, now=now, round_=round_)
    notices.withdraw(session, incident, by=by, now=now)
    session.flush()
    return Closed(incident.number, tuple(report.number for report in reports), len(people))


def close_report(
    session: Session, *, number: str, by: str, now: datetime, reason: str = ""
) -> tuple[str, ...]:
    """Close one report; with the last open one of an incident that is closed too, as `close_incident` does it.

    Returns:
        The numbers closed.

    Raises:
        NotFound: there is no such report.
        BadInput: it is not open any more (its person took it back, say), or it is the last one of an incident of which
            a response runs, and no reason is given.
    """
    wanted = number.strip().upper()
    report = session.scalars(select(OutageReport).where(OutageReport.number == wanted)).first()
    if report is None:
        raise NotFound(f"没有报修 {number.strip()[:32]}；全部编号见 wuchang reports。")
    incident = report.incident
    if report.status != OPEN:
        raise BadInput(f"报修 {report.number} 已经结束、恢复或者撤回了，不用再结束。")
    if incident is not None and incident.status == OPEN:
        others = select(OutageReport.id).where(
            OutageReport.incident_id == incident.id, OutageReport.status == OPEN, OutageReport.id != report.id
        )
        if session.execute(others.limit(1)).first() is None:
            done = close_incident(session, number=incident.number, by=by, now=now, reason=reason)
            return (done.number, *done.reports)
    report.status, report.restored_at = CLOSED, now
    if incident is not None and incident.status == OPEN:
        refresh(session, incident, now=now)
    return (str(report.number),)


def _before_the_end(session: Session, incident: Incident, reason: str) -> dict[str, str]:
    """What the history says of an incident that is closed while its response runs; {} where none does."""
    running = running_grade(session, incident)
    if running is None:
        return {}
    if not reason:
        raise BadInput(
            f"{short_grade(running)}响应还没有宣布结束（5.4.2、5.5）。请先在“响应”里办完终止的几步；"
            "要先结束事件，请写理由。"
        )
    return {"running": running, "reason": reason}


def _still(incident: Incident, status: str) -> None:
    """Somebody else may have been faster."""
    if incident.status != status:
        raise BadInput(f"事件 {incident.number} 刚刚被别人改了，请刷新页面再看。")


def reopen(session: Session, *, number: str, by: str | None, now: datetime, reason: str = "") -> Incident:
    """Open a closed incident again with the reports of who did not say that the water is back; they are told.

    What was done for its end is to be done again.

    Raises:
        NotFound, BadInput: there is no such incident, or it is not closed.
    """
    incident = find_incident(session, number)
    if incident.status != CLOSED:
        raise BadInput(f"事件 {incident.number} 没有结束，不用重新打开。")
    _still(locked(session, incident), CLOSED)
    _reopen(session, incident, by=by, now=now, reason=reason, but=None)
    return incident


def answer(
    session: Session, *, channel: str, sender: str, back: bool, now: datetime, number: str | None = None
) -> Answered | None:
    """A reporter says whether the water is back, of incident `number` or of the one they were asked of last.

    A later word counts instead of an earlier one. None where they were not asked within `ANSWER_WITHIN`.
    """
    asked = asked_of(session, channel, sender, now, number)
    if asked is None:
        return None
    # Locked: of two who say no at once each would count alone.
    incident = locked(session, session.get(Incident, asked.incident_id))
    first_no = not back and asked.back is not False
    asked.back, asked.answered_at = back, now
    mark_reports(session, incident, asked, back, now)
    session.flush()
    if incident.status == OPEN:  # opened again since: its hours run on, or no longer, by this word
        refresh(session, incident, now=now)
    place = area_of_incident(incident)
    again = not back and incident.status == CLOSED and is_enough(counted(session, incident, asked.round))
    if again:
        _reopen(session, incident, by=None, now=now, reason="reporters", but=(channel, sender))
        _alarm(session, incident, now)
    elif first_no and incident.status == CLOSED and not incident.drill:
        session.add(_for_staff(session, incident, asked, now))
    return Answered(incident.number, place, back, again)


def asked_about(session: Session, *, channel: str, sender: str, now: datetime) -> str | None:
    """The place of the incident that a person was asked of last; None where they were not."""
    asked = asked_of(session, channel, sender, now, None)
    return None if asked is None else area_of_incident(session.get(Incident, asked.incident_id))


def _reopen(
    session: Session,
    incident: Incident,
    *,
    by: str | None,
    now: datetime,
    reason: str,
    but: tuple[str, str] | None,
) -> None:
    telling.drop_waiting(session, incident)
    said = answers_of(session, incident)
    incident.status, incident.closed_at = OPEN, None
    # It goes on: its alarms ring, and reports join it.
    incident.last_report_at = max(incident.last_report_at, now)
    # What time raises from here on counts from now: while it was closed nobody could have told anybody.
    incident.next_grade, incident.next_grade_at, incident.next_clause = None, None, None
    session.flush()
    note(
        session, incident, "reopened", at=now, by=by, reason=reason, round=said.round, back=said.back,
        not_back=said.not_back,
    )  # fmt: skip
    end_anew(session, incident, by=by, now=now)
    session.execute(
        update(OutageReport)
        .where(OutageReport.incident_id == incident.id, OutageReport.status == CLOSED)
        .values(status=OPEN, restored_at=None)
        .execution_options(synchronize_session="fetch")
    )
    refresh(session, incident, now=now)  # its clocks run again
    asked = session.execute(
        select(RestoredAnswer.channel, RestoredAnswer.sender_id).where(
            RestoredAnswer.incident_id == incident.id, RestoredAnswer.round == said.round,
            RestoredAnswer.back.is_not(True),
        )
    )  # fmt: skip
    people = [tuple(row) for row in asked if tuple(row) != but]
    telling.tell_reporters(
        session, incident, what=telling.REOPENED, now=now, by=by, only=people, round=said.round
    )
    telling.tell_subscribers(session, incident, what=telling.NEWS, now=now, round_=said.round + 1)
    notices.publish(session, incident, by=by, now=now)


def _for_staff(session: Session, incident: Incident, asked: RestoredAnswer, now: datetime) -> Handover:
    """A single household without water after the incident was closed, for staff to look at."""
    report = session.scalars(
        select(OutageReport)
        .where(
            OutageReport.incident_id == incident.id, OutageReport.channel == asked.channel,
            OutageReport.sender_id == asked.sender_id,
        )
        .order_by(OutageReport.id.desc())
    ).first()  # fmt: skip
    place = report.place if report else area_of_incident(incident)
    number = f" {report.number}" if report else ""
    return Handover(
        reason=NOT_RESTORED, urgent=False, channel=asked.channel, sender_id=asked.sender_id, created_at=now,
        phone=report.phone if report else None, text=f"{incident.number}{number} {place}",
    )  # fmt: skip


def _alarm(session: Session, incident: Incident, now: datetime) -> None:
    """Who is on duty is told, at night too."""
    said = answers_of(session, incident)
    mark = word("drill_mark", "zh") if incident.drill else ""
    text = word(
        "staff_reopened",
        "zh",
        number=incident.number,
        place=area_of_incident(incident),
        count=said.not_back,
    )
    alarms.tell_on_duty(
        session, text=f"{mark}{text}", kind="reopened", reference=incident.number, once=f"{incident.number} {said.round}",
        now=now,
    )  # fmt: skip
