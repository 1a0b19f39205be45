"""What a message of Telegram holds: words, a command, a place, a photo, a file. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.model import BadMessage, Command, File, Other, Photo, Place, Sent, Voice, Words, words
from bot.channels.telegram.fields import degrees, integer, part, string, wrong

# What our own commands stand for; every other one is a person's words.
COMMANDS = {"start": "/greet", "report": "/report_outage", "help": "/ask_capabilities"}
COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(?=\s|$)")
# What people send and the assistant cannot use. Other kinds are Telegram's own notes: somebody joined, a new title.
_OTHER = (
    "sticker", "animation", "video", "video_note", "audio", "contact", "dice", "poll", "game", "story", "paid_media",
    "checklist",
)  # fmt: skip


@dataclass(frozen=True)
class Me:
    """The bot itself, as `getMe` tells."""

    id: int
    username: str


def sent_in(message: Mapping[str, Any], me: Me) -> Sent | None:
    """What was sent; None for Telegram's own notes about a chat."""
    if "text" in message:
        return _text(string(message, "text"), me)
    if "location" in message:
        return _place(part(message, "location"))
    caption = _caption(message, me)
    if "photo" in message:
        return _photo(message, caption)
    if "voice" in message:
        return Voice(string(part(message, "voice"), "file_id"), caption)
    other = next((kind for kind in _OTHER if kind in message), None)
    if other:  # before documents: an animation comes as both
        return Other(other, caption)
    if "document" in message:
        return _document(part(message, "document"), caption)
    return None


def _text(text: str, me: Me) -> Sent:
    command = COMMAND.match(text)
    if command and command[1].lower() in COMMANDS:
        return Command(COMMANDS[command[1].lower()], command[0])
    own = _words(text, me)
    if own is not None:
        return own
    named = bool(mention(me).search(text))  # somebody calls the bot and says nothing more
    return Command(COMMANDS["start"], text.strip()) if named else Other("empty")


def _place(location: Mapping[str, Any]) -> Place:
    return Place(degrees(location, "latitude", 90), degrees(location, "longitude", 180))


def _photo(message: Mapping[str, Any], caption: Words | None) -> Photo:
    sizes = message["photo"]
    if not isinstance(sizes, list) or not sizes or not all(isinstance(size, dict) for size in sizes):
        raise wrong("photo")
    largest = max(sizes, key=lambda size: integer(size, "width") * integer(size, "height"))
    return Photo(string(largest, "file_id"), caption)


def _document(document: Mapping[str, Any], caption: Words | None) -> Photo | File:
    reference, kind = string(document, "file_id"), document.get("mime_type")
    if isinstance(kind, str) and kind.startswith("image/"):  # a photo sent "as a file"
        return Photo(reference, caption)
    name = string(document, "file_name") if "file_name" in document else ""
    size = integer(document, "file_size") if "file_size" in document else None
    return File(reference, name, size, caption)


def said(message: Mapping[str, Any]) -> str | None:
    """What was written, by itself or under a photo or file; None where nothing was."""
    name = next((name for name in ("text", "caption") if name in message), None)
    return string(message, name) if name else None


def _caption(message: Mapping[str, Any], me: Me) -> Words | None:
    return _words(string(message, "caption"), me) if "caption" in message else None


def _words(text: str, me: Me) -> Words | None:
    try:
        return words(mention(me).sub("", text))
    except BadMessage:
        return None


def mention(me: Me) -> re.Pattern[str]:
    """What finds the bot named in a text."""
    return re.compile(rf"(?<!\w)@{re.escape(me.username)}(?!\w)", re.ASCII | re.IGNORECASE)
