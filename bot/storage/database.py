"""Engine, sessions and migrations.

The session is the unit of work: use cases take it first, the caller commits::

    with session_scope() as session:
        file_report(session, ...)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from bot.locks import alone
from bot.settings import ROOT, settings
from bot.storage.pinging import ping_where_needed

_MIGRATION_KEY = 20211020
MIGRATIONS = Path(__file__).parent / "migrations"


def sqlite_pragmas(connection: Any, _record: Any) -> None:
    """Settings of each SQLite connection, as a listener of the engine's "connect"."""
    # Readers and one writer side by side (the action server, Rasa and the commands share the file).
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def resolve_url(url: str) -> str:
    """`url` with a relative SQLite path taken from the project's root; its folder is made, for the owner alone."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
        path = ROOT / parsed.database
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        parsed = parsed.set(database=str(path))
    return str(parsed.render_as_string(hide_password=False))


def make_engine(url: str) -> Engine:
    """Engine for `url` (see `resolve_url`)."""
    parsed = make_url(resolve_url(url))
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(parsed, future=True, hide_parameters=True)
        ping_where_needed(engine)
        return engine
    if parsed.database in (None, "", ":memory:"):
        engine = create_engine(parsed, future=True)
    else:
        _for_the_owner_alone(Path(parsed.database))
        # SQLAlchemy 1.4 opens a SQLite file anew each time; kept connections save 2 ms a turn.
        pool = {"poolclass": QueuePool, "connect_args": {"check_same_thread": False}}
        engine = create_engine(parsed, future=True, hide_parameters=True, **pool)
    event.listen(engine, "connect", sqlite_pragmas)
    return engine


def _for_the_owner_alone(path: Path) -> None:
    # Photos and places stand in it unencrypted. SQLite gives what it makes beside it (-wal, -shm) the same mode.
    with suppress(PermissionError):  # somebody else's file, which may still be read
        path.touch(mode=0o600)
        for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            with suppress(FileNotFoundError):
                file.chmod(0o600)


@lru_cache(maxsize=4)
def engine_for(url: str) -> Engine:
    """One engine a process and address."""
    return make_engine(url)


def address() -> str:
    """The address of the database that `session_scope` uses where none is given."""
    return settings().database_url


@contextmanager
def session_scope(url: str | None = None) -> Iterator[Session]:
    """A session that commits at the end, or rolls back if anything is raised."""
    with Session(engine_for(url or address()), future=True) as session, session.begin():
        yield session


@contextmanager
def light_scope(url: str | None = None) -> Iterator[Session]:
    """As `session_scope`, for what runs statements on `connection()` nearly always: the session itself is made where
    anything else of it is asked for, for making, beginning and ending one takes as long as three statements."""
    with engine_for(url or address()).begin() as connection:
        light = _Light(connection)
        try:
            yield cast(Session, light)
            light.flush()
        finally:
            light.close()


class _Light:
    """A connection in a transaction that becomes a session when it has to."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._session: Session | None = None

    def connection(self) -> Connection:
        return self._connection

    def flush(self) -> None:
        if self._session is not None:
            self._session.flush()

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    def __getattr__(self, name: str) -> Any:
        if self._session is None:  # within the connection's transaction, which it neither commits nor ends
            self._session = Session(self._connection, future=True)
        return getattr(self._session, name)


def migrate(url: str | None = None, *, revision: str = "head") -> None:
    """Bring the database up to `revision`.

    Raises:
        WuchangError: the data key is not the one that it was begun with (`bot.storage.keycheck`).
    """
    from alembic import command  # 8 MB and 0.1 s, for those who migrate only
    from alembic.config import Config

    from bot.storage import keycheck

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = engine_for(url or address())
    config.attributes["engine"] = engine
    with _one_at_a_time(engine):
        keycheck.check(engine)
        command.upgrade(config, revision)
        if revision == "head":
            keycheck.note(engine)


@contextmanager
def _one_at_a_time(engine: Engine) -> Iterator[None]:
    """Two processes that start together must not both make the tables."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _MIGRATION_KEY})
            try:
                yield
            finally:  # the connection lives on in the pool, and would hold it
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _MIGRATION_KEY})
    elif engine.url.database in (None, "", ":memory:"):
        yield
    else:
        with alone(Path(f"{engine.url.database}.lock")):
            yield
