"""What the page shows of messages: of those just collected, and of a conversation's stored events. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot import clock
from bot.channels.conversation import buttons_of
from bot.channels.pictures import PHOTO_MARK
from bot.channels.sessions import Turn
from bot.channels.uploads import FILE_MARK

Event = Mapping[str, Any]


def public_message(message: Mapping[str, Any]) -> dict[str, Any]:
    """What the page gets of a collected message: text, buttons with a payload, picture, attachment."""
    buttons = [dict(vars(button)) for button in buttons_of(message)]
    shown = {
        key: message[key] for key in ("text", "image", "attachment") if isinstance(message.get(key), str)
    }
    return {**shown, "buttons": buttons} if buttons else shown


def public_messages(collected: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the page gets of an answer; what has nothing to show is left out."""
    return [public for message in collected if (public := public_message(message))]


def language_of(events: Iterable[Event]) -> str | None:
    """The language that a conversation goes on in; None where nothing tells it."""
    told = [event for event in events if event.get("event") == "slot" and event.get("name") == "language"]
    return told[-1].get("value") if told else None


def turns_of(events: Iterable[Event]) -> list[Turn]:
    """The turns of a conversation from Rasa's events as dicts, oldest first; other kinds of events are passed over.

    A button stands there by its title, a file by its mark and name, a photo by its mark and the words under it.
    """
    turns: list[Turn] = []
    titles: dict[str, str] = {}
    for event in events:
        at = clock.at_timestamp(float(event.get("timestamp") or 0))
        if event.get("event") == "user":
            turns.append(Turn(_said(event, titles), at))
        elif event.get("event") == "bot":
            message = public_message({"text": event.get("text"), **(event.get("data") or {})})
            titles.update((button["payload"], button["title"]) for button in message.get("buttons", ()))
            if message and not turns:
                turns.append(Turn("", at))
            if message:
                turns[-1].messages.append(message)
    return turns


def together(with_assistant: Iterable[Turn], beside: Iterable[Turn]) -> list[Turn]:
    """One conversation of both, in the order of time. What the assistant passed on with an answer stands in its
    conversation already."""
    turns = list(with_assistant)
    passed_on = {message.get("text") for turn in turns for message in turn.messages}
    new = [turn for turn in beside if turn.said or turn.talk or turn.messages[0]["text"] not in passed_on]
    return sorted([*turns, *new], key=lambda turn: turn.at)


def _said(event: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    text = str(event.get("text") or "")
    metadata = event.get("metadata") or {}
    draft = metadata.get("draft")
    if "photo" in metadata:
        return PHOTO_MARK if text.startswith("/") else f"{PHOTO_MARK} {text}"
    if isinstance(draft, Mapping):
        return f"{FILE_MARK} {draft.get('name', '')}".rstrip()
    # People cannot begin with a slash: what does is a button whose title is out of reach.
    return titles.get(text, "" if text.startswith("/") else text)
