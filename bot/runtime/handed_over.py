"""While staff have a conversation the assistant is silent: a message goes to them, and to no model, form or action.

It stands before the whole of Rasa (`Agent.handle_message`), so that it holds on every channel, in the middle of any
form too; the form goes on where it was once the conversation is handed back. Words of somebody in danger alarm who
is on duty anew, and the numbers to call are said at once, for staff may just not be looking.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

from bot import clock
from bot.dialogue.crisis import life_in_danger, speaks_of_dying
from bot.nlu.language import identify
from bot.nlu.normalise import normalise
from bot.storage import outbox, talks
from bot.storage.database import session_scope
from bot.texts import response, word
from bot.water.duty.alarms import alarm_at_once
from bot.water.talk.problems import find_danger

CRISIS = "utter_crisis"
_MARK = "handed_over"  # set on the output (`bot.channels.conversation.Answers`) of a message that staff have

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Heard:
    """What is said to a message that went to staff, () for nothing."""

    says: tuple[str, ...] = ()


def apply() -> None:
    """Put it in place; called once, before Rasa serves."""
    if getattr(Agent.handle_message, "lets_staff_speak", False):
        return
    handle = Agent.handle_message

    async def handle_or_leave_to_staff(self: Agent, message: UserMessage) -> list[dict[str, Any]] | None:
        heard = await asyncio.get_running_loop().run_in_executor(None, _heard_or_none, message)
        if heard is None:
            answered: list[dict[str, Any]] | None = await handle(self, message)
            return answered
        output = message.output_channel
        setattr(output, _MARK, True)
        for text in heard.says:
            await output.send_text_message(message.sender_id, text)
        return list(getattr(output, "messages", []))

    handle_or_leave_to_staff.lets_staff_speak = True  # type: ignore[attr-defined]
    Agent.handle_message = handle_or_leave_to_staff  # type: ignore[method-assign,assignment]


def _heard_or_none(message: UserMessage) -> Heard | None:
    """None where the assistant is to answer; where the database is away it answers too."""
    try:
        return hear(message)
    except Exception as error:
        logger.error("who has a conversation could not be read: %s", type(error).__name__)
        return None


def hear(message: UserMessage) -> Heard | None:
    """Give a message to the staff who have its person; None where nobody has them."""
    now, text = clock.now(), str(message.text or "")
    channel = str(message.input_channel or "rest")
    if not talks.any_taken(channel=channel, sender=message.sender_id):
        return None
    with session_scope() as session:
        talk = talks.taken_by(session, channel, message.sender_id, now=now)
        if talk is None:
            return None
        language = "en" if identify(text) == "en" else "zh"
        first = talks.heard(
            session, handover_id=talk.id, text=_shown(message), now=now, photo=_photo(message),
            message_id=message.message_id,
        )  # fmt: skip
        first_aid = _first_aid(text)
        if first_aid:
            reason = "crisis" if first_aid == CRISIS else "emergency"
            alarm = talks.endangered(session, handover_id=talk.id, reason=reason, text=text, now=now)
            if alarm:
                alarm_at_once(session, alarm, now=now)
        # What staff wrote meanwhile, for channels where a person is only reached when they write.
        says = list(outbox.collect(session, channel=channel, sender=message.sender_id, now=now))
    if first_aid:
        says.insert(0, response(first_aid, language))
    elif first and not says:
        says.append(word("talk_reads", language))
    return Heard(tuple(says))


def _first_aid(text: str) -> str | None:
    """The response that a person in danger needs at once, None where nobody is."""
    plain = normalise(text).text
    if speaks_of_dying(plain):
        return CRISIS
    return "utter_call_help" if life_in_danger(plain) or find_danger(plain) else None


def _photo(message: UserMessage) -> int | None:
    photo = (message.metadata or {}).get("photo")
    number = photo.get("id") if isinstance(photo, Mapping) else None
    return number if isinstance(number, int) else None


def _shown(message: UserMessage) -> str:
    """The message as staff read it; what a button stands for is out of reach here."""
    text, metadata = str(message.text or ""), message.metadata or {}
    if "photo" in metadata:
        caption = "" if text.startswith("/") else text
        return f"{word('talk_photo', 'zh')}{caption}"
    if isinstance(draft := metadata.get("draft"), Mapping) and not text.startswith("/"):
        return f"《{draft.get('name')}》{text}"
    if text.startswith("/"):
        return word("talk_button", "zh", payload=text.lstrip("/"))
    return text
