"""From what a browser sent to the assistant's answer, as the page gets it: once however often it is sent.

An answer is ``{"messages": [...], "cut"?: true, "forgotten"?: true, "talk"?: true}``, or ``{"messages": [], "error":
"busy"}`` where the assistant failed or took too long (`bot.channels.web`).
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from rasa.core.channels.channel import UserMessage
from sanic import Sanic

from bot import clock
from bot.channels import incoming, pictures
from bot.channels.conversation import Answers, OnNewMessage, log_failure
from bot.channels.model import BadMessage, Message, Press
from bot.channels.recall import Recall, store_of
from bot.channels.repeats import UNNAMED, Repeats, Sending
from bot.channels.sessions import MAX_WAITING, ChatSession
from bot.channels.shown import public_messages
from bot.texts import word

TURNS_AT_ONCE = 16  # the others wait in the order they came: hundreds of half-done turns slow each other down


class Answering:
    """Asks the assistant for the browsers of one process.

    Args:
        recall: the sessions.
        seconds: how long a person waits at most.
    """

    def __init__(self, channel: str, recall: Recall, seconds: float) -> None:
        self._channel = channel
        self._recall = recall
        self.seconds = seconds
        self._repeats = Repeats(channel)
        self._turns = asyncio.Semaphore(TURNS_AT_ONCE)

    async def answer(
        self, app: Sanic, sent: incoming.Sent, sender: str, on_new_message: OnNewMessage, sending: Sending
    ) -> dict[str, Any]:
        """The answer to words, a button or a place.

        Raises:
            BadMessage: it is refused.
        """

        async def work() -> dict[str, Any]:
            session = await self._recall.opened(app, sender)
            if isinstance(sent, Press) and sent.payload not in session.offered:  # by another process, perhaps
                await self._recall.session(app, sender, afresh=True)
            if incoming.is_over(sent, session.offered):
                return {"messages": [{"text": word("channel_button_old", _language_of(sent))}]}
            message = incoming.resolve(sent, session.offered)
            return await self.deliver(message, sender, session, on_new_message, sending)

        return await self._repeats.once(store_of(app), sender, sending, work)

    async def uploaded(
        self, app: Sanic, message: Message, sender: str, on_new_message: OnNewMessage, place: AsyncExitStack,
        sending: Sending,
    ) -> dict[str, Any]:  # fmt: skip
        """The answer to a file that was received; `place` is left once it was looked over."""

        async def work() -> dict[str, Any]:
            session = await self._recall.opened(app, sender)
            return await self.deliver(message, sender, session, on_new_message, sending)

        async with place:
            return await self._repeats.once(store_of(app), sender, sending, work)

    async def pictured(
        self, app: Sanic, content: bytes, sender: str, on_new_message: OnNewMessage, place: AsyncExitStack,
        sending: Sending,
    ) -> dict[str, Any]:  # fmt: skip
        """The answer to a photo; `place` is left once it was made anew.

        Raises:
            BadMessage: it is no photo, or damaged.
        """

        async def work() -> dict[str, Any]:
            async with place:  # the next one may come once this one was made anew
                message = await pictures.keep(content, channel=self._channel, sender=sender)
            session = await self._recall.opened(app, sender)
            return await self.deliver(message, sender, session, on_new_message, sending)

        async with place:
            return await self._repeats.once(store_of(app), sender, sending, work)

    async def deliver(
        self, message: Message, sender: str, session: ChatSession, on_new_message: OnNewMessage,
        sending: Sending = UNNAMED,
    ) -> dict[str, Any]:  # fmt: skip
        """Have a message answered, in the person's session.

        Raises:
            BadMessage: too many of theirs wait.
        """
        if session.waiting >= MAX_WAITING:
            raise BadMessage(
                "too_many", f"{MAX_WAITING} messages of this session still wait. Send after an answer.", 429
            )
        session.waiting += 1
        try:
            answers = await self._ask(message, sender, session, on_new_message, sending)
        finally:
            session.waiting -= 1
        if answers is None:
            return {"messages": [], "error": "busy"}
        forgotten = not session.turns  # its own turn is there otherwise
        talk = not answers and any(turn.talk for turn in session.turns)
        told = {"cut": message.cut, "forgotten": forgotten, "talk": talk}
        return {"messages": answers, **{name: True for name, is_so in told.items() if is_so}}

    async def _ask(
        self,
        message: Message,
        sender: str,
        session: ChatSession,
        on_new_message: OnNewMessage,
        sending: Sending,
    ) -> list[dict[str, Any]] | None:
        """The assistant's answers, None where it failed."""
        output = Answers(self._channel)
        turn = session.begin(message.shown, clock.now())
        user_message = UserMessage(
            message.text, output, sender, input_channel=self._channel, metadata=message.metadata,
            message_id=sending.message_id(self._channel, sender),
        )  # fmt: skip
        try:
            await asyncio.wait_for(self._in_turn(user_message, on_new_message), self.seconds)
        except asyncio.CancelledError:  # the server stops: what has no answer is not shown as said
            session.drop(turn)
            raise
        except Exception as error:
            session.drop(turn)
            log_failure(self._channel, sender, error)
            return None
        turn.talk = output.handed_over
        answers = public_messages(output.messages)
        session.finish(turn, answers)
        if any((message.get("custom") or {}).get("forgotten") for message in output.messages):
            session.forget()
        return answers

    async def _in_turn(self, message: UserMessage, on_new_message: OnNewMessage) -> None:
        async with self._turns:
            await on_new_message(message)


def _language_of(sent: incoming.Sent) -> str:
    """The language of a pressed button."""
    return "en" if isinstance(sent, Press) and (sent.title or "").isascii() else "zh"
