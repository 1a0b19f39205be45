"""An official account in the test's own loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.platform import WeChat
from bot.storage import choices
from tests.channels.tencent.fakes import AES_KEY, APP_ID, TOKEN, FakeTencent, wechat_peer
from tests.channels.tencent.lines import Line, line


@pytest.fixture(autouse=True)
def quick_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests read an answer within the second of its making."""
    monkeypatch.setattr(choices, "SEEN_AFTER", timedelta(0))


@pytest.fixture
def tencent() -> Iterator[FakeTencent]:
    fake = FakeTencent().start()
    yield fake
    fake.stop()


@pytest_asyncio.fixture
async def verified(database_url: str, tencent: FakeTencent) -> AsyncIterator[Line]:
    """An account that may push."""
    api = WeChatApi(tencent.url, APP_ID, "secret")
    made = line(WeChat(token=TOKEN, app_id=APP_ID, aes_key=AES_KEY, api=api), wechat_peer(), tencent)
    await made.service.start()
    yield made
    await made.service.stop()


@pytest_asyncio.fixture
async def unverified(database_url: str, tencent: FakeTencent) -> AsyncIterator[Line]:
    """An account without the customer-service interface."""
    made = line(WeChat(token=TOKEN, app_id=APP_ID, aes_key=AES_KEY, api=None), wechat_peer(), tencent)
    await made.service.start()
    yield made
    await made.service.stop()
