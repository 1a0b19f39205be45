"""Rows that are inserted in one statement, leaving out those that are there already."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.base import insert_all_new
from bot.storage.tables import IncidentDuty
from tests.water import desk


def test_many_rows_at_once(session: Session, now: datetime) -> None:
    """Of a table with a column called `to`, a word of SQL's own; twice, and nothing is there twice."""
    incident = desk.incident(session, at=now)
    row = {
        "incident_id": incident.id,
        "grade": "IV",
        "who": "甲",
        "what": "报",
        "clause": "4.2.1",
        "added_at": now,
    }
    rows = [row | {"key": "a", "to": "乙"}, row | {"key": "b", "to": None}]
    insert_all_new(session, IncidentDuty, rows)
    insert_all_new(session, IncidentDuty, rows)
    insert_all_new(session, IncidentDuty, [])
    query = select(IncidentDuty.key, IncidentDuty.to).where(IncidentDuty.incident_id == incident.id)
    assert dict(session.execute(query.order_by(IncidentDuty.key)).all()) == {"a": "乙", "b": None}
