"""A message that a page sends again, because no answer reached it, counts once.

The page names each message and keeps the name when the person presses “再试一次”: ``?id=…&again=1``. What is being
answered or was lately is known here, by sender and name; what another process answered, or this one before it was
started anew, is in the stored conversation by the same id (`message_id`).
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from sanic.request import Request

from bot.channels.conversation import answers_to, log_failure
from bot.channels.model import BadMessage
from bot.channels.shown import public_messages
from bot.storage.sealed import fingerprint

MOST = 1000  # of one process; the oldest goes first
_NAME = re.compile(r"[A-Za-z0-9_-]{8,64}")

Answer = dict[str, Any]
Work = Callable[[], Coroutine[Any, Any, Answer]]


@dataclass(frozen=True)
class Sending:
    """How a page sends a message.

    Attributes:
        name: the page's name for the message, the same each time it is sent; "": it has none.
        again: it was sent before, and no answer came.
    """

    name: str = ""
    again: bool = False

    @classmethod
    def of(cls, request: Request) -> Sending:
        """What the query of a request says.

        Raises:
            BadMessage: the name is none.
        """
        name = str(request.args.get("id") or "")
        if name and not _NAME.fullmatch(name):
            raise BadMessage(
                "bad_id", '"id" is not 8 to 64 letters, digits, "-" or "_". Send such a one, or none.'
            )
        return cls(name, request.args.get("again") == "1")

    def message_id(self, channel: str, sender: str) -> str | None:
        """The id in the stored conversation; None leaves it to Rasa."""
        return fingerprint("message", f"{channel} {sender} {self.name}") if self.name else None


UNNAMED = Sending()


class Repeats:
    """The answers of one process to what was sent lately, by sender and name."""

    def __init__(self, channel: str, most: int = MOST) -> None:
        self._channel = channel
        self._most = most
        self._answers: OrderedDict[tuple[str, str], asyncio.Task[Answer]] = OrderedDict()

    async def once(self, store: Any, sender: str, sending: Sending, work: Work) -> Answer:
        """The answer of `work`, or that of the same message sent before; what failed is done again.

        Args:
            store: the stored conversations; None: they are not looked at.
        """
        if not sending.name:
            return await work()
        key = (sender, sending.name)
        task = self._answers.get(key)
        if task is None:
            task = self._answers[key] = asyncio.create_task(self._first(store, sender, sending, work))
            if len(self._answers) > self._most:
                self._answers.popitem(last=False)
        try:
            answer = await asyncio.shield(task)
        except BaseException:
            self._drop(key, task)
            raise
        if not (answer.get("messages") or answer.get("talk")):  # the assistant failed, or had nothing to say
            self._drop(key, task)
        elif answer.get("forgotten"):
            self._forget(sender, but=key)
        return answer

    async def _first(self, store: Any, sender: str, sending: Sending, work: Work) -> Answer:
        """The answer where this process knows none: of another one, or of this one before a restart."""
        message_id = sending.message_id(self._channel, sender)
        if message_id is None or store is None or not sending.again:
            return await work()
        try:
            told = answers_to(message_id, await store.retrieve(sender))
        except Exception as error:  # whether it was answered cannot be told: later, not twice
            log_failure(self._channel, sender, error)
            return {"messages": [], "error": "busy"}
        return {"messages": public_messages(told)} if told else await work()

    def _drop(self, key: tuple[str, str], task: asyncio.Task[Answer]) -> None:
        if self._answers.get(key) is task and task.done():
            del self._answers[key]

    def _forget(self, sender: str, but: tuple[str, str]) -> None:
        for key in [key for key in self._answers if key[0] == sender and key != but]:
            del self._answers[key]
