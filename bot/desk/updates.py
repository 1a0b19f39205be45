"""Live updates: the server looks once a second whether anything changed, for all pages together, and tells them.

A page that hears it fetches itself anew; nothing of an incident goes through the stream.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

from sqlalchemy import func, select
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
# Made once; the largest id of a table is at the end of its index, however many rows there are.
_STATE = select(
    select(func.max(IncidentEvent.id)).scalar_subquery(),
    select(func.max(OutageReport.id)).scalar_subquery(),
    select(func.max(AuditEntry.id)).scalar_subquery(),
    select(func.max(Handover.id)).scalar_subquery(),
    select(func.max(HandoverMessage.id)).scalar_subquery(),
    select(func.count(Handover.id)).where(Handover.status.in_(("open", "taken"))).scalar_subquery(),
)


def state() -> tuple[object, ...]:
    """Another value after each change that a page of the desk shows."""
    with engine_for(address()).connect() as connection:
        return tuple(connection.execute(_STATE).one())


class Hub:
    """Tells every page that listens; looks only while one does.

    Args:
        look: gives another value after each change.
        seconds: between two looks.
    """

    def __init__(self, look: Callable[[], object] = state, seconds: float = SECONDS) -> None:
        self._look = look
        self._seconds = seconds
        self._listeners: dict[asyncio.Queue[int], object] = {}  # whose each is
        self._task: asyncio.Task[None] | None = None
        self._seen: object = None
        self._number = 0

    async def listen(
        self, stream_seconds: float = STREAM_SECONDS, *, by: object = None
    ) -> AsyncIterator[str]:
        """The stream of one page, as server-sent events; one too many of the user `by` ends at once."""
        if by is not None and list(self._listeners.values()).count(by) >= MOST_OF_ONE:
            yield "retry: 60000\n\n"  # the page asks each minute anyway
            return
        mine: asyncio.Queue[int] = asyncio.Queue(maxsize=1)
        self._listeners[mine] = by
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())
        until = asyncio.get_running_loop().time() + stream_seconds
        try:
            yield "retry: 3000\n: hello\n\n"
            while (left := until - asyncio.get_running_loop().time()) > 0:
                try:
                    number = await asyncio.wait_for(mine.get(), min(BEAT_SECONDS, left))
                    yield f"event: change\ndata: {number}\n\n"
                except asyncio.TimeoutError:
                    yield ": beat\n\n"
        finally:
            self._listeners.pop(mine, None)

    async def _watch(self) -> None:
        """Until nobody listens any more."""
        self._seen = None
        while self._listeners:
            try:
                seen = await run_in_threadpool(self._look)
            except Exception as error:  # the database is away for a moment, say
                logger.error("changes could not be looked for: %s", type(error).__name__)
            else:
                if self._seen is not None and seen != self._seen:
                    self._tell()
                self._seen = seen
            await asyncio.sleep(self._seconds)

    def _tell(self) -> None:
        self._number += 1
        for queue in self._listeners:
            if not queue.full():  # one that has not read the last yet fetches everything anyway
                queue.put_nowait(self._number)
