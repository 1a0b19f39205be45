"""A WeCom app end to end: wechatpy's own crypto is the platform, its web service is on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot import clock
from bot.channels.model import BadMessage, Photo
from bot.channels.wecom.platform import WeCom, WeComApi, configured
from bot.errors import BadInput
from bot.settings import Settings
from bot.storage import database, outbox
from bot.storage.tables import ChannelAccount, OutgoingMessage
from tests.channels.tencent.fakes import (
    AES_KEY,
    AGENT_ID,
    CORP_ID,
    JPEG,
    MEMBER,
    TOKEN,
    FakeTencent,
    wecom_peer,
)
from tests.channels.tencent.lines import Line, line
from tests.until import until


@pytest_asyncio.fixture
async def app(database_url: str) -> AsyncIterator[Line]:
    tencent = FakeTencent().start()
    api = WeComApi(tencent.url, CORP_ID, "secret")
    platform = WeCom(token=TOKEN, corp_id=CORP_ID, aes_key=AES_KEY, agent_id=AGENT_ID, api=api)
    made = line(platform, wecom_peer(), tencent)
    await made.service.start()
    yield made
    await made.service.stop()
    tencent.stop()


async def test_a_member_is_answered_in_the_request(app: Line) -> None:
    assert await app.say("采购合同要办哪些手续") == "收到：采购合同要办哪些手续"
    (asked,) = app.assistant.asked
    assert (asked.input_channel, asked.output_channel.name()) == ("wecom", "wecom")
    assert MEMBER not in asked.sender_id


async def test_a_slow_answer_comes_as_a_message_of_the_app(app: Line) -> None:
    app.assistant.hold()
    xml = app.peer.text("合同")
    assert await asyncio.gather(*(app.deliver(xml) for _ in range(3))) == [None, None, None]
    app.assistant.go()
    assert await app.pushed(1) == ["收到：合同"]
    assert app.tencent.calls[0].path == "/cgi-bin/message/send"
    assert app.tencent.calls[0].body == {
        "touser": MEMBER, "msgtype": "text", "agentid": AGENT_ID, "text": {"content": "收到：合同"},
    }  # fmt: skip
    assert app.tencent.tokens == [{"corpid": CORP_ID, "corpsecret": "secret"}]


async def test_members_can_be_written_to_at_any_time(app: Line) -> None:
    await app.say("你好")
    with database.session_scope() as session:
        row = session.scalars(select(ChannelAccount)).one()
        assert (row.pushes_until, row.pushes_left) == (None, None)
        for number in range(7):
            outbox.notify(
                session, channel="wecom", sender=row.sender_id, text=f"第{number}件", kind="filing",
                reference=f"HT{number}", now=clock.now(),
            )  # fmt: skip
    assert await app.pushed(7) == [f"第{number}件" for number in range(7)]


async def test_a_member_who_may_not_use_the_app_is_not_written_to_again(app: Line) -> None:
    app.tencent.replies = [{"errcode": 0, "invaliduser": MEMBER.lower()}]
    await app.thinking("合同", 1)
    app.assistant.go()

    def unreachable() -> bool:
        with database.session_scope() as session:
            return session.scalars(select(ChannelAccount)).one().unreachable_at is not None

    await until(unreachable)
    with database.session_scope() as session:
        assert "invaliduser" in session.scalars(select(OutgoingMessage)).one().error


async def test_a_message_to_another_app_is_refused(app: Line) -> None:
    with pytest.raises(BadMessage) as refused:
        await app.deliver(app.peer.text("合同").replace(f"<AgentID>{AGENT_ID}", "<AgentID>7"))
    assert refused.value.status == 403


async def test_an_event_is_answered_by_nothing(app: Line) -> None:
    assert await app.deliver(app.peer.event("enter_agent")) is None
    assert app.assistant.asked == []


async def test_a_photo_comes_from_the_offices_store(app: Line) -> None:
    assert await app.platform.fetch(Photo("m-1 http://wework.qpic.cn/x")) == JPEG
    assert app.tencent.calls[0].query["media_id"] == "m-1"


def test_settings_that_are_missing_or_wrong_are_told() -> None:
    assert configured(Settings()) is None
    right = {
        "wecom_token": TOKEN, "wecom_corp_id": CORP_ID, "wecom_aes_key": AES_KEY, "wecom_agent_id": str(AGENT_ID)
    }  # fmt: skip
    app = configured(Settings(**right))
    assert app
    assert not app.can_push
    for wrong in ({"wecom_token": ""}, {"wecom_agent_id": "x"}, {"wecom_aes_key": "short"}):
        with pytest.raises(BadInput):
            configured(Settings(**{**right, **wrong}))
