"""The REST channel refuses what Rasa's own takes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sanic.exceptions import InvalidUsage

from bot.channels.rest import MAX_TEXT, RestChannel


def request(body: Any) -> Any:
    return SimpleNamespace(json=body)


@pytest.mark.parametrize("body", [[], None, "text", 5, [{"sender": "a"}]])
def test_only_an_object_is_taken(body: Any) -> None:
    with pytest.raises(InvalidUsage):
        RestChannel()._extract_message(request(body))


@pytest.mark.parametrize("sender", ["", "  ", 5, ["a"], {"a": 1}, "x" * 256])
async def test_a_sender_is_text_of_a_sensible_length(sender: Any) -> None:
    with pytest.raises(InvalidUsage):
        await RestChannel()._extract_sender(request({"sender": sender, "message": "x"}))


async def test_without_a_sender_nobody_shares_a_conversation() -> None:
    channel = RestChannel()
    one, other = [await channel._extract_sender(request({"message": "x"})) for _ in range(2)]
    assert one != other


@pytest.mark.parametrize("message", [None, 5, ["x"], {"text": "x"}])
def test_a_message_is_text(message: Any) -> None:
    with pytest.raises(InvalidUsage):
        RestChannel()._extract_message(request({"sender": "a", "message": message}))


def test_a_long_text_is_cut_and_the_channel_is_not_the_callers_choice() -> None:
    sent = request({"sender": "a", "message": "水" * 5000, "input_channel": "wechat"})
    assert len(RestChannel()._extract_message(sent)) == MAX_TEXT
    assert RestChannel()._extract_input_channel(sent) == "rest"
