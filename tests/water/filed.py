"""A report filed in one line, for the tests of incidents."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.tables import Incident, OutageReport
from bot.water.reporting.reports import Filed, file_report
from bot.water.talk.draft import Draft
from tests.conftest import NOW

HOUR = timedelta(hours=1)


def filed(
    session: Session, sender: str = "a", *, at: datetime = NOW, channel: str = "rest", drill: bool = False,
    township: str | None = "三塘镇", detail: str = "金盘小区", hours: float | None = 1, **fields: Any,
) -> Filed:  # fmt: skip
    """File a report of no water that began `hours` before `at` (None: no start told), with `fields` changed."""
    known: dict[str, Any] = {
        "problems": ("no_water",), "township": township, "detail": detail, "place": f"{township or ''}{detail}",
        "started_at": None if hours is None else (at - hours * HOUR).isoformat(), "started_text": "x",
        "started_grain": "hour",
    }  # fmt: skip
    draft = Draft(**{**known, **fields})
    return file_report(session, draft=draft, channel=channel, sender=sender, now=at, drill=drill)


def incident_of(session: Session, done: Filed) -> Incident:
    """The incident that a report was put into."""
    return session.scalars(select(Incident).where(Incident.number == done.incident)).one()


def report_of(session: Session, done: Filed) -> OutageReport:
    """The stored report."""
    return session.scalars(select(OutageReport).where(OutageReport.number == done.number)).one()
