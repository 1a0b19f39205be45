"""Fields of an update of the Bot API, read strictly: what is missing or of another type is `BadMessage`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.channels.model import BadMessage

MAX_ID = 2**53


def part(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object of this name.

    Raises:
        BadMessage: it is missing or of another type.
    """
    value = given.get(name)
    if not isinstance(value, dict):
        raise wrong(name)
    return value


def string(given: Mapping[str, Any], name: str) -> str:
    """The text of this name.

    Raises:
        BadMessage: it is missing or of another type.
    """
    value = given.get(name)
    if not isinstance(value, str):
        raise wrong(name)
    return value


def integer(given: Mapping[str, Any], name: str) -> int:
    """The whole number of this name, an id or a size.

    Raises:
        BadMessage: it is missing or of another type.
    """
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_ID:
        raise wrong(name)
    return value


def degrees(given: Mapping[str, Any], name: str, most: int) -> float:
    """The degrees of this name, from -`most` to `most`.

    Raises:
        BadMessage: it is missing or of another type.
    """
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not -most <= value <= most:
        raise wrong(name)
    return float(value)


def wrong(name: str) -> BadMessage:
    """What is raised of a field that cannot be used."""
    return BadMessage(
        "malformed", f"{name!r} is missing or not as the Bot API has it. Send an update of Telegram."
    )
