"""What Telegram sent, from an update of the Bot API to a message. Pure functions; every refusal is `BadMessage`.

An update that is sound and of no use here (an edit, a post in a channel, a group's talk that does not concern the
assistant) gives `Parsed()`. In a group a conversation belongs to one person in that group, so that nobody answers
the questions of another's report.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.channels.model import (
    BadMessage,
    Command,
    File,
    Other,
    Photo,
    Place,
    Press,
    Received,
    Sent,
    Voice,
    Words,
    words,
)
from bot.clock import at_timestamp

CHANNEL = "telegram"
MAX_BYTES = (
    256 * 1024
)  # Telegram's largest (a long text with its markings, in answer to another) is below 100 kB
MAX_ID = 2**53
MAX_DATA = 64  # bytes of callback_data
# What our own commands stand for; every other one is a person's words.
COMMANDS = {"start": "/greet", "report": "/report_outage", "help": "/ask_capabilities"}
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(?=\s|$)")
_GROUPS = ("group", "supergroup")
_GONE = ("kicked", "left")
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


@dataclass(frozen=True)
class Pressed:
    """A pressed button: what has to be answered, and the message whose buttons are to go (None: not known)."""

    query: str
    data: str
    chat: int | None = None
    message: int | None = None
    private: bool = True


@dataclass(frozen=True)
class Parsed:
    """What an update comes to; nothing where all three are None.

    Attributes:
        gone: the address of a person who blocked the bot.
    """

    received: Received | None = None
    pressed: Pressed | None = None
    gone: str | None = None


def read(body: bytes) -> dict[str, Any]:
    """The update in the body of a request.

    Raises:
        BadMessage: it is no JSON object with an `update_id`.
    """
    if len(body) > MAX_BYTES:
        raise BadMessage(
            "too_large", f"the body is larger than {MAX_BYTES // 1024} kB. Send one update.", 413
        )
    try:
        given = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadMessage(
            "not_json", "the body is not JSON in UTF-8. Send one update of the Bot API."
        ) from None
    if not isinstance(given, dict):
        raise _wrong("update")
    update_id(given)
    return given


def update_id(update: Mapping[str, Any]) -> int:
    """The number of an update."""
    number = _id(update, "update_id")
    if number < 0:
        raise _wrong("update_id")
    return number


def parse(update: Mapping[str, Any], me: Me) -> Parsed:
    """What an update comes to.

    Raises:
        BadMessage: a part that is needed is missing or of another type.
    """
    key = f"u{update_id(update)}"
    if "message" in update:
        return _message(_object(update, "message"), key, me)
    if "callback_query" in update:
        return _press(_object(update, "callback_query"), key)
    if "my_chat_member" in update:
        return _membership(_object(update, "my_chat_member"))
    return Parsed()


def split_address(address: str) -> tuple[int, bool]:
    """The chat of an address, and whether it is a group."""
    chat, _, person = address.partition(":")
    return int(chat), bool(person)


def _message(message: Mapping[str, Any], key: str, me: Me) -> Parsed:
    address, private = _address(message)
    number = _id(message, "message_id")
    if address is None or not (private or _addressed(message, me)):
        return Parsed()
    sent = _sent(message, me)
    if sent is None:
        return Parsed()
    return Parsed(Received(key, address, sent, _moment(message), None if private else str(number)))


def _address(message: Mapping[str, Any]) -> tuple[str | None, bool]:
    """Where the writer is answered (None: nobody is), and whether that is a private chat."""
    chat = _object(message, "chat")
    chat_id, kind = _id(chat, "id"), chat.get("type")
    if "from" not in message:  # a channel, or an administrator who hides who they are
        return None, False
    person = _object(message, "from")
    person_id = _id(person, "id")
    if person.get("is_bot") is True:
        return None, False
    if kind == "private":
        return str(chat_id), True
    return (f"{chat_id}:{person_id}" if kind in _GROUPS else None), False


def _addressed(message: Mapping[str, Any], me: Me) -> bool:
    """Whether a message in a group is meant for the bot: named, answered, or one of its commands."""
    text = _said(message)
    answered = message.get("reply_to_message")
    if (
        isinstance(answered, dict)
        and isinstance(answered.get("from"), dict)
        and answered["from"].get("id") == me.id
    ):
        return True
    if text is None:
        return False
    command = _COMMAND.match(text)
    if command:
        return (command[2] or "").lower() == me.username.lower() or (
            not command[2] and command[1].lower() in COMMANDS
        )
    return bool(_mention(me).search(text))


def _sent(message: Mapping[str, Any], me: Me) -> Sent | None:
    """What was sent; None for Telegram's own notes about a chat."""
    if "text" in message:
        return _text(_string(message, "text"), me)
    if "location" in message:
        return _place(_object(message, "location"))
    caption = _caption(message, me)
    if "photo" in message:
        return _photo(message, caption)
    if "voice" in message:
        return Voice(_string(_object(message, "voice"), "file_id"))
    other = next((kind for kind in _OTHER if kind in message), None)
    if other:  # before documents: an animation comes as both
        return Other(other)
    if "document" in message:
        return _document(_object(message, "document"), caption)
    return None


def _text(text: str, me: Me) -> Sent:
    command = _COMMAND.match(text)
    if command and command[1].lower() in COMMANDS:
        return Command(COMMANDS[command[1].lower()], command[0])
    said = _words(text, me)
    if said is not None:
        return said
    named = bool(_mention(me).search(text))  # somebody calls the bot and says nothing more
    return Command(COMMANDS["start"], text.strip()) if named else Other("empty")


def _place(location: Mapping[str, Any]) -> Place:
    return Place(_degrees(location, "latitude", 90), _degrees(location, "longitude", 180))


def _photo(message: Mapping[str, Any], caption: Words | None) -> Photo:
    sizes = message["photo"]
    if not isinstance(sizes, list) or not sizes or not all(isinstance(size, dict) for size in sizes):
        raise _wrong("photo")
    largest = max(sizes, key=lambda size: _id(size, "width") * _id(size, "height"))
    return Photo(_string(largest, "file_id"), caption)


def _document(document: Mapping[str, Any], caption: Words | None) -> Photo | File:
    reference, kind = _string(document, "file_id"), document.get("mime_type")
    if isinstance(kind, str) and kind.startswith("image/"):  # a photo sent "as a file"
        return Photo(reference, caption)
    name = _string(document, "file_name") if "file_name" in document else ""
    size = _id(document, "file_size") if "file_size" in document else None
    return File(reference, name, size, caption)


def _press(query: Mapping[str, Any], key: str) -> Parsed:
    """A pressed button. Two presses of one button are one message: old hands tap twice."""
    number, person = _string(query, "id"), _id(_object(query, "from"), "id")
    if "data" not in query:  # of a game
        return Parsed()
    data = _string(query, "data")
    if not 0 < len(data.encode("utf-8", "replace")) <= MAX_DATA:
        raise _wrong("data")
    if query.get("message") is None:
        return Parsed(Received(key, str(person), Press(data)), Pressed(number, data))
    message = _object(query, "message")
    chat = _object(message, "chat")
    chat_id, message_id, private = _id(chat, "id"), _id(message, "message_id"), chat.get("type") == "private"
    once = hashlib.sha256(f"{chat_id} {person} {message_id} {data}".encode("utf-8", "replace")).hexdigest()[
        :32
    ]
    # In a group anybody may press; the words on another person's button are not theirs.
    title = _title(message, data) if private else None
    address = str(chat_id) if private else f"{chat_id}:{person}"
    received = Received(
        f"p{once}", address, Press(data, title), reply_to=None if private else str(message_id)
    )
    return Parsed(received, Pressed(number, data, chat_id, message_id, private))


def _title(message: Mapping[str, Any], data: str) -> str | None:
    """What stands on the button, from the message that Telegram sends along."""
    markup = message.get("reply_markup")
    keyboard = markup.get("inline_keyboard") if isinstance(markup, dict) else None
    for row in keyboard if isinstance(keyboard, list) else ():
        for button in row if isinstance(row, list) else ():
            if isinstance(button, dict) and button.get("callback_data") == data:
                text = button.get("text")
                return text if isinstance(text, str) else None
    return None


def _membership(change: Mapping[str, Any]) -> Parsed:
    chat, after = _object(change, "chat"), _object(change, "new_chat_member")
    if chat.get("type") == "private" and after.get("status") in _GONE:
        return Parsed(gone=str(_id(chat, "id")))
    return Parsed()


def _said(message: Mapping[str, Any]) -> str | None:
    name = next((name for name in ("text", "caption") if name in message), None)
    return _string(message, name) if name else None


def _caption(message: Mapping[str, Any], me: Me) -> Words | None:
    return _words(_string(message, "caption"), me) if "caption" in message else None


def _words(text: str, me: Me) -> Words | None:
    try:
        return words(_mention(me).sub("", text))
    except BadMessage:
        return None


def _mention(me: Me) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)@{re.escape(me.username)}(?!\w)", re.ASCII | re.IGNORECASE)


def _moment(message: Mapping[str, Any]) -> datetime | None:
    date = message.get("date")
    if isinstance(date, bool) or not isinstance(date, int) or not 0 <= date < 2**32:
        return None
    return at_timestamp(date)


def _object(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = given.get(name)
    if not isinstance(value, dict):
        raise _wrong(name)
    return value


def _string(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str):
        raise _wrong(name)
    return value


def _id(given: Mapping[str, Any], name: str) -> int:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_ID:
        raise _wrong(name)
    return value


def _degrees(given: Mapping[str, Any], name: str, most: int) -> float:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not -most <= value <= most:
        raise _wrong(name)
    return float(value)


def _wrong(name: str) -> BadMessage:
    return BadMessage(
        "malformed", f"{name!r} is missing or not as the Bot API has it. Send an update of Telegram."
    )


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")
