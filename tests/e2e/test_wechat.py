"""`wuchang serve` with an official account: signed and encrypted deliveries over HTTP, the trained model behind it."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict
from urllib.parse import urlencode

import pytest

from bot.channels.tencent.envelope import Query
from bot.runtime.training import ensure_model
from tests.channels.tencent.fakes import (
    AES_KEY,
    AGENT_ID,
    APP_ID,
    CORP_ID,
    TOKEN,
    FakeTencent,
    wechat_peer,
    wecom_peer,
)
from tests.e2e.served import Served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    ensure_model()
    folder = tmp_path_factory.mktemp("wechat")
    tencent = FakeTencent().start()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "WECHAT_TOKEN": TOKEN, "WECHAT_APP_ID": APP_ID, "WECHAT_AES_KEY": AES_KEY, "WECHAT_APP_SECRET": "secret",
            "WECHAT_API_URL": tencent.url, "WECOM_TOKEN": TOKEN, "WECOM_CORP_ID": CORP_ID, "WECOM_AES_KEY": AES_KEY,
            "WECOM_AGENT_ID": str(AGENT_ID),
        }.items():  # fmt: skip
            patch.setenv(f"WUCHANG_{name}", value)
        running = Served(f"sqlite:///{folder}/wuchang.db", folder)
    running.tencent = tencent  # type: ignore[attr-defined]
    yield running
    if running.process.poll() is None:
        running.stop()
    tencent.stop()


def post(served: Served, name: str, query: Query, body: bytes) -> str:
    given = urlencode({key: value for key, value in asdict(query).items() if value})
    url = f"http://127.0.0.1:{served.port}/webhooks/{name}/webhook?{given}"
    with urllib.request.urlopen(urllib.request.Request(url, body), timeout=30) as response:
        return str(response.read().decode())


def test_a_resident_reports_an_outage_by_numbers_and_words(served: Served) -> None:
    peer = wechat_peer()

    def say(xml: str) -> str:
        return peer.opened(post(served, "wechat", *peer.sealed(xml)))["Content"]

    greeting = say(peer.event("subscribe"))
    assert greeting.startswith("您好")
    assert "回复1 报停水" in greeting
    time.sleep(1.1)  # nobody reads it within a second: such a number would be for what was shown before
    assert "回复1 没水" in say(peer.text("1"))
    told = say(peer.text("咸塘镇卫生院没水，昨晚七点停的，电话13912340100，整条街都没有"))
    assert "对吗" in told
    assert "HN" in say(peer.text("对"))
    report = served.listed("reports")[-1]
    assert (report["township"], report["channel"]) == ("咸塘镇", "wechat")


def test_three_deliveries_are_one_report(served: Served) -> None:
    peer = wechat_peer()
    xml = peer.text("三塘镇老街停水了", sender="oSomebodyElse000000000000001")
    answers = [peer.opened(post(served, "wechat", *peer.sealed(xml)))["Content"] for _ in range(3)]
    assert len(set(answers)) == 1


def test_staff_ask_over_wecom(served: Served) -> None:
    peer = wecom_peer()
    told = peer.opened(post(served, "wecom", *peer.sealed(peer.text("合同签好以后要不要备案"))))["Content"]
    assert "备案" in told


def test_a_forged_message_is_refused(served: Served) -> None:
    peer = wechat_peer()
    query, body = peer.sealed(peer.text("停水"))
    with pytest.raises(urllib.error.HTTPError) as refused:
        post(served, "wechat", Query(query.timestamp, "x", query.signature, query.msg_signature, "aes"), body)
    assert refused.value.code == 403


def test_it_ends_in_order_and_its_log_holds_no_secret(served: Served) -> None:
    assert served.stop() == 0
    log = served.log.read_text(errors="replace")
    for secret in ("13912340100", "老街", TOKEN, AES_KEY, "access_token", "oLVPpjqs9BhvzwPj5A"):
        assert secret not in log
