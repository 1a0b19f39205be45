"""What every table is made of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, DateTime, String
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, declarative_base
from sqlalchemy.types import TypeDecorator

Base: Any = declarative_base()


class CutString(TypeDecorator):  # type: ignore[type-arg]
    """Text of a limited length that is cut to it: a long word from the street never costs a report.

    PostgreSQL refuses text that is too long, SQLite takes it; with this both do the same.
    """

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """Cut, and leave out NUL, which PostgreSQL cannot hold."""
        return None if value is None else value.replace("\x00", "")[: self.impl.length]


class Person:
    """Columns of a row that came from a person on a channel."""

    channel = Column(String(32), nullable=False, default="rest")
    sender_id = Column(CutString(255), nullable=False, index=True)
    created_at = Column(DateTime, nullable=False)


class Draftable:
    """A row that comes of a draft: the same draft filed again (after a time-out, say) is found by its id."""

    draft_id = Column(String(64), nullable=True, unique=True)


def insert_new(session: Session, table: Any, **values: Any) -> bool:
    """Insert a row in one statement; False where a unique value of it is there already (another was faster)."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    done = session.execute(insert(table).values(**values).on_conflict_do_nothing())
    return bool(done.rowcount)
