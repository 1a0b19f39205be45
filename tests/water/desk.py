"""Incidents of the desk for tests: made without a conversation, decided on without the grading."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from bot.storage.tables import Incident, OutageReport
from bot.water.duty.duty_lines import sync_duties
from bot.water.incidents.history import note

OPENED = datetime(2026, 11, 23, 18, 0)
_serial = count(1)


def incident(session: Session, *, at: datetime = OPENED, **fields: Any) -> Incident:
    """An open incident at 三塘镇老街, opened `at`."""
    known: dict[str, Any] = {
        "number": f"SJ{at:%y%m%d}-{next(_serial):03d}", "kind": "supply", "status": "open", "township": "三塘镇",
        "area": "老街", "opened_at": at, "last_report_at": at, "facts": {}, "clauses": [],
    }  # fmt: skip
    found = Incident(**{**known, **fields})
    session.add(found)
    session.flush()
    return found


def report(session: Session, found: Incident, **fields: Any) -> OutageReport:
    """A report of no water in `found`."""
    at = fields.get("created_at", found.opened_at)
    known: dict[str, Any] = {
        "number": f"HN{at:%y%m%d}-{next(_serial):03d}", "township": found.township, "place": "三塘镇老街",
        "problem": "no_water", "status": "open", "channel": "rest", "sender_id": f"p{next(_serial)}",
        "created_at": at, "incident": found,
    }  # fmt: skip
    made = OutageReport(**{**known, **fields})
    session.add(made)
    session.flush()
    return made


def worked_out(session: Session, found: Incident, grade: str | None, *, at: datetime) -> None:
    """The facts give `grade` now."""
    found.grade, found.graded_at = grade, at
    sync_duties(session, found, now=at)


def decide(session: Session, found: Incident, grade: str | None, *, at: datetime) -> None:
    """Staff give it `grade`."""
    found.confirmed_grade, found.confirmed_at, found.seen_grade = grade, at, found.grade
    note(session, found, "overridden", at=at, by="陈", grade=grade, worked_out=found.grade)
    sync_duties(session, found, now=at)
