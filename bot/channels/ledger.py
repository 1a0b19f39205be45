"""What a message writes on its way through a channel, in two transactions: as its work begins, and as it ends.

The first stores the message, claims it, notes the account and looks up what was meant; the second puts the answers
into the outbox and notes the message as done. A message that the channel answers by itself needs the first alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot import clock
from bot.channels.model import File, Message, Other, Photo, Received, Reply, Sent, Voice, Words
from bot.nlu.language import identify
from bot.storage import accounts, attachments, choices, inbound, outbox, replies
from bot.storage.database import light_scope
from bot.storage.inbound import Claim, Incoming

logger = logging.getLogger(__name__)
GIVEN_AGAIN_FOR = timedelta(seconds=30)  # three deliveries of 5 seconds, and room

Render = Callable[[Session, Reply, str, datetime], Sequence[Reply]]
Join = Callable[[Sequence[Reply]], Sequence[Reply]]
Interpret = Callable[[Session, Received, str, datetime], Sent | Message | tuple[Reply, ...]]


@dataclass(frozen=True)
class Windows:
    """How long and how often the platform lets the assistant write by itself after a message; None: no limit.

    Attributes:
        kept_back: how long the courier leaves what the platform refused before to the answer to this message. Without
            it the courier, which may write again now, would have it refused once more just as the answer is made.
    """

    until: datetime | None = None
    pushes: int | None = None
    kept_back: timedelta = timedelta()


@dataclass(frozen=True)
class Way:
    """How an answer leaves.

    Attributes:
        given: its first message goes out with a request of the platform that waits for it now.
        held: how long the courier leaves it to such a request that may still come.
    """

    given: bool = False
    held: timedelta = timedelta()


@dataclass(frozen=True)
class Done:
    """The answers to a message, which are in the outbox; `given` is the text for the platform's own request."""

    answers: tuple[Reply, ...]
    given: str | None = None


@dataclass(frozen=True)
class Opened:
    """A message whose work has begun: who sent it, their language, what it stands for.

    Attributes:
        done: where the channel answered it by itself.
    """

    sender: str
    language: str
    meant: Sent | Message
    done: Done | None = None


class Ledger:
    """The transactions of one channel. Each is called in a thread.

    Args:
        owner: under which messages are claimed (`bot.processes`).
        render, join, interpret: see `bot.channels.reception.Reception`.
    """

    def __init__(
        self, channel: str, owner: str, *, render: Render, join: Join, interpret: Interpret | None
    ) -> None:
        self._channel = channel
        self._owner = owner
        self._render = render
        self._join = join
        self._interpret = interpret

    def take_in(
        self, received: Received, body: str, windows: Windows, way: Way, *, begin: bool
    ) -> tuple[bool, Opened | None]:
        """Store a message; whether it is new, and, where its work is to `begin` at once, the begun work."""
        now, language = clock.now(), _language(received.sent)
        sender = accounts.sender_of(self._channel, received.address)
        with light_scope() as session:
            new = inbound.take_in(
                session, channel=self._channel, key=received.key, body=body, now=now, owner=self._owner, sender=sender,
                begun=begin,
            )  # fmt: skip
            if not new or not begin:
                return new, None
            return new, self._open(session, received, language, windows, way, now)

    def claim(
        self, received: Received, windows: Windows, way: Way, *, interpret: bool = True
    ) -> tuple[Claim, Opened | None]:
        """Begin the work on a message that was stored before, where nobody else is at it."""
        now, language = clock.now(), _language(received.sent)
        with light_scope() as session:
            found = inbound.claim(
                session, channel=self._channel, key=received.key, owner=self._owner, now=now
            )
            if found is not Claim.MINE:
                return found, None
            return found, self._open(session, received, language, windows, way, now, interpret=interpret)

    def finish(self, received: Received, sender: str, answers: tuple[Reply, ...], way: Way) -> Done:
        """Put the answers into the outbox, and note the message as done."""
        with light_scope() as session:
            return self._finish(session, received, sender, answers, way, clock.now())

    def renew(self, keys: list[str]) -> None:
        """The work on these messages goes on."""
        with light_scope() as session:
            inbound.renew(session, channel=self._channel, keys=keys, owner=self._owner, now=clock.now())

    def unfinished(self) -> tuple[Incoming, ...]:
        """What nobody works on. Whoever wanted to be forgotten goes, once the last word to them is not asked for again."""
        now = clock.now()
        with light_scope() as session:
            accounts.let_go_told(session, channel=self._channel, told_before=now - GIVEN_AGAIN_FOR)
            return inbound.unfinished(session, channel=self._channel, now=now)

    def sweep(self) -> None:
        """Forget what is old; what was never answered is told to staff in the log."""
        with light_scope() as session:
            now = clock.now()
            outbox.sweep(session, now=now)
            choices.sweep(session, now=now)
            attachments.sweep(session, now=now)
            undone = inbound.sweep(session, now=now)
        if undone:
            logger.error("%d messages of people could not be worked on for days and were given up", undone)

    def lost(self, key: str, address: str) -> None:
        """The person cannot be reached any more. Told again (`key`) it counts no more: they may have come back since."""
        now, sender = clock.now(), accounts.sender_of(self._channel, address)
        with light_scope() as session:
            its: dict[str, Any] = {"channel": self._channel, "key": key, "now": now}
            if inbound.take_in(session, body="", owner=self._owner, **its):
                inbound.finish(session, **its)
                accounts.lost(session, channel=self._channel, sender=sender, now=now)

    def _open(
        self, session: Session, received: Received, language: str | None, windows: Windows, way: Way, now: datetime, *,
        interpret: bool = True,
    ) -> Opened:  # fmt: skip
        sender, language = accounts.note(
            session, channel=self._channel, address=received.address, now=now, language=language,
            pushes_until=windows.until, pushes_left=windows.pushes,
        )  # fmt: skip
        if windows.kept_back:
            replies.keep_back(session, channel=self._channel, sender=sender, until=now + windows.kept_back)
        meant = (
            self._interpret(session, received, sender, now)
            if interpret and self._interpret
            else received.sent
        )
        if not isinstance(meant, tuple):
            return Opened(sender, language, meant)
        # What was taken for the answer (the rest of a long one, say) and the answer itself are stored together.
        done = self._finish(session, received, sender, meant, way, now)
        return Opened(sender, language, received.sent, done)

    def _finish(
        self, session: Session, received: Received, sender: str, answers: tuple[Reply, ...], way: Way, now: datetime
    ) -> Done:  # fmt: skip
        messages = [
            part for reply in self._join(answers) for part in self._render(session, reply, sender, now)
        ]
        names = [once(self._channel, received.key, number) for number in range(len(messages))]
        held_until = now + way.held if way.held and not way.given else None
        fresh = [
            outbox.notify(
                session, channel=self._channel, sender=sender, text=part.text, kind=outbox.REPLY,
                reference=received.reply_to or received.key, now=now, content=part.content(),
                once=name, held_until=held_until, given=way.given and number == 0,
            )
            for number, (name, part) in enumerate(zip(names, messages, strict=True))
        ]  # fmt: skip
        inbound.finish(session, channel=self._channel, key=received.key, now=now)
        if not way.given or not messages:
            return Done(answers)
        if not fresh[0]:  # put there before a fall
            told = replies.take_reply(session, names, now=now, again_for=GIVEN_AGAIN_FOR)
            return Done(answers, told)
        return Done(answers, messages[0].text)


def once(channel: str, key: str, number: int) -> str:
    """The name in the outbox of one message (from 0) of the answer to the message `key`."""
    return f"{channel}:{key}:{number}"


def _language(sent: Sent) -> str | None:
    """The language of what was said; None where nothing tells it. Outside of a transaction: it may load a library."""
    told = sent.caption if isinstance(sent, Photo | File | Voice | Other) else sent
    said = told.text if isinstance(told, Words) else ""
    found = identify(said) if said else None
    return None if found is None else "en" if found == "en" else "zh"
