"""Engine, sessions and migrations.

The session is the unit of work: use cases take it first, the caller commits::

    with session_scope() as session:
        file_report(session, ...)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.orm import Session

from bot.settings import ROOT, settings

MIGRATIONS = Path(__file__).parent / "migrations"


def sqlite_pragmas(connection: Any, _record: Any) -> None:
    """Settings of each SQLite connection, as a listener of the engine's "connect"."""
    # Readers and one writer side by side (the action server, Rasa and the commands share the file).
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def resolve_url(url: str) -> str:
    """`url` with a relative SQLite path taken from the project's root; its folder is made."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
        path = ROOT / parsed.database
        path.parent.mkdir(parents=True, exist_ok=True)
        parsed = parsed.set(database=str(path))
    return str(parsed.render_as_string(hide_password=False))


def make_engine(url: str) -> Engine:
    """Engine for `url` (see `resolve_url`)."""
    parsed = make_url(resolve_url(url))
    engine = create_engine(parsed, future=True, pool_pre_ping=parsed.get_backend_name() != "sqlite")
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", sqlite_pragmas)
    return engine


@lru_cache(maxsize=4)
def engine_for(url: str) -> Engine:
    """One engine a process and address."""
    return make_engine(url)


@contextmanager
def session_scope(url: str | None = None) -> Iterator[Session]:
    """A session that commits at the end, or rolls back if anything is raised."""
    with Session(engine_for(url or settings().database_url), future=True) as session, session.begin():
        yield session


def migrate(url: str | None = None, *, revision: str = "head") -> None:
    """Bring the database up to `revision`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine_for(url or settings().database_url)
    command.upgrade(config, revision)
