"""Work that is done to its end, whoever waits for it (Sanic cancels a handler whose client has gone), and tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

_Result = TypeVar("_Result")
_at_work: set[asyncio.Future[Any]] = set()


async def to_its_end(work: Coroutine[Any, Any, _Result]) -> _Result:
    """The result of `work`, which goes on where the person leaves (a reload of the page)."""
    task = asyncio.ensure_future(work)
    _at_work.add(task)  # the loop itself holds tasks weakly
    task.add_done_callback(_done)
    return await asyncio.shield(task)


async def tried_again(
    work: Callable[[], Awaitable[_Result]], pauses: Sequence[float], failed: Callable[[Exception], None]
) -> _Result:
    """`work` until it succeeds; after each failure `failed` and a pause (seconds).

    Raises:
        Exception: that of the last try, which has no pause behind it.
    """
    for pause in pauses:
        try:
            return await work()
        except Exception as error:
            failed(error)
            await asyncio.sleep(pause)
    return await work()


async def over_and_over(
    work: Callable[[], Awaitable[None]], pause: float, longest: float, failed: Callable[[Exception], None]
) -> None:
    """`work` until cancelled, `pause` seconds between; where it fails, `failed` and longer and longer pauses."""
    waits = pause
    while True:
        try:
            await work()
            waits = pause
        except Exception as error:
            failed(error)
            waits = min(waits * 2, longest)
        await asyncio.sleep(waits)


def _done(task: asyncio.Future[Any]) -> None:
    _at_work.discard(task)
    if not task.cancelled():
        task.exception()  # told to whoever waits; who left is not told
