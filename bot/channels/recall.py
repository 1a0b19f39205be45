"""The web chat's sessions: in memory, else made again from the stored conversation and the talks with staff."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sanic import Sanic

from bot import clock
from bot.channels.conversation import log_failure
from bot.channels.sessions import ChatSession, Sessions, Turn
from bot.channels.shown import together, turns_of

Talked = Callable[[str], Sequence[Turn]]


def store_of(app: Sanic) -> Any:
    """Rasa's tracker store; None where the server has none (yet)."""
    return getattr(getattr(app.ctx, "agent", None), "tracker_store", None)


class Recall:
    """The sessions of one channel.

    Args:
        talked: what a sender saw of talks with staff.
        several: other processes answer too, each with a part of the conversation in memory.
    """

    def __init__(self, channel: str, talked: Talked, *, several: bool) -> None:
        self._channel = channel
        self._talked = talked
        self._several = several
        self._sessions = Sessions(clock.now)

    async def opened(self, app: Sanic, sender: str) -> ChatSession:
        """The session of `sender`, a new one where there is none."""
        return await self.session(app, sender) or self._sessions.open(sender)

    async def session(self, app: Sanic, sender: str, *, afresh: bool = False) -> ChatSession | None:
        """The session of `sender`: from memory, else made again from the stored conversation where there is one.

        Args:
            afresh: look whether the conversation went on in another process, or was deleted by staff.
        """
        session = self._sessions.find(sender)
        if session is not None:
            if afresh and not session.waiting:
                await self._renew(app, sender, session)
            return session
        with_assistant = await self._or_nothing(sender, _stored_turns(app, sender))
        with_staff = await self._or_nothing(sender, asyncio.to_thread(self._talked, sender))
        turns = together(with_assistant, with_staff)
        # Another request of the same browser may have been faster meanwhile.
        if not turns or (session := self._sessions.find(sender)) is not None:
            return session
        session = self._sessions.open(sender)
        for turn in turns:
            session.deliver(turn.messages, turn.at, said=turn.said, talk=turn.talk)
        return session

    async def _renew(self, app: Sanic, sender: str, session: ChatSession) -> None:
        store = store_of(app)
        if store is None:
            return
        try:
            # Of one process nothing but what staff deleted is amiss.
            stored = await _stored_turns(app, sender) if self._several else []
            gone = not stored if self._several else await store.retrieve(sender) is None
            with_staff = await asyncio.to_thread(self._talked, sender) if stored else ()
        except Exception as error:  # then what is in memory is shown
            log_failure(self._channel, sender, error)
            return
        if session.waiting:  # meanwhile a message came
            return
        if gone and session.answered:
            session.forget()
        elif stored:
            session.renew(together(stored, with_staff))

    async def _or_nothing(self, sender: str, told: Awaitable[Sequence[Turn]]) -> Sequence[Turn]:
        """What was said before; the conversation itself goes on without it where it cannot be read."""
        try:
            return await told
        except Exception as error:
            log_failure(self._channel, sender, error)
            return ()


async def _stored_turns(app: Sanic, sender: str) -> list[Turn]:
    store = store_of(app)
    tracker = await store.retrieve_full_tracker(sender) if store is not None else None
    return turns_of(event.as_dict() for event in tracker.events) if tracker is not None else []
