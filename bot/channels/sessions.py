"""Who is who in the web chat, and what was said: kept in memory, bounded.

A session that is not in memory (after a restart, or long unused) is made again from the stored conversation.

The browser holds a random token in a cookie. Everything else, the assistant's database included, knows
only its hash, the sender id: whoever reads a log or a table cannot take over a conversation.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

MAX_SESSIONS = 1000
MAX_TURNS = 60
MAX_SESSION_CHARS = 24_000  # with MAX_SESSIONS about 50 MB at the very worst
MAX_OFFERED = 60
MAX_WAITING = 5
IDLE = timedelta(hours=24)

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def new_token() -> str:
    """A random token of 256 bits, 43 characters."""
    return secrets.token_urlsafe(32)


def is_token(given: object) -> bool:
    """Whether `given` has a token's form."""
    return isinstance(given, str) and _TOKEN.fullmatch(given) is not None


def sender_id(token: str) -> str:
    """The sender that Rasa and the database know: "web-" and 32 hexadecimal digits."""
    return "web-" + hashlib.sha256(token.encode()).hexdigest()[:32]


@dataclass
class Turn:
    """What a person said and what came back (`messages` as the page gets them; empty while waiting).

    Where the assistant spoke by itself, `said` is "". `talk`: staff have the conversation, and no answer is to come.
    """

    said: str
    at: datetime
    messages: list[dict[str, Any]] = field(default_factory=list)
    talk: bool = False

    @property
    def size(self) -> int:
        """Characters that it holds, about."""
        return len(self.said) + sum(len(str(message)) for message in self.messages)

    def as_json(self) -> dict[str, Any]:
        """The turn for the page; `at` is local time to the second."""
        told = {"said": self.said, "at": self.at.isoformat(), "messages": self.messages}
        return {**told, "talk": True} if self.talk else told


@dataclass
class ChatSession:
    """One browser's conversation."""

    used: datetime
    turns: deque[Turn] = field(default_factory=deque)
    offered: OrderedDict[str, str] = field(default_factory=OrderedDict)
    waiting: int = 0

    def begin(self, said: str, at: datetime) -> Turn:
        """A new turn without an answer yet."""
        turn = Turn(said, at)
        self.turns.append(turn)
        return turn

    def finish(self, turn: Turn, messages: Sequence[Mapping[str, Any]]) -> None:
        """The answer of `turn`; its buttons may be pressed from now on."""
        turn.messages = [dict(message) for message in messages]
        for button in (button for message in turn.messages for button in message.get("buttons", ())):
            self.offered[button["payload"]] = button["title"]
            self.offered.move_to_end(button["payload"])
        while len(self.offered) > MAX_OFFERED:
            self.offered.popitem(last=False)
        self._forget_oldest()

    def deliver(
        self, messages: Sequence[Mapping[str, Any]], at: datetime, said: str = "", *, talk: bool = False
    ) -> None:
        """A whole turn at once; without `said`, what the assistant says by itself."""
        turn = self.begin(said, at)
        turn.talk = talk
        self.finish(turn, messages)

    def drop(self, turn: Turn) -> None:
        """Take back a turn that had no answer, so that trying again does not double it."""
        self.turns = deque(kept for kept in self.turns if kept is not turn)

    @property
    def answered(self) -> list[Turn]:
        """The turns that the stored conversation has too: what was said and answered, not what staff have or sent."""
        return [turn for turn in self.turns if turn.said and turn.messages and not turn.talk]

    def renew(self, stored: Sequence[Turn]) -> None:
        """Show the stored conversation; what was never in it stays beside it."""
        kept = [turn for turn in self.turns if (not turn.said or turn.talk) and not _stands_in(stored, turn)]
        self.forget()
        for turn in sorted([*stored, *kept], key=lambda turn: turn.at):
            self.turns.append(turn)
            self.finish(turn, turn.messages)

    def forget(self) -> None:
        """The person wants to be forgotten: nothing that was said is shown any more, no button counts."""
        self.turns.clear()
        self.offered.clear()

    def _forget_oldest(self) -> None:
        size = sum(turn.size for turn in self.turns)
        while len(self.turns) > MAX_TURNS or (size > MAX_SESSION_CHARS and len(self.turns) > 1):
            size -= self.turns.popleft().size


def _stands_in(stored: Sequence[Turn], turn: Turn) -> bool:
    """Whether words to staff, or what came by itself, are among `stored` turns already."""
    if turn.said:
        return any(other.talk and other.said == turn.said for other in stored)
    known = [message for other in stored for message in other.messages]
    return all(message in known for message in turn.messages)


class Sessions:
    """All conversations of this process; the longest unused goes first.

    Args:
        now: the clock.
        most: how many are kept.
    """

    def __init__(self, now: Callable[[], datetime], most: int = MAX_SESSIONS) -> None:
        self._now = now
        self._most = most
        self._kept: OrderedDict[str, ChatSession] = OrderedDict()

    def find(self, sender: str) -> ChatSession | None:
        """The session of `sender`, where there is one."""
        self._expire()
        session = self._kept.get(sender)
        if session is not None:
            session.used = self._now()
            self._kept.move_to_end(sender)
        return session

    def open(self, sender: str) -> ChatSession:
        """The session of `sender`, a new one if need be."""
        session = self.find(sender)
        if session is None:
            session = self._kept[sender] = ChatSession(self._now())
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return session

    def _expire(self) -> None:
        oldest = self._now() - IDLE
        while self._kept and next(iter(self._kept.values())).used < oldest:
            self._kept.popitem(last=False)
