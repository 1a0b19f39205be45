"""A message or event of a WeCom app as the message model has it. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping

from bot.channels.model import Received
from bot.channels.tencent import fields
from bot.channels.tencent.envelope import fields as read


def parse(xml: str) -> Received | None:
    """The message in the decrypted XML; None for events, which staff do not wait for an answer to.

    Raises:
        BadMessage: it is broken.
    """
    return parse_fields(read(xml))


def parse_fields(given: Mapping[str, str]) -> Received | None:
    """As `parse`, of its fields."""
    return fields.message(given)
