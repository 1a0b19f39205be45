"""What a person sent, from bytes to a message for the assistant. Pure functions; every refusal is `BadMessage`.

A body is a JSON object with one of

- ``{"text": str}``: the person's own words;
- ``{"payload": str, "title": str}``: a button that was pressed, and what stood on it (`title` may be absent);
- ``{"location": {"lat": number, "lon": number}}``: a place in WGS-84 degrees.

Other keys are passed over.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import BadInput

MAX_BYTES = 64 * 1024
MAX_CHARS = 1000
MAX_PAYLOAD_CHARS = 4096
KINDS = ("text", "payload", "location")
WGS84 = "wgs84"
LOCATION_MARK = "[位置]"

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
    """A button that the client says was pressed; not yet checked against what was offered."""

    payload: str
    title: str | None = None


@dataclass(frozen=True)
class Place:
    """A place on the map in WGS-84 degrees."""

    lat: float
    lon: float


Sent = Words | Press | Place


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


def parse(body: bytes) -> Sent:
    """What the client sent.

    Raises:
        BadMessage: anything else than one of the forms above, or nothing readable in the text.
    """
    if len(body) > MAX_BYTES:
        raise too_large()
    given = _json_object(body)
    kinds = [kind for kind in KINDS if given.get(kind) is not None]
    if len(kinds) != 1:
        raise BadMessage(
            "what", f'one of "text", "payload", "location" is needed, {len(kinds)} came. Send exactly one.'
        )
    if kinds == ["location"]:
        return _place(given["location"])
    if kinds == ["payload"]:
        return _press(given["payload"], given.get("title"))
    return _words(_string("text", given["text"]))


def resolve(sent: Sent, offered: Mapping[str, str]) -> Message:
    """The message for the assistant.

    A payload counts only where it is in `offered` (payload to title), so that nobody runs an intent that
    was not offered; otherwise the button's title is taken as the person's words.

    Raises:
        BadMessage: a button that was not offered, without a title.
    """
    if isinstance(sent, Place):
        text = f"{LOCATION_MARK} {sent.lat:.6f},{sent.lon:.6f}"
        return Message(text, text, {"location": {"lat": sent.lat, "lon": sent.lon, "datum": WGS84}})
    if isinstance(sent, Press) and sent.payload in offered:
        return Message(sent.payload, offered[sent.payload])
    if isinstance(sent, Press) and sent.title is None:
        raise BadMessage(
            "button_unknown",
            "this button was not offered in this conversation lately. Send its title too, or plain text.",
        )
    words = sent if isinstance(sent, Words) else _words(sent.title or "")
    return Message(words.text, words.text, cut=words.cut)


def clean(text: str) -> str:
    """`text` without invisible and control characters and lone surrogates, trimmed.

    Line breaks stay as "\\n", a tab becomes a space. A slash at the start goes away, for Rasa would run
    the rest as an intent.
    """
    kept = "".join(_kept(char) for char in text.replace("\r\n", "\n"))
    while (shorter := kept.strip().lstrip(_SLASHES)) != kept:
        kept = shorter
    return kept


def too_large() -> BadMessage:
    """The refusal of a body beyond `MAX_BYTES`."""
    return BadMessage(
        "too_large", f"the body is larger than {MAX_BYTES // 1024} kB. Send a shorter message.", 413
    )


def _kept(char: str) -> str:
    if char in _BREAKS:
        return "\n"
    if char == "\t":
        return " "
    hidden = char in _INVISIBLE or "\ufe00" <= char <= "\ufe0f"
    return "" if hidden or unicodedata.category(char) in {"Cc", "Cf", "Cs"} else char


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadMessage("not_json", 'the body is not JSON in UTF-8. Send e.g. {"text": "停水了"}.') from None
    if not isinstance(given, dict):
        raise BadMessage("not_object", 'the body is not a JSON object. Send e.g. {"text": "停水了"}.')
    return given


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _string(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise BadMessage("wrong_type", f'"{name}" is not a string. Send it in quotes.')
    return value


def _words(text: str) -> Words:
    # A body has 64 kB at most, so that cleaning all of it before the cut is cheap.
    cleaned = clean(text)
    if not cleaned:
        raise BadMessage("empty", "there is nothing readable in the text. Send some words.")
    return Words(cleaned[:MAX_CHARS].rstrip(), len(cleaned) > MAX_CHARS)


def _press(payload: object, title: object) -> Press:
    name = _string("payload", payload)
    if len(name) > MAX_PAYLOAD_CHARS:
        raise BadMessage("too_large", f'"payload" is longer than {MAX_PAYLOAD_CHARS} characters.', 413)
    return Press(name, None if title is None else _string("title", title))


def _place(given: object) -> Place:
    if not isinstance(given, dict):
        raise BadMessage("wrong_type", '"location" is not an object. Send {"lat": 26.9, "lon": 112.3}.')
    return Place(_degrees("lat", given.get("lat"), 90), _degrees("lon", given.get("lon"), 180))


def _degrees(name: str, value: object, most: int) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadMessage("wrong_type", f'"{name}" is not a number. Send degrees, e.g. 26.968.')
    if not -most <= value <= most:  # NaN fails this too
        raise BadMessage("out_of_range", f'"{name}" is outside -{most} to {most}. Send degrees.')
    return float(value)
