"""The desk's clock: what is to be done each minute, whether or not anybody looks at the desk."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.storage.tables import Incident
from bot.water.duty import alarms, duty_reminders, passing_on
from bot.water.duty.duty_lines import grades_of
from bot.water.incidents.assessing import refresh, to_grade
from bot.water.incidents.moments import locked
from bot.water.incidents.states import OPEN
from bot.water.telling import planned

log = logging.getLogger(__name__)


def tick_all(session: Session, now: datetime) -> None:
    """One pass: alarms, grades that time raises and their duties, reminders, what people are told a day before.

    Each is done by itself: one incident that cannot be graded keeps nobody else from being warned.
    """
    _by_itself(session, "alarms", lambda: alarms.alarm_waiting(session, now=now))
    for incident in to_grade(session, now):
        _by_itself(session, f"grading {incident.number}", _grading(session, incident, now))
    _by_itself(session, "passing on", lambda: passing_on.pass_on_waiting(session, now=now))
    _by_itself(session, "grades that wait", lambda: _alarm_grades(session, now))
    _by_itself(session, "reminders", lambda: duty_reminders.remind(session, now=now))
    _by_itself(session, "planned outages", lambda: planned.due_tellings(session, now))


def _by_itself(session: Session, what: str, work: Callable[[], Any]) -> None:
    try:
        with session.begin_nested():
            work()
    except Exception:
        log.exception("the desk's clock: %s failed", what)


def _grading(session: Session, incident: Incident, now: datetime) -> Callable[[], Any]:
    def work() -> None:
        # Read anew: a report may have come in, or staff have closed it, since the clock looked what there is to do.
        if locked(session, incident).status == OPEN:
            refresh(session, incident, now=now)

    return work


def _alarm_grades(session: Session, now: datetime) -> None:
    query = select(Incident).where(
        Incident.status == OPEN,
        Incident.grade.is_not(None),
        or_(
            Incident.confirmed_at.is_(None),
            Incident.confirmed_grade.is_(None),
            Incident.confirmed_grade != Incident.grade,
        ),
    )
    for incident in session.scalars(query.order_by(Incident.id)):
        pending = grades_of(incident).pending
        if pending and not alarms.is_forgotten(incident, now):
            alarms.alarm_grade(session, incident, pending, now=now)
