"""One message of a person after the other: each takes its place the moment it comes, whatever it waits for later."""

from __future__ import annotations

import asyncio
from collections import deque


class Lines:
    """A line for each person (by address) who has messages at work; a line ends with its last one."""

    def __init__(self) -> None:
        self._lines: dict[str, deque[Place]] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def join(self, address: str) -> Place:
        """The last place in the line of `address`."""
        return Place(self._lines, address)


class Place:
    """One message's place.

    Attributes:
        ahead: how many messages of the person were before it when it came.
    """

    def __init__(self, lines: dict[str, deque[Place]], address: str) -> None:
        self._lines = lines
        self._address = address
        line = lines.setdefault(address, deque())
        self.ahead = len(line)
        self._turn: asyncio.Event | None = asyncio.Event() if line else None
        line.append(self)

    @property
    def is_first(self) -> bool:
        """Whether it is this one's turn."""
        line = self._lines.get(self._address)
        return line is not None and line[0] is self

    async def reached(self) -> None:
        """Wait until all before have left."""
        if self._turn and not self.is_first:
            await self._turn.wait()

    def leave(self) -> None:
        """The message is done, or its place is given up; leaving twice changes nothing."""
        line = self._lines.get(self._address)
        if line is None or self not in line:
            return
        line.remove(self)
        if not line:
            del self._lines[self._address]
        elif line[0]._turn:
            line[0]._turn.set()
