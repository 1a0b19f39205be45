"""The web chat's sessions: in memory, else made again from the stored conversation and what was said beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from sanic import Sanic

from bot import clock
from bot.channels.conversation import log_failure
from bot.channels.sessions import ChatSession, Sessions, Turn
from bot.channels.shown import Event, language_of, together, turns_of

_Said = TypeVar("_Said")
Beside = Callable[[str, str | None], Sequence[Turn]]


def store_of(app: Sanic) -> Any:
    """Rasa's tracker store; None where the server has none (yet)."""
    return getattr(getattr(app.ctx, "agent", None), "tracker_store", None)


class Recall:
    """The sessions of one channel.

    Args:
        beside: what was said beside the stored conversation, given a sender and the language of the conversation.
        several: other processes answer too, each with a part of the conversation in memory.
    """

    def __init__(self, channel: str, beside: Beside, *, several: bool) -> None:
        self._channel = channel
        self._beside = beside
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
        events = await self._or_nothing(sender, _stored_events(app, sender))
        beside = await self._or_nothing(sender, self._said_beside(sender, events))
        turns = together(turns_of(events), beside)
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
            events = await _stored_events(app, sender) if self._several else []
            stored = turns_of(events)
            gone = not stored if self._several else await store.retrieve(sender) is None
            beside = await self._said_beside(sender, events) if stored else ()
        except Exception as error:  # then what is in memory is shown
            log_failure(self._channel, sender, error)
            return
        if session.waiting:  # meanwhile a message came
            return
        if gone and session.answered:
            session.forget()
        elif stored:
            session.renew(together(stored, beside))

    async def _said_beside(self, sender: str, events: Sequence[Event]) -> Sequence[Turn]:
        return await asyncio.to_thread(self._beside, sender, language_of(events))

    async def _or_nothing(self, sender: str, told: Awaitable[Sequence[_Said]]) -> Sequence[_Said]:
        """What was said before; the conversation itself goes on without it where it cannot be read."""
        try:
            return await told
        except Exception as error:
            log_failure(self._channel, sender, error)
            return ()


async def _stored_events(app: Sanic, sender: str) -> list[Event]:
    store = store_of(app)
    tracker = await store.retrieve_full_tracker(sender) if store is not None else None
    return [event.as_dict() for event in tracker.events] if tracker is not None else []
