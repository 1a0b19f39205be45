"""A message or event of an official account as the message model has it. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping

from bot.channels.model import BadMessage, Message, Press, Received, Sent
from bot.channels.tencent import fields
from bot.channels.tencent.envelope import fields as read
from bot.texts import responses

GREETING = "greet"
_GREETED = {"subscribe", "scan"}


def parse(xml: str) -> Received | None:
    """The message in the decrypted XML; None for events that nobody waits for an answer to.

    Raises:
        BadMessage: it is broken.
    """
    return parse_fields(read(xml))


def parse_fields(given: Mapping[str, str]) -> Received | None:
    """As `parse`, of its fields."""
    message = fields.message(given)
    if message is None and (event := _event(given)):
        return Received(fields.key(given), fields.name(given, "FromUserName"), event, fields.created(given))
    return message


def menu_message(key: str, language: str) -> Message | None:
    """What the assistant gets for a key of the menu, or for somebody who has just come; None for others."""
    if key == GREETING:
        return Message(f"/{GREETING}", "")
    for button in menu(language)["buttons"]:
        if _key(button) == key:
            return Message(button["payload"], button["title"])
    return None


def menu(language: str) -> Mapping[str, list[dict[str, str]]]:
    """The response that the menu is made of: its text names the middle group, its buttons are the entries."""
    found: Mapping[str, list[dict[str, str]]] = responses()["utter_word_channel_menu"][
        1 if language == "en" else 0
    ]
    return found


def menu_payload(language: str = "zh") -> dict[str, object]:
    """The menu as the platform takes it: the first and the last entry by themselves, the others in one group."""
    first, *others, last = menu(language)["buttons"]
    group = {"name": menu(language)["text"], "sub_button": [_entry(button) for button in others]}
    return {"button": [_entry(first), group, _entry(last)]}


def _entry(button: Mapping[str, str]) -> dict[str, str]:
    return {"type": "click", "name": button["title"], "key": _key(button)}


def _key(button: Mapping[str, str]) -> str:
    return button["payload"].removeprefix("/")


def _event(given: Mapping[str, str]) -> Sent | None:
    name = given.get("Event", "").lower()
    if not name:
        raise BadMessage("bad_field", "<Event> is missing. Send it as documented.")
    if name in _GREETED:
        return Press(GREETING)
    if name == "unsubscribe":
        return fields.UNSUBSCRIBED
    if name == "click":
        return Press(given.get("EventKey", "")[:64])
    return None  # the place of somebody who opens the account, a link that was opened ...
