"""Numbers that people can read out on the phone: ``HN261123-007``."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

# In words: SQLAlchemy 1.4 cannot say RETURNING to SQLite, which knows it since 3.35.
_RAISE = text(
    "INSERT INTO counter (series, value) VALUES (:series, 1)"
    " ON CONFLICT (series) DO UPDATE SET value = counter.value + 1 RETURNING value"
)


def next_number(session: Session, prefix: str, day: datetime) -> str:
    """The next number of a series and day: prefix, yymmdd, dash, three digits or more.

    The counter row is raised in one statement and stays locked until the caller commits, so two
    processes never give out one number twice.
    """
    series = f"{prefix}{day:%y%m%d}"
    session.flush()
    return f"{series}-{session.connection().scalar(_RAISE, {'series': series}):03d}"


def number_of_new(session: Session, prefix: str, day: datetime, table: Any, draft_id: str) -> str | None:
    """`next_number` for a row of `table` (a `Draftable`); None, and no number is used up, where the draft has one already.

    Both in one statement, for each takes a trip to the database.
    """
    series = f"{prefix}{day:%y%m%d}"
    session.flush()
    asked = {"series": series, "draft": draft_id}
    value = session.connection().scalar(_raise_unless_filed(table.__tablename__), asked)
    return None if value is None else f"{series}-{value:03d}"


@cache
def _raise_unless_filed(table: str) -> Any:
    return text(
        f"INSERT INTO counter (series, value) SELECT :series, 1 WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE draft_id = :draft)"
        " ON CONFLICT (series) DO UPDATE SET value = counter.value + 1 RETURNING value"
    )
