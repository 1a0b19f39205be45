"""The one message model: what a person sent on any channel, what goes to the assistant, what comes back.

Each channel has a pure `parse` from its platform's payload to `Received` (or, for the web chat, to `Sent`), and a
`render` from `Reply` to what its platform takes. Every refusal is `BadMessage`. No channel knows the subjects.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.errors import BadInput
from bot.places.positions import WGS84, to_wgs84

MAX_CHARS = 1000
LOCATION_MARK = "[位置]"
YES_OR_NO = (
    "/affirm",
    "/deny",
)  # what buttons stand for that answer the question above them, whichever that is

# Letters and marks that show nothing, though Unicode does not class them as format characters.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_BREAKS = frozenset("\n\r\x0b\x0c\x85\u2028\u2029")
_SLASHES = "/\uff0f"  # the second one is full width; NFKC makes it the first


class BadMessage(BadInput):
    """A request that is answered with a 4xx: what happened, why, what to do.

    Attributes:
        code: a short name for programs ("not_json"), stable.
        status: the HTTP status, 400 to 499.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass(frozen=True)
class Words:
    """A person's own words, cleaned; `cut` where they were longer than `MAX_CHARS`."""

    text: str
    cut: bool = False


@dataclass(frozen=True)
class Press:
    """A button or numbered choice that the client says was pressed; not yet checked against what was offered."""

    payload: str
    title: str | None = None


@dataclass(frozen=True)
class Command:
    """A command or menu entry of the platform whose payload the channel itself knows; nothing of it comes from people."""

    payload: str
    title: str


@dataclass(frozen=True)
class Place:
    """A place on the map in degrees of `datum` (WeChat gives gcj02, everybody else wgs84)."""

    lat: float
    lon: float
    datum: str = WGS84


@dataclass(frozen=True)
class Photo:
    """A photo; `reference` is what the platform hands its bytes out for, `caption` what was written under it."""

    reference: str
    caption: Words | None = None


@dataclass(frozen=True)
class File:
    """A file; `size` in bytes where the platform says it."""

    reference: str
    name: str
    size: int | None = None
    caption: Words | None = None


@dataclass(frozen=True)
class Voice:
    """A voice message that the platform did not turn into words (one that it did is `Words`)."""

    reference: str = ""
    caption: Words | None = None


@dataclass(frozen=True)
class Other:
    """Something that the assistant cannot use: a sticker, a video, a contact. `kind` is the platform's name for it;
    `caption`, what was written under it, is understood all the same."""

    kind: str
    caption: Words | None = None


Sent = Words | Press | Command | Place | Photo | File | Voice | Other


@dataclass(frozen=True)
class Received:
    """A message of a platform.

    Attributes:
        key: the same for each delivery of one message (update_id, MsgId), at most 128 characters.
        address: where the person is answered (chat id, openid); only the platform and `channel_account` know it.
        sent: what was sent.
        sent_at: county-local time where the platform tells it.
        reply_to: the platform's id of the message, where an answer should show what it belongs to (groups).
    """

    key: str
    address: str
    sent: Sent
    sent_at: datetime | None = None
    reply_to: str | None = None


@dataclass(frozen=True)
class Message:
    """What goes to the assistant.

    Attributes:
        text: the text, or the payload of a button that was offered.
        shown: the same for people: what stands in the history.
        metadata: ``{"location": {"lat", "lon", "datum"}}`` for a place, otherwise None.
        cut: the text was cut at `MAX_CHARS`.
    """

    text: str
    shown: str
    metadata: dict[str, Any] | None = None
    cut: bool = False


@dataclass(frozen=True)
class Button:
    """A choice under an answer: what stands on it, and what the assistant gets when it is pressed."""

    title: str
    payload: str


@dataclass(frozen=True)
class Venue:
    """A place that an answer names, for platforms that show one on a map; WGS-84 degrees."""

    name: str
    address: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Reply:
    """One message of an answer.

    Attributes:
        attachment: the link of a file that was made for the person (`bot.storage.files`), relative to the web chat.
        notice: it is about the message itself, no answer: what was asked before still holds. Not stored.
    """

    text: str = ""
    buttons: Sequence[Button] = field(default=())
    image: str | None = None
    attachment: str | None = None
    venues: Sequence[Venue] = field(default=())
    notice: bool = False

    def content(self) -> dict[str, Any]:
        """What is beside the text, as JSON for the outbox; only what there is."""
        beside = {
            "buttons": [vars(button) for button in self.buttons],
            "image": self.image,
            "attachment": self.attachment,
            "venues": [vars(venue) for venue in self.venues],
        }
        return {key: value for key, value in beside.items() if value}

    @classmethod
    def of(cls, text: str, content: Mapping[str, Any]) -> Reply:
        """The reply that `text` and `content` were made of."""
        return cls(
            text,
            tuple(Button(**button) for button in content.get("buttons", ())),
            content.get("image"),
            content.get("attachment"),
            tuple(Venue(**venue) for venue in content.get("venues", ())),
        )


def words(text: str) -> Words:
    """`text` as a person's words.

    Raises:
        BadMessage: nothing readable is in it.
    """
    # A body has 64 kB at most, so that cleaning all of it before the cut is cheap.
    cleaned = clean(text)
    if not cleaned:
        raise BadMessage("empty", "there is nothing readable in the text. Send some words.")
    return Words(cleaned[:MAX_CHARS].rstrip(), len(cleaned) > MAX_CHARS)


def place_message(place: Place) -> Message:
    """A place for the assistant, in WGS-84.

    Raises:
        BadInput: the degrees are out of range.
    """
    at = to_wgs84(place.lat, place.lon, place.datum)
    text = f"{LOCATION_MARK} {at.lat:.6f},{at.lon:.6f}"
    return Message(text, text, {"location": {"lat": at.lat, "lon": at.lon, "datum": WGS84}})


def words_message(said: Words) -> Message:
    """A person's words for the assistant."""
    return Message(said.text, said.text, cut=said.cut)


def clean(text: str) -> str:
    """`text` without invisible and control characters and lone surrogates, trimmed.

    Line breaks stay as "\\n", a tab becomes a space. A slash at the start goes away, for Rasa would run
    the rest as an intent.
    """
    kept = "".join(_kept(char) for char in text.replace("\r\n", "\n"))
    while (shorter := kept.strip().lstrip(_SLASHES)) != kept:
        kept = shorter
    return kept


def _kept(char: str) -> str:
    if char in _BREAKS:
        return "\n"
    if char == "\t":
        return " "
    hidden = char in _INVISIBLE or "\ufe00" <= char <= "\ufe0f"
    return "" if hidden or unicodedata.category(char) in {"Cc", "Cf", "Cs"} else char
