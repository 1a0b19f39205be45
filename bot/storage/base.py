"""What every table is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, DateTime, String, bindparam, text
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


def insert_new(session: Session, model: Any, **values: Any) -> bool:
    """Insert a row in one statement; False where a unique value of it is there already (another was faster)."""
    return bool(session.connection().execute(_insert(model.__table__, tuple(values)), values).rowcount)


def insert_all_new(session: Session, model: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows at once (each with the same columns), leaving out those of which a unique value is there already."""
    if rows:
        session.connection().execute(_insert(model.__table__, tuple(rows[0])), list(rows))


@lru_cache(maxsize=64)
def _insert(table: Any, names: tuple[str, ...]) -> Any:
    """The statement, made once: making it anew costs more than running it.

    As text, for SQLAlchemy compiles an insert with ON CONFLICT each time (its `inherit_cache` is off). SQLite and
    PostgreSQL spell it alike, and both take names between double quotes (`to` is a word of SQL's own).
    """
    given = [table.c[name] for name in names]
    defaults = [column for column in table.c if column.default is not None and column.name not in names]
    columns = [*given, *defaults]
    listed = ", ".join(f'"{column.name}"' for column in columns)  # `to` of a duty is a word of SQL
    values = ", ".join(f":{column.name}" for column in columns)
    parameters = [
        *(bindparam(column.name, type_=column.type) for column in given),
        *(bindparam(column.name, column.default.arg, type_=column.type) for column in defaults),
    ]
    statement = f'INSERT INTO "{table.name}" ({listed}) VALUES ({values}) ON CONFLICT DO NOTHING'
    return text(statement).bindparams(*parameters)
