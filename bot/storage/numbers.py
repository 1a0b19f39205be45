"""Numbers that people can read out on the phone: ``HN261123-007``."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.storage.tables import Counter

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_VALUE = select(Counter.value).where(Counter.series == bindparam("its_series"))


def next_number(session: Session, prefix: str, day: datetime) -> str:
    """The next number of a series and day: prefix, yymmdd, dash, three digits or more.

    The counter row is raised in one statement and stays locked until the caller commits, so two
    processes never give out one number twice.
    """
    series = f"{prefix}{day:%y%m%d}"
    session.flush()
    connection = session.connection()
    connection.execute(_raise(connection.dialect.name), {"series": series, "value": 1})
    return f"{series}-{connection.scalar(_VALUE, {'its_series': series}):03d}"


@cache
def _raise(dialect: str) -> Any:
    """The statement, made once: making it anew costs more than running it."""
    raised = {"value": Counter.value + 1}
    return (
        _INSERT[dialect](Counter.__table__).on_conflict_do_update(index_elements=["series"], set_=raised)
    )  # fmt: skip
