"""A message to the assistant, its answer back: what every platform's channel shares beside its own protocol."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.events import BotUttered, UserUttered

from bot.channels.model import Button, Message, Reply, Venue
from bot.storage.sealed import fingerprint

ANSWER_SECONDS = 30.0

logger = logging.getLogger(__name__)
OnNewMessage = Callable[[UserMessage], Awaitable[Any]]


class Answers(CollectingOutputChannel):
    """Collects the answers of one message; the channel's name picks its variants of the texts in domain.yml.

    `handed_over`: the message went to staff, who have the conversation; there may be no answer to it.
    """

    def __init__(self, channel: str) -> None:
        super().__init__()
        self.handed_over = False  # set by `bot.runtime.handed_over`
        self._channel = channel

    def name(self) -> str:  # type: ignore[override]
        """The channel's name in domain.yml."""
        return self._channel

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Keep an answer in one piece: Rasa's collector would cut it at every empty line."""
        await self._persist_message(self._message(recipient_id, text=text.strip()))


class Conversation:
    """The assistant as a channel sees it.

    Args:
        channel: the name in domain.yml and in the database.
        on_new_message: what Rasa gives to a channel's `blueprint`.
        tracker_of: the stored conversation of a sender, to look up what was answered before a fall; None: not looked up.
        seconds: how long an answer is waited for.
    """

    def __init__(
        self,
        channel: str,
        on_new_message: OnNewMessage,
        tracker_of: Callable[[str], Awaitable[Any]] | None = None,
        seconds: float = ANSWER_SECONDS,
    ) -> None:
        self.channel = channel
        self._on_new_message = on_new_message
        self._tracker_of = tracker_of
        self._seconds = seconds

    async def ask(self, message: Message, sender: str, key: str) -> tuple[Reply, ...] | None:
        """The assistant's answers to the message `key`; None where it failed or took too long."""
        try:
            output = Answers(self.channel)
            user_message = UserMessage(
                message.text,
                output,
                sender,
                input_channel=self.channel,
                message_id=self._id(key),
                metadata=message.metadata,
            )
            await asyncio.wait_for(self._on_new_message(user_message), self._seconds)
        except Exception as error:
            log_failure(self.channel, sender, error)
            return None
        return replies(output.messages)

    async def told(self, sender: str, key: str) -> tuple[Reply, ...] | None:
        """What was answered to the message `key` before a fall; None where the conversation does not know it.

        The same words must not count twice, so this is asked first where the work may have been done.
        """
        tracker = await self._tracker_of(sender) if self._tracker_of else None
        told = answers_to(self._id(key), tracker)
        return None if told is None else replies(told)

    def _id(self, key: str) -> str:
        """The id in the stored conversation; nothing of the platform's key can be read from it."""
        return fingerprint("message", f"{self.channel} {key}")


def answers_to(message_id: str, tracker: Any) -> list[dict[str, Any]] | None:
    """What was answered to a message, in the form that Rasa collects; None where the conversation does not know it.

    Args:
        tracker: the stored conversation, None where there is none.
    """
    events = [] if tracker is None else list(tracker.events)
    heard = [i for i, e in enumerate(events) if isinstance(e, UserUttered) and e.message_id == message_id]
    if not heard:
        return None
    following = events[heard[-1] + 1 :]
    until = next((i for i, e in enumerate(following) if isinstance(e, UserUttered)), len(following))
    return [
        {"text": event.text, **{k: v for k, v in event.data.items() if v}}
        for event in following[:until]
        if isinstance(event, BotUttered)
    ]


def replies(collected: Iterable[Mapping[str, Any]]) -> tuple[Reply, ...]:
    """What Rasa collected, as the message model has it; messages with nothing to show are left out."""
    made = (_reply(message) for message in collected)
    return tuple(reply for reply in made if reply.text or reply.content())


def _reply(message: Mapping[str, Any]) -> Reply:
    custom = message.get("custom")
    venues: Sequence[Mapping[str, Any]] = custom.get("venues", ()) if isinstance(custom, Mapping) else ()
    text = message.get("text")
    return Reply(
        str(text).strip() if isinstance(text, str) else "",
        buttons_of(message),
        _link(message.get("image")),
        _link(message.get("attachment")),
        tuple(
            Venue(str(venue["name"]), str(venue.get("address") or ""), venue["lat"], venue["lon"])
            for venue in venues
        ),
    )


def buttons_of(message: Mapping[str, Any]) -> tuple[Button, ...]:
    """The buttons of a collected or stored message that stand for something; one without a title shows its payload."""
    return tuple(
        Button(str(button.get("title") or button["payload"]), str(button["payload"]))
        for button in message.get("buttons") or ()
        if button.get("payload")
    )


def _link(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def log_failure(channel: str, sender: str, error: BaseException) -> None:
    """Log where it happened; the error's own message may hold what the person wrote."""
    where = "".join(traceback.format_tb(error.__traceback__)[-4:])
    logger.error("%s: trouble for %s: %s\n%s", channel, sender, type(error).__name__, where)
