"""What is done once a minute, by one process at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import anyio
from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from bot import clock
from bot.desk import devices, forms, links, sessions
from bot.locks import alone_at_once
from bot.storage.database import address, engine_for, session_scope
from bot.water.incidents.clockwork import tick_all

Task = Callable[[Session, datetime], None]

logger = logging.getLogger(__name__)
SECONDS = 60
_KEY = 20211021  # of PostgreSQL's lock
# Each in a transaction of its own: one that fails costs the others nothing.
TASKS: tuple[Task, ...] = (sessions.tidy, links.tidy, devices.tidy, forms.tidy, tick_all)


async def every_minute(tasks: Sequence[Task] = TASKS) -> None:
    """Do the tasks now and once a minute, until cancelled."""
    while True:
        await anyio.to_thread.run_sync(do, tasks)
        await anyio.sleep(SECONDS)


def do(tasks: Sequence[Task]) -> bool:
    """Do the tasks once; False where another process is at it."""
    with only_one(engine_for(address())) as mine:
        for task in tasks if mine else ():
            try:
                with session_scope() as session:
                    task(session, clock.now())
            except Exception:  # the clocks go on, whatever is wrong with one of them
                logger.exception("%s.%s failed", task.__module__, task.__qualname__)
        return mine


@contextmanager
def only_one(engine: Engine) -> Iterator[bool]:
    """Whether this is the one process that does it, for as long as the block runs."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection, connection.begin():
            yield bool(
                connection.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _KEY}).scalar()
            )
    elif engine.url.database in (None, "", ":memory:"):
        yield True
    else:
        with alone_at_once(Path(f"{engine.url.database}.minute")) as mine:
            yield mine
