"""What a platform hands in, from the stored message to the answers in the outbox: the same for every platform.

A message is stored before the platform is told that it arrived, worked on once, and its answers are put into the
outbox in the same transaction that notes it as done. Where the process falls in between, `unfinished` tells what is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import clock
from bot.channels import pictures, uploads
from bot.channels.conversation import Conversation, log_failure
from bot.channels.courier import in_thread
from bot.channels.model import (
    BadMessage,
    Command,
    File,
    Message,
    Other,
    Photo,
    Place,
    Press,
    Received,
    Reply,
    Sent,
    Words,
    place_message,
    words,
    words_message,
)
from bot.nlu.language import identify
from bot.photos import is_image
from bot.storage import accounts, choices, inbound, outbox
from bot.storage import uploads as stored
from bot.storage.database import session_scope
from bot.storage.inbound import Incoming
from bot.texts import word

MAX_WAITING = 8  # messages of one person that wait for an answer

Fetch = Callable[[Photo | File], Awaitable[bytes]]
Render = Callable[[Session, Reply, str, datetime], Sequence[Reply]]
Join = Callable[[Sequence[Reply]], Sequence[Reply]]
Interpret = Callable[[Session, Received, str, datetime], Sent | Message | tuple[Reply, ...]]


@dataclass(frozen=True)
class Windows:
    """How long and how often the platform lets the assistant write by itself after a message; None: no limit."""

    until: datetime | None = None
    pushes: int | None = None


class Reception:
    """The way of a message through one channel.

    Args:
        conversation: the assistant.
        fetch: the bytes of a photo or file, from the platform.
        render: one answer as the platform's messages, in the open session: split, its buttons offered.
        ready: called once answers were put into the outbox (`Courier.wake`).
        join: the replies of one answer as the platform has them, before each is rendered; by default as they are.
        interpret: what something that was sent stands for, in the open session: a number for a choice, say, or
            replies where the channel answers by itself; by default itself.
    """

    def __init__(
        self,
        conversation: Conversation,
        *,
        fetch: Fetch,
        render: Render,
        ready: Callable[[], None] = lambda: None,
        join: Join = tuple,
        interpret: Interpret | None = None,
    ) -> None:
        self.channel = conversation.channel
        self._conversation = conversation
        self._fetch = fetch
        self._render = render
        self._ready = ready
        self._join = join
        self._interpret = interpret
        self._waiting: dict[str, int] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def take_in(self, key: str, body: str) -> bool:
        """Store a message as it came; False where it was here before."""
        return await in_thread(lambda: _take_in(self.channel, key, body))

    async def unfinished(self, before: datetime | None = None) -> tuple[Incoming, ...]:
        """What was taken in and not done when the process ended; the channel parses it and works on it again.

        `before`: only what came earlier, where other processes of this channel may be at work.
        """
        return await in_thread(lambda: _unfinished(self.channel, before))

    async def lost(self, address: str) -> None:
        """Note that the person blocked the assistant or no longer follows it."""
        await in_thread(lambda: _lost(self.channel, address))

    async def work(
        self,
        received: Received,
        *,
        windows: Windows = Windows(),
        again: bool = False,
        held: Callable[[], timedelta] = timedelta,
    ) -> tuple[Reply, ...]:
        """Answer a message that was taken in, put the answers into the outbox, and note it as done; the answers.

        `held`, asked once they are there: how long the courier leaves them to the platform's own request.
        """
        if self._waiting.get(received.address, 0) >= MAX_WAITING:
            sender, language = await in_thread(lambda: _begin(self.channel, received, windows))
            return await self._done(received, sender, _notice("too_fast", language), held)
        async with self._in_turn(received.address):
            sender, language = await in_thread(lambda: _begin(self.channel, received, windows))
            answers = await self._answers(received, sender, language, again=again)
            return await self._done(received, sender, answers, held)

    async def _done(
        self, received: Received, sender: str, answers: tuple[Reply, ...], held: Callable[[], timedelta]
    ) -> tuple[Reply, ...]:
        await in_thread(lambda: self._finish(received, sender, answers, held()))
        self._ready()
        return answers

    async def _answers(
        self, received: Received, sender: str, language: str, *, again: bool
    ) -> tuple[Reply, ...]:
        """The answers; whatever fails, the person hears of it."""
        try:
            return await self._answer(received, sender, language, again=again)
        except BadMessage as refused:
            # A photo or file that is refused says why, in words for people; of all else nothing can be used.
            if refused.code == "no_media":  # the platform does not hand it out
                return _notice("no_file", language)
            told = isinstance(received.sent, Photo | File)
            return (Reply(str(refused)),) if told else _notice("other", language)
        except Exception as error:
            log_failure(self.channel, sender, error)
            return _notice("trouble", language)

    async def _answer(
        self, received: Received, sender: str, language: str, *, again: bool
    ) -> tuple[Reply, ...]:
        sent = await self._meant(received, sender)
        if isinstance(sent, tuple):
            return sent
        async with self._message(sent, sender) as message:
            if isinstance(message, str):
                return _notice(message, language)
            answers = await self._conversation.ask(message, sender, received.key, again=again)
        if answers is None:
            return _notice("trouble", language)
        return (*_notice("cut", language), *answers) if message.cut else answers

    @asynccontextmanager
    async def _message(self, sent: Sent | Message, sender: str) -> AsyncIterator[Message | str]:
        """The message for the assistant, or the name of the notice where there is none."""
        if isinstance(sent, Message):
            yield sent
        elif isinstance(sent, Words):
            yield words_message(sent)
        elif isinstance(sent, Place):
            yield place_message(sent)
        elif isinstance(sent, Command):
            yield Message(sent.payload, sent.title)
        elif isinstance(sent, Press):
            yield await in_thread(lambda: _pressed(self.channel, sender, sent))
        elif isinstance(sent, Photo | File):
            async with self._kept(sent, sender) as message:
                yield message
        else:
            yield "other" if isinstance(sent, Other) else "voice"

    @asynccontextmanager
    async def _kept(self, sent: Photo | File, sender: str) -> AsyncIterator[Message]:
        """A photo stays with the person's report; a file goes once it was read. A photo may be sent as a file."""
        content = await self._fetch(sent)
        if isinstance(sent, Photo) or is_image(content):
            yield await pictures.keep(content, sent.caption, channel=self.channel, sender=sender)
            return
        handed_in = await in_thread(lambda: uploads.keep(sent.name, content))
        try:
            yield handed_in.message
        finally:
            stored.discard(handed_in.token)

    @asynccontextmanager
    async def _in_turn(self, address: str) -> AsyncIterator[None]:
        """One message of a person after the other, in the order in which they came."""
        lock = self._locks.setdefault(address, asyncio.Lock())
        self._waiting[address] = self._waiting.get(address, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._waiting[address] -= 1
            if not self._waiting[address]:
                del self._waiting[address], self._locks[address]

    async def _meant(self, received: Received, sender: str) -> Sent | Message | tuple[Reply, ...]:
        interpret = self._interpret
        if interpret is None:
            return received.sent
        return await in_thread(lambda: _interpreted(interpret, received, sender))

    def _finish(self, received: Received, sender: str, answers: Sequence[Reply], held: timedelta) -> None:
        now = clock.now()
        with session_scope() as session:
            messages = [
                part for reply in self._join(answers) for part in self._render(session, reply, sender, now)
            ]
            for i, part in enumerate(messages):
                outbox.notify(
                    session, channel=self.channel, sender=sender, text=part.text, kind=outbox.REPLY,
                    reference=received.reply_to or received.key, now=now, content=part.content(),
                    once=once(self.channel, received.key, i), held_until=now + held if held else None,
                )  # fmt: skip
            inbound.finish(session, channel=self.channel, key=received.key, now=now)


def once(channel: str, key: str, number: int) -> str:
    """The name in the outbox of one message (from 0) of the answer to the message `key`."""
    return f"{channel}:{key}:{number}"


def _take_in(channel: str, key: str, body: str) -> bool:
    with session_scope() as session:
        return inbound.take_in(session, channel=channel, key=key, body=body, now=clock.now())


def _unfinished(channel: str, before: datetime | None) -> tuple[Incoming, ...]:
    with session_scope() as session:
        inbound.sweep(session, now=clock.now())
        return inbound.unfinished(session, channel=channel, before=before)


def _begin(channel: str, received: Received, windows: Windows) -> tuple[str, str]:
    """Note the account and that the work begins; the sender id and their language."""
    sent = received.sent
    told = sent.caption if isinstance(sent, Photo | File) else sent
    said = told.text if isinstance(told, Words) else ""
    found = identify(said) if said else None
    language = None if found is None else "en" if found == "en" else "zh"
    with session_scope() as session:
        inbound.begin(session, channel=channel, key=received.key)
        return accounts.note(
            session, channel=channel, address=received.address, now=clock.now(), language=language,
            pushes_until=windows.until, pushes_left=windows.pushes,
        )  # fmt: skip


def _lost(channel: str, address: str) -> None:
    with session_scope() as session:
        accounts.lost(session, channel=channel, sender=accounts.sender_of(channel, address), now=clock.now())


def _interpreted(interpret: Interpret, received: Received, sender: str) -> Sent | Message | tuple[Reply, ...]:
    with session_scope() as session:
        return interpret(session, received, sender, clock.now())


def _pressed(channel: str, sender: str, press: Press) -> Message | str:
    """What a button stands for; one that is no longer kept is taken as the words on it."""
    with session_scope() as session:
        choice = choices.chosen(session, press.payload, channel=channel, sender=sender, now=clock.now())
    if choice:
        return Message(choice.payload, choice.title)
    return words_message(words(press.title)) if press.title else "button_old"


def _notice(name: str, language: str) -> tuple[Reply, ...]:
    """A sentence about the message itself, from domain.yml."""
    return (Reply(word(f"channel_{name}", language), notice=True),)
