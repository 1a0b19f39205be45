"""100,000 bent deliveries of an official account."""

from __future__ import annotations

import pytest

from bot.channels.wechat.platform import WeChat
from tests.channels.tencent.fakes import AES_KEY, APP_ID, TOKEN, wechat_peer
from tests.channels.tencent.fuzz import COUNT, run
from tests.channels.wechat.test_messages import PAYLOADS

MESSAGES = [path.read_text(encoding="utf8") for path in sorted(PAYLOADS.glob("*.xml"))]


@pytest.mark.timeout(600)
def test_each_is_taken_or_refused_with_a_4xx() -> None:
    told = run(WeChat(token=TOKEN, app_id=APP_ID, aes_key=AES_KEY, api=None), wechat_peer(), MESSAGES, seed=1)
    assert sum(told.values()) == COUNT
    wanted = {
        "taken",
        "not_xml",
        "bad_signature",
        "bad_query",
        "stale",
        "not_encrypted",
        "doubled",
        "bad_field",
    }
    assert wanted <= set(told)
    assert told["taken"] < COUNT / 3
