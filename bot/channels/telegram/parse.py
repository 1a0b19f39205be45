"""What Telegram sent, from an update of the Bot API to a message. Pure functions; every refusal is `BadMessage`.

An update that is sound and of no use here (an edit, a post in a channel, a group's talk that does not concern the
assistant) gives `Parsed()`. In a group a conversation belongs to one person in that group, so that nobody answers
the questions of another's report.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.channels.model import BadMessage, Press, Received
from bot.channels.telegram.contents import COMMAND, COMMANDS, Me, mention, said, sent_in
from bot.channels.telegram.fields import integer, part, string, wrong
from bot.clock import at_timestamp

CHANNEL = "telegram"
MAX_BYTES = (
    256 * 1024
)  # Telegram's largest (a long text with its markings, in answer to another) is below 100 kB
MAX_DATA = 64  # bytes of callback_data
_GROUPS = ("group", "supergroup")
_GONE = ("kicked", "left")


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
        raise wrong("update")
    update_id(given)
    return given


def update_id(update: Mapping[str, Any]) -> int:
    """The number of an update."""
    number = integer(update, "update_id")
    if number < 0:
        raise wrong("update_id")
    return number


def key_of(update: Mapping[str, Any]) -> str:
    """The same for each delivery of an update."""
    return f"u{update_id(update)}"


def parse(update: Mapping[str, Any], me: Me) -> Parsed:
    """What an update comes to.

    Raises:
        BadMessage: a part that is needed is missing or of another type.
    """
    key = key_of(update)
    if "message" in update:
        return _message(part(update, "message"), key, me)
    if "callback_query" in update:
        return _press(part(update, "callback_query"), key)
    if "my_chat_member" in update:
        return _membership(part(update, "my_chat_member"))
    return Parsed()


def split_address(address: str) -> tuple[int, bool]:
    """The chat of an address, and whether it is a group."""
    chat, _, person = address.partition(":")
    return int(chat), bool(person)


def _message(message: Mapping[str, Any], key: str, me: Me) -> Parsed:
    address, private = _address(message)
    number = integer(message, "message_id")
    if address is None or not (private or _addressed(message, me)):
        return Parsed()
    sent = sent_in(message, me)
    if sent is None:
        return Parsed()
    return Parsed(Received(key, address, sent, _moment(message), None if private else str(number)))


def _address(message: Mapping[str, Any]) -> tuple[str | None, bool]:
    """Where the writer is answered (None: nobody is), and whether that is a private chat."""
    chat = part(message, "chat")
    chat_id, kind = integer(chat, "id"), chat.get("type")
    if "from" not in message:  # a channel, or an administrator who hides who they are
        return None, False
    person = part(message, "from")
    person_id = integer(person, "id")
    if person.get("is_bot") is True:
        return None, False
    if kind == "private":
        return str(chat_id), True
    return (f"{chat_id}:{person_id}" if kind in _GROUPS else None), False


def _addressed(message: Mapping[str, Any], me: Me) -> bool:
    """Whether a message in a group is meant for the bot: named, answered, or one of its commands."""
    text = said(message)
    answered = message.get("reply_to_message")
    if (
        isinstance(answered, dict)
        and isinstance(answered.get("from"), dict)
        and answered["from"].get("id") == me.id
    ):
        return True
    if text is None:
        return False
    command = COMMAND.match(text)
    if command:
        return (command[2] or "").lower() == me.username.lower() or (
            not command[2] and command[1].lower() in COMMANDS
        )
    return bool(mention(me).search(text))


def _press(query: Mapping[str, Any], key: str) -> Parsed:
    """A pressed button. Two presses of one button are one message: old hands tap twice."""
    number, person = string(query, "id"), integer(part(query, "from"), "id")
    if "data" not in query:  # of a game
        return Parsed()
    data = string(query, "data")
    if not 0 < len(data.encode("utf-8", "replace")) <= MAX_DATA:
        raise wrong("data")
    if query.get("message") is None:
        return Parsed(Received(key, str(person), Press(data)), Pressed(number, data))
    message = part(query, "message")
    chat = part(message, "chat")
    chat_id, message_id, private = (
        integer(chat, "id"),
        integer(message, "message_id"),
        chat.get("type") == "private",
    )
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
    chat, after = part(change, "chat"), part(change, "new_chat_member")
    if chat.get("type") == "private" and after.get("status") in _GONE:
        return Parsed(gone=str(integer(chat, "id")))
    return Parsed()


def _moment(message: Mapping[str, Any]) -> datetime | None:
    date = message.get("date")
    if isinstance(date, bool) or not isinstance(date, int) or not 0 <= date < 2**32:
        return None
    return at_timestamp(date)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")
