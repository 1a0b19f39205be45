"""100,000 bent deliveries of a WeCom app."""

from __future__ import annotations

import pytest

from bot.channels.wecom.platform import WeCom
from tests.channels.tencent.fakes import AES_KEY, AGENT_ID, CORP_ID, TOKEN, wecom_peer
from tests.channels.tencent.fuzz import COUNT, run
from tests.channels.wecom.test_messages import PAYLOADS

MESSAGES = [path.read_text(encoding="utf8") for path in sorted(PAYLOADS.glob("*.xml"))]


@pytest.mark.timeout(600)
def test_each_is_taken_or_refused_with_a_4xx() -> None:
    platform = WeCom(token=TOKEN, corp_id=CORP_ID, aes_key=AES_KEY, agent_id=AGENT_ID, api=None)
    told = run(platform, wecom_peer(), MESSAGES, seed=2)
    assert sum(told.values()) == COUNT
    assert {
        "taken",
        "not_xml",
        "bad_signature",
        "bad_query",
        "stale",
        "other_app",
        "doubled",
        "bad_field",
    } <= set(told)
