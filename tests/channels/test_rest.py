"""The REST channel refuses what Rasa's own takes."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from sanic.exceptions import InvalidUsage

from bot.channels.model import MAX_CHARS
from bot.channels.rest import RestChannel

from .conftest import Chat

SECRET = "三塘镇老街张大爷"


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


def test_the_channel_is_not_the_callers_choice() -> None:
    sent = request({"sender": "a", "message": "水", "input_channel": "wechat"})
    assert RestChannel()._extract_input_channel(sent) == "rest"


async def said(chat: Chat, text: str) -> list[str]:
    async with chat.client() as client:
        answer = await client.post("../rest/webhook", json={"sender": "a", "message": text})
    assert answer.status_code == 200
    return [message["text"] for message in answer.json()]


@pytest.mark.parametrize(
    ("text", "told"),
    [("水" * 5000, "只看到前面1000个字"), ("no water here " * 100, "the first 1,000 characters")],
    ids=["zh", "en"],
)
async def test_a_long_text_is_cut_with_a_word_about_it(chat: Chat, text: str, told: str) -> None:
    notice, _answer = await said(chat, text)
    assert told in notice
    (asked,) = chat.agent.asked
    assert asked.text == text[:MAX_CHARS].rstrip()
    assert await said(chat, "水" * MAX_CHARS) == ["收到：" + "水" * MAX_CHARS]


async def test_what_fails_is_logged_without_words_of_people(
    chat: Chat, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    async def fails(_message: UserMessage) -> None:
        raise RuntimeError(SECRET)

    chat.agent.answer = fails
    with caplog.at_level(logging.DEBUG):
        assert await said(chat, SECRET) == []
    logged = caplog.text + "".join(capfd.readouterr())
    assert "RuntimeError" in logged
    assert SECRET not in logged
