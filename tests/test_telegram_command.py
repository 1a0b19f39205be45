"""`wuchang telegram`: what is told to Telegram, and what is said where something is wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot import cli
from bot.commands.telegram import webhook_url
from bot.errors import BadInput
from bot.settings import settings
from tests.channels.telegram.fakeapi import TOKEN, FakeApi

URL = "https://chat.example/webhooks/telegram/webhook"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApi]:
    """A Bot API that the settings of this process lead to."""
    fake = FakeApi()
    monkeypatch.setenv("WUCHANG_TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("WUCHANG_TELEGRAM_API", fake.url)
    settings.cache_clear()
    yield fake
    settings.cache_clear()
    fake.close()


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = cli.main(["telegram", *arguments])
    captured = capsys.readouterr()
    return status, captured.out + captured.err


def test_check_says_who_the_bot_is(api: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = told(capsys, "check")
    assert status == 0
    assert "@wuchang_bot" in said


def test_a_webhook_is_set_with_its_secret_and_taken_away(
    api: FakeApi, capsys: pytest.CaptureFixture[str]
) -> None:
    status, said = told(capsys, "webhook", URL)
    assert status == 0
    assert "WUCHANG_TELEGRAM_MODE=webhook" in said  # still to be set
    assert (api.webhook["url"], len(api.webhook["secret_token"])) == (URL, 32)
    assert api.webhook["allowed_updates"] == ["message", "callback_query", "my_chat_member"]
    status, said = told(capsys, "check")
    assert status == 2
    assert "wuchang telegram poll" in said
    status, said = told(capsys, "poll")
    assert status == 0
    assert URL in said
    assert api.webhook == {}
    assert told(capsys, "check")[0] == 0


def test_a_wrong_token_and_none(
    api: FakeApi, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    api.token = "another"
    status, said = told(capsys, "check")
    assert status == 2
    assert "@BotFather" in said
    assert TOKEN not in said
    monkeypatch.setenv("WUCHANG_TELEGRAM_TOKEN", "")
    settings.cache_clear()
    status, said = told(capsys, "check")
    assert (status, api.calls) == (2, [])
    assert "WUCHANG_TELEGRAM_TOKEN" in said


@pytest.mark.parametrize(
    ("given", "web_url", "made"),
    [
        (URL, "", URL),
        (None, "https://chat.example/webhooks/web/", URL),
        (None, "https://chat.example/", URL),
    ],
)
def test_the_address_of_the_webhook(given: str | None, web_url: str, made: str) -> None:
    assert webhook_url(given, web_url) == made


@pytest.mark.parametrize(
    ("given", "web_url"), [(None, ""), (None, "http://chat.example/"), ("http://x/y", "")]
)
def test_telegram_calls_https_only(given: str | None, web_url: str) -> None:
    with pytest.raises(BadInput, match="https://"):
        webhook_url(given, web_url)
