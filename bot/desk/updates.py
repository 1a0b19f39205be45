"""Live updates: the server looks once a second whether anything changed, for all pages together, and tells them.

A page that hears it fetches itself anew; nothing of an incident goes through the stream. Each page carries the state
that it shows (`data-seen`), and its stream begins with that: what changed in between, while the page was loaded or the
stream was broken, is told at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection
from starlette.concurrency import run_in_threadpool

from bot.storage.database import address, engine_for
from bot.storage.tables import AuditEntry, Handover, HandoverMessage, IncidentEvent, OutageReport

SECONDS = 1.0
BEAT_SECONDS = (
    20.0  # a line that says nothing, so that proxies keep the connection, and closed ones are found
)
MOST_OF_ONE = 30  # streams of one user: the process has room for 300 connections of all
STREAM_SECONDS = 300.0  # then the page connects again, and is asked anew who it is

logger = logging.getLogger(__name__)
_LAST = 100


def _last_of(table: type[Any]) -> Any:
    """The ids of the last `_LAST` rows, added up: the end of an index, however many rows there are.

    The largest id alone is not enough: on PostgreSQL a row that was begun earlier, and so has a smaller one, may be
    committed later. Among the last ones it is seen; each row that is added there makes the sum larger, and the window
    goes on with the largest, so no sum comes twice but where rows are deleted.
    """
    last = select(table.id).order_by(table.id.desc()).limit(_LAST).subquery()
    return select(func.sum(last.c.id)).scalar_subquery()


_STATE = select(  # made once
    _last_of(IncidentEvent),
    _last_of(OutageReport),
    _last_of(AuditEntry),
    _last_of(Handover),
    _last_of(HandoverMessage),
    select(func.count(Handover.id)).where(Handover.status.in_(("open", "taken"))).scalar_subquery(),
)


def state_of(connection: Connection) -> str:
    """Another value after each change that a page of the desk shows."""
    return ".".join(str(value or 0) for value in connection.execute(_STATE).one())


def state() -> str:
    """The same, read on a connection of its own."""
    with engine_for(address()).connect() as connection:
        return state_of(connection)


@dataclass
class _Listener:
    """One stream: of whom, the state that its page shows (None: not known), and what it is still to be told."""

    by: object
    seen: str | None
    news: asyncio.Queue[str]


class Hub:
    """Tells every page that listens; looks only while one does.

    Args:
        look: gives another value after each change.
        seconds: between two looks.

    Attributes:
        last: what the last look gave, as text; None where none was taken since somebody listens.
    """

    def __init__(self, look: Callable[[], object] = state, seconds: float = SECONDS) -> None:
        self._look = look
        self._seconds = seconds
        self._listeners: list[_Listener] = []
        self._task: asyncio.Task[None] | None = None
        self.last: str | None = None

    async def listen(
        self, stream_seconds: float = STREAM_SECONDS, *, by: object = None, seen: str | None = None
    ) -> AsyncIterator[str]:
        """The stream of one page, as server-sent events; one too many of the user `by` ends at once.

        Args:
            seen: the state that the page shows; where it is another by now, that is the first event. None: not known.
        """
        if by is not None and sum(one.by == by for one in self._listeners) >= MOST_OF_ONE:
            yield "retry: 60000\n\n"  # the page asks each minute anyway
            return
        mine = _Listener(by, seen or (self.last if self.watches else None), asyncio.Queue(maxsize=1))
        self._listeners.append(mine)
        if not self.watches:
            self._task = asyncio.create_task(self._watch())
        until = asyncio.get_running_loop().time() + stream_seconds
        try:
            yield "retry: 3000\n: hello\n\n"
            while (left := until - asyncio.get_running_loop().time()) > 0:
                try:
                    now = await asyncio.wait_for(mine.news.get(), min(BEAT_SECONDS, left))
                    # The browser sends the id back where the stream broke: it is what the page has seen then.
                    yield f"event: change\nid: {now}\ndata: {now}\n\n"
                except asyncio.TimeoutError:
                    yield ": beat\n\n"
        finally:
            self._listeners.remove(mine)

    @property
    def watches(self) -> bool:
        """Whether it looks now and then, for somebody who listens."""
        return self._task is not None and not self._task.done()

    async def _watch(self) -> None:
        """Until nobody listens any more."""
        self.last = None
        while self._listeners:
            try:
                self.last = str(await run_in_threadpool(self._look))
            except Exception as error:  # the database is away for a moment, say
                logger.error("changes could not be looked for: %s", type(error).__name__)
            else:
                self._tell(self.last)
            await asyncio.sleep(self._seconds)

    def _tell(self, now: str) -> None:
        for one in self._listeners:
            if (
                one.seen not in (None, now) and not one.news.full()
            ):  # who has not read the last fetches it anyway
                one.news.put_nowait(now)
            one.seen = now
