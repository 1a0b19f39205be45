"""Fields of a platform's XML as parts of the message model; what is broken is `BadMessage`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from bot import clock
from bot.channels.model import BadMessage, Other, Photo, Place, Received, Sent, Voice, words
from bot.places.positions import GCJ02
from bot.storage.sealed import fingerprint

UNSUBSCRIBED = Other("unsubscribe")  # somebody follows the account no longer
_NAME = re.compile(r"[A-Za-z0-9_@.\-]{1,64}")
_NUMBER = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,12})?")


def name(given: Mapping[str, str], field: str) -> str:
    """An openid, user id or account's id.

    Raises:
        BadMessage: it is none.
    """
    value = given.get(field, "")
    if not _NAME.fullmatch(value):
        raise BadMessage("bad_field", f"<{field}> is no id. Send it as documented.")
    return value


def created(given: Mapping[str, str]) -> datetime:
    """CreateTime as county-local time.

    Raises:
        BadMessage: it is no time.
    """
    value = given.get("CreateTime", "")
    if not re.fullmatch(r"[0-9]{1,11}", value):
        raise BadMessage("bad_field", "<CreateTime> is no time. Send seconds since 1970.")
    return clock.at_timestamp(int(value))


def key(given: Mapping[str, str]) -> str:
    """The same for each delivery of a message: its MsgId; an event has none, but its own moment and person.

    Raises:
        BadMessage: MsgId is no number.
    """
    number = given.get("MsgId", "")
    if number:
        if not re.fullmatch(r"[0-9]{1,32}", number):
            raise BadMessage("bad_field", "<MsgId> is no number. Send it as documented.")
        return number
    told = "\n".join(given.get(part, "") for part in ("FromUserName", "CreateTime", "Event", "EventKey"))
    return f"event-{fingerprint('event', told)}"  # with the key: nobody finds the person by trying ids


def said(text: str) -> Sent:
    """A text; `Other` where nothing readable is in it."""
    try:
        return words(text)
    except BadMessage:
        return Other("text")


def place(given: Mapping[str, str]) -> Place:
    """A pin on Tencent's map.

    Raises:
        BadMessage: the degrees are none.
    """
    lat, lon = given.get("Location_X", ""), given.get("Location_Y", "")
    if not (_NUMBER.fullmatch(lat) and _NUMBER.fullmatch(lon)):
        raise BadMessage("bad_field", "<Location_X>, <Location_Y> are no degrees. Send e.g. 26.968.")
    if abs(float(lat)) > 90 or abs(float(lon)) > 180:
        raise BadMessage("out_of_range", "the place is not on the earth. Send latitude, then longitude.")
    return Place(float(lat), float(lon), GCJ02)


def message(given: Mapping[str, str]) -> Received | None:
    """A person's message; None for an event, whose fields that every delivery has are sound too.

    Raises:
        BadMessage: it is broken.
    """
    address, at, its_key = name(given, "FromUserName"), created(given), key(given)
    name(given, "ToUserName")
    if given.get("MsgType", "").lower() == "event":
        return None
    if not given.get("MsgId"):
        raise BadMessage("bad_field", "<MsgId> is missing. Send it as documented.")
    return Received(its_key, address, sent(given), at)


def sent(given: Mapping[str, str]) -> Sent:
    """What a message that is no event holds.

    Raises:
        BadMessage: a field that it needs is broken.
    """
    kind = given.get("MsgType", "").lower()
    if kind == "text":
        if "Content" not in given:
            raise BadMessage("bad_field", "<Content> is missing. Send the text in it.")
        return said(given["Content"])
    if kind == "voice":
        heard = given.get("Recognition", "").strip()
        return said(heard) if heard else Voice(given.get("MediaId", ""))
    if kind == "location":
        return place(given)
    if kind == "image":
        return Photo(" ".join(filter(None, (given.get("MediaId", ""), given.get("PicUrl", "")))))
    if not kind:
        raise BadMessage("bad_field", "<MsgType> is missing. Send it as documented.")
    return Other(kind[:32])
