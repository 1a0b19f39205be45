"""A Bot API of the tests' own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from telegram import Bot

from bot.channels.telegram import api as client
from bot.settings import Settings
from tests.channels.telegram.fakeapi import TOKEN, FakeApi


@pytest.fixture
def api() -> Iterator[FakeApi]:
    """A fresh Bot API."""
    fake = FakeApi()
    yield fake
    fake.close()


@pytest.fixture
def conf(api: FakeApi) -> Settings:
    """Settings that lead there."""
    return Settings(telegram_token=TOKEN, telegram_api=api.url, telegram_secret="s3cret")


@pytest.fixture
async def bot(conf: Settings) -> AsyncIterator[Bot]:
    """The client, initialised."""
    async with client.make_bot(conf) as made:
        yield made
