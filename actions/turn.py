"""One turn as an action sees it: the message as understood, who said it, when, and how to answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.exc import SQLAlchemyError

from bot import clock
from bot.dialogue.turn import Understood
from bot.nlu.normalise import clean
from bot.nlu.spans import Span
from bot.settings import settings
from bot.storage.glance import Glance, glance
from bot.texts import word

logger = logging.getLogger(__name__)
HIDDEN = ("language",)  # entities that are about the message, not in it
FALLBACKS = ("nlu_fallback", "out_of_scope")


def understood(event: Mapping[str, Any]) -> Understood:
    """A user message of the tracker as plain data; a button ("/affirm") has no text."""
    raw = str(event.get("text") or "")
    intent = event.get("intent") or {}
    pressed = raw.startswith("/")
    cleaned = clean("" if pressed else raw)
    positions = {original: i for i, original in enumerate(cleaned.offsets)}
    found = []
    for entity in event.get("entities") or []:
        start, end = entity.get("start", 0), entity.get("end", 0)
        if entity["entity"] in HIDDEN or start not in positions:
            continue
        begin, stop = positions[start], positions.get(end, len(cleaned.text))
        found.append(Span(entity["entity"], begin, stop, cleaned.text[begin:stop], entity.get("data") or {}))
    ranking = tuple((row["name"], row["confidence"]) for row in event.get("intent_ranking") or [])
    return Understood(
        cleaned.text,
        str(intent.get("name") or ""),
        float(intent.get("confidence") or 0.0),
        tuple(found),
        ranking,
    )


def sent_with(tracker: Tracker) -> Mapping[str, Any]:
    """What the channel sent along with the latest message: a place, a photo's id, a file's token."""
    latest: Mapping[str, Any] = next((e for e in reversed(tracker.events) if e.get("event") == "user"), {})
    return latest.get("metadata") or {}


def _user_messages(tracker: Tracker) -> list[Mapping[str, Any]]:
    return [event["parse_data"] for event in tracker.events if event.get("event") == "user"]


def acted_before(tracker: Tracker, endings: str | tuple[str, ...]) -> bool:
    """Whether an action whose name has one of these `endings` ran in the assistant's turn before this message."""
    messages = 0
    for event in reversed(tracker.events):
        messages += event.get("event") == "user"
        if messages > 1:
            return False
        if messages and event.get("event") == "action" and str(event.get("name")).endswith(endings):
            return True
    return False


@dataclass
class Turn:
    """What an action works with.

    Attributes:
        message: what the person said. Where a choice of "did you mean" was pressed, the words are
            those of the message before, which the choice was about.
        memory: what was filed or found last in this conversation (slot `memory`); an action
            that changes it returns it as the slot.
    """

    tracker: Tracker
    dispatcher: CollectingDispatcher
    message: Understood
    language: str
    channel: str
    sender: str
    now: datetime
    memory: dict[str, Any]

    @classmethod
    def of(cls, tracker: Tracker, dispatcher: CollectingDispatcher) -> Turn:
        """The turn of a tracker's latest message."""
        latest = tracker.latest_message or {}
        message = understood(latest)
        before = _user_messages(tracker)[:-1]
        memory = dict(tracker.get_slot("memory") or {})
        later = memory.get("later") or {}
        if str(latest.get("text", "")) == f"/{later.get('intent')}" and later.get("offered"):
            memory.pop("later")
            text = str(later["text"])
            found = tuple(Span(value=text[f["start"] : f["end"]], **f) for f in later["found"])
            message = Understood(text, message.intent, 1.0, found)
        elif str(latest.get("text", "")).startswith("/") and before:
            earlier = understood(before[-1])
            if earlier.intent in FALLBACKS or earlier.intent == "inform":
                message = Understood(earlier.text, message.intent, 1.0, earlier.found)
        return cls(
            tracker,
            dispatcher,
            message,
            str(tracker.get_slot("language") or "zh"),
            tracker.get_latest_input_channel() or "rest",
            tracker.sender_id,
            clock.now(),
            memory,
        )

    def say(self, response: str, /, **values: Any) -> None:
        """Say a response of domain.yml."""
        self.dispatcher.utter_message(response=response, **values)

    def word(self, name: str, /, **values: Any) -> str:
        """A piece of text in the person's language."""
        return word(name, self.language, **values)

    @cached_property
    def glance(self) -> Glance | None:
        """What the database holds for this turn; None where that cannot be read, and whoever needs it asks."""
        try:
            return glance(channel=self.channel, sender=self.sender, now=self.now)
        except (SQLAlchemyError, OSError) as error:
            logger.warning("the database could not be looked at: %s", type(error).__name__)
            return None

    @property
    def water_company(self) -> str:
        """The water company's phone in brackets where it is configured, to stand behind its name."""
        phone = settings().water_company_phone
        return f"（{phone}）" if phone else ""
