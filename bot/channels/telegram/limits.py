"""Telegram's flood limits, held for each chat by itself: a busy chat waits, the others do not.

Told by Telegram: about one message a second in a private chat (short bursts pass), 20 a minute in a group, 30 a
second in all.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]
_KEPT = 5000


@dataclass(frozen=True)
class Limit:
    """`burst` messages at once, then one each `pause` seconds."""

    burst: int
    pause: float


PRIVATE, GROUP, ALL = Limit(3, 1.0), Limit(10, 6.0), Limit(25, 1 / 25)


class Flood:
    """When the next message to a chat may go out.

    A place in the queue is given once: whoever was told to come back later is let through then.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._free: dict[int | None, float] = {}
        self._places: dict[int, float] = {}

    def seconds(self, chat: int, *, group: bool, message: int) -> float:
        """How long `message` (its id) to `chat` has to wait; 0: it goes now."""
        now = self._clock()
        at = self._places.get(message)
        if at is None:
            at = max(self._take(chat, GROUP if group else PRIVATE, now), self._take(None, ALL, now))
        if at > now:
            if len(self._places) > _KEPT:  # of messages that never came back
                self._places.clear()
            self._places[message] = at
            return at - now
        self._places.pop(message, None)
        return 0.0

    def hold(self, chat: int, seconds: float) -> None:
        """Telegram itself said how long this chat has to wait."""
        self._free[chat] = max(self._free.get(chat, 0.0), self._clock() + seconds)

    def _take(self, chat: int | None, limit: Limit, now: float) -> float:
        """Take the next place of a queue; its moment. What is free is saved up to `burst`."""
        if len(self._free) > _KEPT:
            self._free = {key: at for key, at in self._free.items() if at > now}
        earliest = max(self._free.get(chat, 0.0), now - (limit.burst - 1) * limit.pause)
        self._free[chat] = earliest + limit.pause
        return max(earliest, now)
