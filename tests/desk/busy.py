"""A database that somebody else holds, so that the desk cannot write; it gives up soon, not after ten seconds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, text

from bot.storage import database


@contextmanager
def held() -> Iterator[None]:
    """Until the end of the block nothing can be written from the desk; reading goes on."""
    engine = database.engine_for(database.address())
    on_sqlite = engine.dialect.name == "sqlite"

    def impatient(connection: Any, *_others: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=50" if on_sqlite else "SET lock_timeout = '50ms'")
        cursor.close()

    event.listen(engine, "checkout", impatient)
    try:
        if on_sqlite:
            other = sqlite3.connect(str(engine.url.database), isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
            other.close()
        else:
            with engine.connect() as holder, holder.begin():
                for table in ("counter", "desk_session"):
                    holder.execute(text(f"SELECT * FROM {table} FOR UPDATE"))
                yield
    finally:
        event.remove(engine, "checkout", impatient)
