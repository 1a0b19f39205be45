"""Answers that wait for a person, and what numbers and “更多” mean while they do; the platform is the fake of the others."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from rasa.core.channels.channel import UserMessage
from sqlalchemy import select

from bot import clock
from bot.channels.tencent import wording
from bot.channels.tencent.passive import Busy
from bot.storage import accounts, choices, database, inbound, outbox
from bot.storage.forget import forget
from bot.storage.tables import ChannelAccount, OutgoingMessage
from tests.channels.tencent.fakes import OPENID
from tests.channels.tencent.lines import Line, restarted
from tests.until import until

LONG = "".join(f"第{i}条：水来之前请先储水。" for i in range(100))
MORE = "（后面还有，回复“更多”接着看）"
YES = {"title": "对", "payload": "/affirm"}
NO = {"title": "不对", "payload": "/deny"}
CITY = {"title": "县城", "payload": "/inform_city"}


async def falls(line: Line, monkeypatch: pytest.MonkeyPatch, said: str) -> str:
    """The process falls while the answer to `said` is stored, and another one begins; the delivery."""
    xml = line.peer.text(said)
    with monkeypatch.context() as broken:
        broken.setattr(inbound, "finish", lambda *_, **__: 1 / 0)
        broken.setattr("bot.channels.tencent.passive.PAUSES", ())
        with pytest.raises(Busy):
            await line.deliver(xml)
    await asyncio.sleep(1.1)  # a message of this very second would be left to the process that has it
    await restarted(line)
    return xml


async def left_waiting(line: Line, said: str) -> None:
    """The answer to `said` is ready after the third delivery, and waits for the person."""
    _xml, told = await line.thinking(said)
    assert "更多" in str(told[-1])
    line.assistant.go()
    await line.settled()


# “更多”


async def test_a_fall_while_the_rest_is_stored_loses_nothing_of_it(
    unverified: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    unverified.assistant.says["长"] = ({"text": LONG},)
    first = await unverified.say("长") or ""
    assert first.endswith(MORE)
    xml = await falls(unverified, monkeypatch, "更多")
    rest = await unverified.deliver(xml) or ""
    assert first.removesuffix(MORE).rstrip("\n") + rest == LONG
    assert "没有更多" in str(await unverified.say("更多"))


async def test_a_fall_while_a_waiting_answer_is_given_loses_nothing_of_it(
    unverified: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    await left_waiting(unverified, "停水")
    xml = await falls(unverified, monkeypatch, "更多")
    assert await unverified.deliver(xml) == "收到：停水"


async def test_an_answer_that_was_given_on_more_is_not_given_to_a_late_delivery_too(unverified: Line) -> None:
    xml, told = await unverified.thinking("停水", 1)
    assert told == [None]
    unverified.assistant.go()
    await unverified.settled()
    assert await unverified.say("更多") == "收到：停水"
    assert await unverified.deliver(xml) is None
    await restarted(unverified)
    assert await unverified.deliver(xml) is None


async def test_more_that_is_sent_twice_goes_on(unverified: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "SEEN_AFTER", timedelta(seconds=1))
    unverified.assistant.says["长"] = ({"text": LONG * 3},)
    parts = [await unverified.say(said) or "" for said in ("长", "更多", "更多")]
    assert (
        "".join(part.removesuffix(MORE).rstrip("\n") for part in parts)
        == (LONG * 3)[: sum(map(len, parts)) - 3 * len(MORE) - 3]
    )


# Choices belong to the message that they were shown with


@pytest.fixture
def slow_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """People need a second to see an answer, as they do."""
    monkeypatch.setattr(choices, "SEEN_AFTER", timedelta(seconds=1))


async def asked_twice(line: Line, second: tuple[dict[str, object], ...]) -> None:
    """A question with choices; later a slow one, and while it is worked on a number."""
    line.assistant.says = {"甲": ({"text": "对吗？", "buttons": [YES, NO]},), "乙": second}
    await line.say("甲")
    await asyncio.sleep(1.2)
    line.assistant.hold()
    slow = asyncio.create_task(line.say("乙"))
    await until(lambda: "乙" in line.assistant.texts)
    number = asyncio.create_task(line.say("2"))
    await asyncio.gather(slow, number)  # neither has an answer in time
    line.assistant.go()
    await line.settled()


@pytest.mark.usefixtures("slow_reader")
async def test_a_number_sent_while_an_answer_is_on_its_way_is_for_the_choices_that_were_read(
    verified: Line,
) -> None:
    await asked_twice(verified, ({"text": "哪里？", "buttons": [CITY, CITY | {"payload": "/inform_other"}]},))
    assert verified.assistant.texts == ["甲", "乙", "/deny"]


@pytest.mark.usefixtures("slow_reader")
async def test_so_it_is_where_the_answer_asks_for_a_number(verified: Line) -> None:
    await asked_twice(verified, ({"text": "有几户没水？"},))
    assert verified.assistant.texts == ["甲", "乙", "/deny"]


@pytest.mark.usefixtures("slow_reader")
async def test_a_number_sent_after_the_answer_came_is_for_the_new_choices(verified: Line) -> None:
    verified.assistant.says = {
        "甲": ({"text": "对吗？", "buttons": [YES, NO]},), "乙": ({"text": "哪里？", "buttons": [CITY]},)
    }  # fmt: skip
    await verified.say("甲")
    await verified.say("乙")
    await asyncio.sleep(1.2)
    await verified.say("1")
    assert verified.assistant.texts[-1] == "/inform_city"


@pytest.mark.usefixtures("slow_reader")
async def test_a_number_is_not_for_the_choices_of_an_answer_that_waits(unverified: Line) -> None:
    says = {"甲": ({"text": "对吗？", "buttons": [YES, NO]},), "乙": ({"text": "哪里？", "buttons": [CITY]},)}
    unverified.assistant.says = says
    await unverified.say("甲")
    await asyncio.sleep(1.2)
    await left_waiting(unverified, "乙")
    await unverified.say("1")
    assert unverified.assistant.texts == ["甲", "乙", "/affirm"]


# An account that turns out not to be allowed, a person who wants nothing


def refused() -> list[OutgoingMessage]:
    with database.session_scope() as session:
        rows = list(session.scalars(select(OutgoingMessage).where(OutgoingMessage.error.is_not(None))))
        session.expunge_all()
        return rows


@pytest.mark.parametrize("code", [48001, 48002])
async def test_what_the_platform_refused_goes_with_the_next_answer(
    verified: Line, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    buttons = [YES, NO]
    verified.assistant.says["停水"] = ({"text": "是老街吗？", "buttons": buttons},)
    verified.tencent.replies = [{"errcode": code}]
    _xml, told = await verified.thinking("停水", 1)
    assert told == [None]
    verified.assistant.go()
    await until(refused)
    await verified.settled()
    assert [row.sent_at for row in refused()] == [None]
    assert verified.tencent.texts == []
    # Its choices are over, for the person has said something else. The courier looks while that is worked on.
    looks, deliver_due = 0, verified.service._courier._deliver_what_is_due

    async def look() -> None:
        nonlocal looks
        await deliver_due()
        looks += 1

    monkeypatch.setattr(verified.service._courier, "_deliver_what_is_due", look)
    handle = verified.assistant.handle

    async def looked_meanwhile(message: UserMessage) -> None:
        before = looks
        while looks < before + 3:
            verified.service._courier.wake()
            await asyncio.sleep(0.02)
        await handle(message)

    conversation = verified.service._reception.asking._conversation
    monkeypatch.setattr(conversation, "_on_new_message", looked_meanwhile)
    assert await verified.say("在吗") == "是老街吗？\n\n收到：在吗"
    monkeypatch.setattr(conversation, "_on_new_message", handle)
    assert await verified.say("在吗") == "收到：在吗"
    assert verified.platform.can_push is (code == 48002)
    assert verified.tencent.texts == []


async def test_what_waits_leaves_its_choices_where_nothing_else_was_asked(unverified: Line) -> None:
    unverified.assistant.says["停水"] = ({"text": "是老街吗？", "buttons": [YES, NO]},)
    await left_waiting(unverified, "停水")
    told = await unverified.deliver(
        unverified.peer.message("voice", "<MediaId>m</MediaId><Recognition></Recognition>")
    )
    assert str(told).startswith("是老街吗？\n\n回复1 对\n回复2 不对\n\n对不起")
    await unverified.say("1")
    assert unverified.assistant.texts[-1] == "/affirm"


async def test_a_long_answer_that_waited_comes_whole_behind_the_next(unverified: Line) -> None:
    unverified.assistant.says["长"] = ({"text": LONG},)
    await left_waiting(unverified, "长")
    told = await unverified.say("在吗") or ""
    assert told.startswith("收到：在吗\n\n第0条")
    assert len(told.encode()) <= 2048
    rest = await unverified.say("更多") or ""
    whole = told.removesuffix(MORE).removeprefix("收到：在吗") + rest
    assert "".join(whole.split()) == LONG
    assert "没有更多" in str(await unverified.say("更多"))


# The language of what is late


@pytest.mark.parametrize("said", ["3", "13912340001", "HN261124-001"])
async def test_who_speaks_english_is_asked_for_patience_in_english(unverified: Line, said: str) -> None:
    await unverified.say("There is no water in our street since last night")
    _xml, told = await unverified.thinking(said)
    assert str(told[-1]).startswith("I have your message")
    unverified.assistant.go()
    await unverified.settled()


def test_nobody_known_is_asked_for_patience_in_chinese(database_url: str) -> None:
    said = wording.late(wording.Words("3"), channel="wechat", address=OPENID)
    assert said.startswith("您的话收到了")


# 忘记我


async def test_old_answers_of_an_account_that_cannot_push_go_too(
    unverified: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    await unverified.say("停水")
    later = clock.now() + outbox.REPLIES_KEPT + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    await restarted(unverified)

    def left() -> list[OutgoingMessage]:
        with database.session_scope() as session:
            return list(session.scalars(select(OutgoingMessage)))

    await until(lambda: not left())


async def test_the_last_word_to_who_is_forgotten_is_given_to_the_next_delivery_by_any_worker(
    unverified: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forgets(message: object) -> None:
        with database.session_scope() as session:
            sender = accounts.sender_of("wechat", OPENID)
            forget(session, channel="wechat", sender=sender, now=clock.now(), told_after=True)
        await said(message)

    said = unverified.assistant.handle
    unverified.service._reception.asking._conversation._on_new_message = forgets
    unverified.assistant.says["删掉"] = ({"text": "都删掉了。"},)
    xml = unverified.peer.text("删掉")
    assert [await unverified.deliver(xml) for _ in range(2)] == ["都删掉了。"] * 2
    await restarted(unverified)
    assert await unverified.deliver(xml) == "都删掉了。"
    assert unverified.assistant.texts == ["删掉"]
    for later, left in ((20, 1), (40, 0)):  # then nobody asks for it any more
        moment = clock.now() + timedelta(seconds=later)
        monkeypatch.setattr("bot.channels.ledger.clock.now", lambda moment=moment: moment)
        await unverified.service._resume()
        with database.session_scope() as session:
            assert len(session.scalars(select(ChannelAccount)).all()) == left
            assert len(session.scalars(select(OutgoingMessage)).all()) == left
