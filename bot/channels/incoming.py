"""What a browser sent, from bytes to a message for the assistant. Pure functions; every refusal is `BadMessage`.

A body is a JSON object with one of

- ``{"text": str}``: the person's own words;
- ``{"payload": str, "title": str}``: a button that was pressed, and what stood on it (`title` may be absent);
- ``{"location": {"lat": number, "lon": number}}``: a place in WGS-84 degrees.

Other keys are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.channels.model import (
    YES_OR_NO,
    BadMessage,
    Message,
    Place,
    Press,
    Words,
    place_message,
    words,
    words_message,
)

MAX_BYTES = 64 * 1024
MAX_PAYLOAD_CHARS = 4096
KINDS = ("text", "payload", "location")
Sent = Words | Press | Place


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
    return words(_string("text", given["text"]))


def resolve(sent: Sent, offered: Mapping[str, str]) -> Message:
    """The message for the assistant.

    A payload counts only where it is in `offered` (payload to title), so that nobody runs an intent that
    was not offered; otherwise the button's title is taken as the person's words.

    Raises:
        BadMessage: a button that was not offered, without a title.
    """
    if isinstance(sent, Place):
        return place_message(sent)
    if isinstance(sent, Words):
        return words_message(sent)
    if sent.payload in offered:
        return Message(sent.payload, offered[sent.payload])
    if sent.title is None:
        raise BadMessage(
            "button_unknown",
            "this button was not offered in this conversation lately. Send its title too, or plain text.",
        )
    return words_message(words(sent.title))


def is_over(sent: Sent, offered: Mapping[str, str]) -> bool:
    """Whether a yes or no was pressed under an earlier question, in another window say: it must not answer the newer one."""
    if not isinstance(sent, Press) or sent.payload not in YES_OR_NO or sent.title is None:
        return False
    return offered.get(sent.payload, sent.title) != sent.title


def too_large() -> BadMessage:
    """The refusal of a body beyond `MAX_BYTES`."""
    return BadMessage(
        "too_large", f"the body is larger than {MAX_BYTES // 1024} kB. Send a shorter message.", 413
    )


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
