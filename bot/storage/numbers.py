"""Numbers that people can read out on the phone: ``HN261123-007``."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.storage.tables import Counter

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def next_number(session: Session, prefix: str, day: datetime) -> str:
    """The next number of a series and day: prefix, yymmdd, dash, three digits or more.

    The counter row is raised in one statement and stays locked until the caller commits, so two
    processes never give out one number twice.
    """
    series = f"{prefix}{day:%y%m%d}"
    insert = _INSERT[session.get_bind().dialect.name]
    session.execute(
        insert(Counter)
        .values(series=series, value=1)
        .on_conflict_do_update(index_elements=["series"], set_={"value": Counter.value + 1})
    )
    value = session.execute(select(Counter.value).where(Counter.series == series)).scalar_one()
    return f"{series}-{value:03d}"
