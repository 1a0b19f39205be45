"""Incidents for the pages' tests: reports of a burst main, graded as the desk grades them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from bot.storage.database import session_scope
from bot.storage.tables import Handover, Incident
from bot.water.duty.duty_lines import sync_duties
from bot.water.incidents.assessing import refresh
from tests.water import desk

_Made = TypeVar("_Made")


def in_database(make: Callable[[Session], _Made]) -> _Made:
    with session_scope() as session:
        return make(session)


def burst(
    session: Session,
    now: datetime,
    *,
    households: int = 1200,
    hours: float = 40,
    reports: int = 3,
    **fields: Any,
) -> str:
    """An incident of so many households without water for so long; its number."""
    start = now - timedelta(hours=hours)
    found: Incident = desk.incident(session, at=fields.pop("opened_at", start), started_at=start, **fields)
    for number in range(reports):
        desk.report(
            session, found, created_at=start + timedelta(minutes=number), started_at=start, started_grain="minute", latest_start=start,
            households=households if number == 0 else 1, scope="street", phone=f"1391234{number:04d}",
            household=f"h{number}", lat=26.97 + number / 1000, lon=112.37, text="停水了，电话13912340001",
        )  # fmt: skip
    refresh(session, found, now=now)
    sync_duties(session, found, now=now)
    return str(found.number)


def asked(session: Session, now: datetime, **fields: Any) -> int:
    """Somebody asked for a person; the id."""
    given = {
        "reason": "asked", "text": "我要找人工，打13912340001", "urgent": False, "channel": "web", "sender_id": "web-a",
        "phone": "13912340001", "status": "open", **fields,
    }  # fmt: skip
    row = Handover(created_at=now, **given)
    session.add(row)
    session.flush()
    return int(row.id)
