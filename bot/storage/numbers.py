"""Numbers that people can read out on the phone: ``HN261123-007``."""

from __future__ import annotations

from datetime import datetime

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
